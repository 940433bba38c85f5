"""Starts etcd or RestKv, one member or several, on loopback addresses and ports that nobody else has."""

import ctypes
import ipaddress
import itertools
import json
import os
import pathlib
import shutil
import signal
import ssl
import subprocess
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[3]
PATIENCE = 120
CLIENT_PORT = 32379
PEER_PORT = 32380

_hosts = itertools.count(1)


def until(condition, what, details=lambda: ""):
    """Waits for a condition. The deadline says when to give up, not how fast a store must be."""
    end = time.monotonic() + PATIENCE
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise TimeoutError(f"gave up waiting for: {what}\n{details()}")
        time.sleep(0.02)


def next_host():
    """An address of this process: 127.0.x.x stays free, that is where everybody else listens."""
    process = os.getpid()
    return str(ipaddress.IPv4Address(bytes([127, 1 + process // 256 % 254, process % 256, next(_hosts)])))


def die_with_parent():
    """A server outlives nobody who started it, even if that was killed."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    os.setpgid(0, 0)


def post(endpoint, path, body, authority=None, timeout=10):
    """One call of the JSON gateway, over TLS if there is somebody to trust."""
    scheme, context = ("https", ssl.create_default_context(cafile=authority)) if authority else ("http", None)
    request = urllib.request.Request(f"{scheme}://{endpoint}{path}", json.dumps(body).encode(), method="POST")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    with opener.open(request, timeout=timeout) as answer:
        return json.load(answer)


def make_certificate(folder, hosts):
    """A key and a certificate that signs itself, for all hosts of a store."""
    key, certificate = folder / "server.key", folder / "server.crt"
    names = ",".join(f"IP:{host}" for host in hosts)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=store under test", "-addext", f"subjectAltName={names}", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True)
    return key, certificate


class Member:
    """One server process, which keeps its name, directory and addresses over any number of lives."""

    def __init__(self, store, number):
        self.store, self.number, self.name = store, number, f"n{number}"
        host = store.network.host(number) if store.network else next_host()
        self.client, self.peer = f"{host}:{CLIENT_PORT}", f"{host}:{PEER_PORT}"
        self.directory = store.folder / self.name
        self.log = store.folder / f"{self.name}.log"
        self.process = None
        self.is_paused = self.is_cut_off = False

    @property
    def is_running(self):
        return self.process is not None and self.process.poll() is None

    @property
    def is_with_the_others(self):
        return self.is_running and not self.is_paused and not self.is_cut_off

    def start(self):
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("ETCD", "RESTKV_"))}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.store.command(self), stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment,
                preexec_fn=die_with_parent)
        self.is_paused = False

    def kill(self):
        """kill -9."""
        self.process.kill()
        self.process.wait()
        self.is_paused = False

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)
        self.is_paused = True

    def resume(self):
        self.process.send_signal(signal.SIGCONT)
        self.is_paused = False

    def cut(self):
        """Its clients reach it, but no other member does, nor it any of them."""
        self.store.network.cut(self.number)
        self.is_cut_off = True

    def heal(self):
        self.store.network.heal()
        self.is_cut_off = False

    def is_healthy(self):
        """Whether it answers a linearizable read."""
        if not self.is_running:
            raise RuntimeError(f"{self.name} of {self.store.kind} ended:\n{self.read_log()}")
        try:
            return "header" in post(self.client, "/v3/kv/range", {"key": "AA=="}, self.store.authority, timeout=5)
        except urllib.error.HTTPError as refusal:
            # Who it is is asked after the read.
            return refusal.code == 400 and b"user name is empty" in refusal.read()
        except (OSError, ValueError, urllib.error.URLError):
            return False

    def read_log(self):
        return self.log.read_text(errors="replace")[-6000:]


class Store:
    """A cluster of `etcd` or `restkv`."""

    def __init__(self, kind, folder, members=1, binary=None, flags=(), tls=False, network=None):
        self.kind, self.flags, self.network = kind, list(flags), network
        self.binary = str(binary or default_binary(kind))
        self.folder, self.authority = pathlib.Path(folder), None
        self.folder.mkdir(parents=True, exist_ok=True)
        self.members = [Member(self, number + 1) for number in range(members)]
        if tls:
            key, self.authority = make_certificate(self.folder, [member.client.split(":")[0] for member in self.members])
            self.flags += ["--cert-file", str(self.authority), "--key-file", str(key)]

    @property
    def endpoints(self):
        return ",".join(member.client for member in self.members)

    def command(self, member):
        peers = ",".join(f"{each.name}=http://{each.peer}" for each in self.members)
        client = f"{'https' if self.authority else 'http'}://{member.client}"
        common = [
            "--name", member.name, "--data-dir", str(member.directory),
            "--listen-client-urls", client, "--advertise-client-urls", client,
            "--listen-peer-urls", f"http://{member.peer}", "--initial-advertise-peer-urls", f"http://{member.peer}",
            "--initial-cluster", peers, *self.flags]
        # Nobody else is in a network of its own, which RestKv cannot know.
        own = ["--insecure"] if self.network else []
        command = [self.binary, *common] if self.kind == "etcd" else [self.binary, "serve", *common, "--wal-segment-bytes", "4MiB", *own]
        return self.network.enter(member.number, command) if self.network else command

    def start(self):
        for member in self.members:
            member.start()
        self.until_healthy()
        return self

    def until_healthy(self):
        for member in self.members:
            if member.is_with_the_others:
                until(member.is_healthy, f"{member.name} of {self.kind} to be healthy", member.read_log)

    def leader(self, ask=None):
        """The member that leads, as somebody who runs sees it; None while there is none."""
        ask = ask or (lambda endpoint, path, body: post(endpoint, path, body, self.authority, timeout=2))
        for member in self.members:
            if not member.is_with_the_others:
                continue
            try:
                status = ask(member.client, "/v3/maintenance/status", {})
            except (OSError, ValueError, urllib.error.URLError):
                continue
            if status.get("leader") and status["leader"] == status["header"]["member_id"]:
                return member
        return None

    def stop(self):
        for member in self.members:
            if member.is_running:
                member.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_):
        self.stop()


def default_binary(kind):
    """Debian's etcd; the restkv of this repository, the newest that was built."""
    if kind == "etcd":
        return shutil.which("etcd") or "etcd"
    built = [ROOT / "artifacts/bin/RestKv.Api" / flavour / "restkv" for flavour in ("release", "debug")]
    found = sorted((path for path in built if path.exists()), key=lambda path: path.stat().st_mtime)
    return found[-1] if found else built[0]
