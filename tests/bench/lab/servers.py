"""One RestKv and one etcd on loopback, each with its own fresh data directory, and the calls a driver makes to them."""
import base64
import http.client
import json
import os
import shutil
import signal
import subprocess
import time

from . import machine

START_SECONDS = 120
STOP_SECONDS = 30
QUOTA = 8 << 30


def encode(data):
    return base64.b64encode(data if isinstance(data, bytes) else data.encode()).decode()


def key(number):
    return "k/%014d" % number


class Server:
    """A server process that is started, asked and ended by its process id alone."""

    def __init__(self, program, port, folder, pinned=False):
        self.program, self.port, self.folder, self.pinned, self.process = program, port, folder, pinned, None
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        self.log = os.path.join(folder, "server.log")
        self.data = os.path.join(folder, "data")
        self.start()

    @property
    def pid(self):
        return self.process.pid

    def cpu_seconds(self):
        return machine.cpu_seconds(self.pid)

    def start(self):
        """Starts the process and returns the seconds until it has answered a linearizable read."""
        machine.require_free_port(self.port)
        machine.require_free_port(self.port + 1)
        began = time.monotonic()
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command(), stdout=log, stderr=log, cwd=self.folder,
                                            preexec_fn=machine.pin(0) if self.pinned else None)
        try:
            self._wait(began + START_SECONDS)
        except BaseException:
            self.stop()
            raise
        return time.monotonic() - began

    def stop(self, how=signal.SIGTERM):
        """Ends the process and returns the seconds that took."""
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return time.monotonic() - began

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def ask(self, method, path, body=None, headers=None, timeout=30):
        """One request on a connection of its own: status, body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def must(self, method, path, body=None, headers=None, timeout=30):
        status, answer = self.ask(method, path, body, headers, timeout)
        if not 200 <= status < 300:
            raise RuntimeError(f"{self.name}: {method} {path} answered {status}: {answer[:300]}")
        return answer

    def resident_mib(self):
        return machine.resident_mib(self.pid)

    def disk_mib(self):
        return machine.disk_mib(self.data)

    def _wait(self, end):
        while True:
            if self.process.poll() is not None:
                with open(self.log, encoding="utf-8", errors="replace") as f:
                    raise RuntimeError(f"{self.name} ended as it started:\n{f.read()[-2000:]}")
            try:
                if self.can_read():
                    return
            except OSError:
                pass  # Not listening yet.
            if time.monotonic() > end:
                raise RuntimeError(f"{self.name} did not answer in {START_SECONDS} s")
            time.sleep(0.005)


class RestKv(Server):
    name = "restkv"

    def command(self):
        return [self.program, "serve", "--name", "bench", "--data-dir", self.data,
                "--listen-client-urls", f"http://127.0.0.1:{self.port}", "--advertise-client-urls", f"http://127.0.0.1:{self.port}",
                "--listen-peer-urls", f"http://127.0.0.1:{self.port + 1}", "--initial-advertise-peer-urls", f"http://127.0.0.1:{self.port + 1}",
                "--initial-cluster", f"bench=http://127.0.0.1:{self.port + 1}", "--quota-backend-bytes", "8GiB"]

    def can_read(self):
        return self.ask("GET", "/v1/kv/" + key(0), timeout=5)[0] in (200, 404)

    def revision(self):
        return int(json.loads(self.must("GET", "/v1/kv?prefix=none&limit=1"))["rev"])

    def compact(self, revision):
        self.must("POST", "/v1/compact", json.dumps({"rev": revision}), {"Content-Type": "application/json"}, 300)

    def range_length(self, count):
        prefix = key(0)[:16 - len(str(count - 1))]
        items = json.loads(self.must("GET", f"/v1/kv?prefix={prefix}&limit={count}"))["items"]
        return sum(1 for item in items if len(item["value"]) == 256)

    def log_files(self):
        return _names(self.data, ("wal",), ".wal"), _names(self.data, ("snap", "snapshots"), "")


class Etcd(Server):
    name = "etcd"

    def command(self):
        return [self.program, "--name", "bench", "--data-dir", self.data,
                "--listen-client-urls", f"http://127.0.0.1:{self.port}", "--advertise-client-urls", f"http://127.0.0.1:{self.port}",
                "--listen-peer-urls", f"http://127.0.0.1:{self.port + 1}", "--initial-advertise-peer-urls", f"http://127.0.0.1:{self.port + 1}",
                "--initial-cluster", f"bench=http://127.0.0.1:{self.port + 1}", "--quota-backend-bytes", str(QUOTA), "--log-level", "error"]

    def can_read(self):
        return self._post("/v3/kv/range", {"key": encode(key(0))}, 5) is not None

    def revision(self):
        return int(self._post("/v3/kv/range", {"key": encode("none")})["header"]["revision"])

    def compact(self, revision):
        """Returns when the space is free again: etcd can be asked to wait for that."""
        self._post("/v3/kv/compaction", {"revision": revision, "physical": True}, 300)

    def range_length(self, count):
        prefix = key(0)[:16 - len(str(count - 1))]
        end = prefix[:-1] + chr(ord(prefix[-1]) + 1)
        items = self._post("/v3/kv/range", {"key": encode(prefix), "range_end": encode(end)})["kvs"]
        return sum(1 for item in items if len(base64.b64decode(item["value"])) == 256)

    def log_files(self):
        return _names(self.data, ("wal",), ".wal"), _names(self.data, ("snap",), ".snap")

    def _post(self, path, body, timeout=30):
        status, answer = self.ask("POST", path, json.dumps(body), {"Content-Type": "application/json"}, timeout)
        if status != 200:
            if timeout <= 5:
                return None
            raise RuntimeError(f"etcd: {path} answered {status}: {answer[:300]}")
        return json.loads(answer)


def _names(root, folders, ending):
    """Names of the finished files below any folder of one of these names."""
    found = set()
    for parent, _, names in os.walk(root):
        if os.path.basename(parent) in folders:
            found.update(n for n in names if n.endswith(ending) and not n.endswith((".tmp", ".broken")))
    return found
