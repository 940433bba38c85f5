"""Runs load clients against a server and accounts what it cost: latencies, and CPU of server, client and bystanders."""
import json
import os
import resource
import subprocess
import threading
import time

from . import machine

HERE = os.path.dirname(os.path.abspath(__file__))

# Callers to HTTP/2 connections: as many as a careful client library would open.
CONNECTIONS = {1: 1, 16: 1, 64: 1, 256: 4, 1000: 10}

CLIENT_SECONDS_MAX = 600


class Load:
    """How hard and how long to load; shared by all suites of one comparison."""

    def __init__(self, tools, seconds, keys, quiet_cores, quiet_wait, pinned):
        self.tools, self.seconds, self.keys = tools, seconds, keys
        self.quiet_cores, self.quiet_wait, self.pinned = quiet_cores, quiet_wait, pinned

    def wrk(self, server, script, operation, connections, seconds=None):
        """wrk over HTTP/1.1 with one thread: closed loop, random keys."""
        seconds = seconds or self.seconds
        return self._wrk(server, script, operation, connections, seconds).finish(seconds + 60)

    def wrk_on_all(self, servers, script, operation, connections):
        """The same on several members at once; requests a second are added up, of the latencies the worst counts."""
        sessions = [self._wrk(server, script, operation, connections, self.seconds) for server in servers]
        rows = [session.finish(self.seconds + 60) for session in sessions]
        together = {name: sum(row[name] for row in rows) for name in ("requests", "all_requests", "errors", "per_second")}
        together.update({name: max(row[name] for row in rows) for name in ("p50_us", "p99_us", "p999_us", "max_us")})

        # Each session has seen the processor time of all members.
        together["server_us"] = round(max(row["server_us"] * row["all_requests"] for row in rows) / max(1, together["all_requests"]), 1)
        return together

    def _wrk(self, server, script, operation, connections, seconds):
        command = [self.tools.wrk, "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "10s", "--latency",
                   "-s", os.path.join(HERE, "wrk", script), f"http://127.0.0.1:{server.port}"]
        environment = {"OP": operation, "KEYS": str(self.keys), "VALUE_BYTES": "256", "LUA_FOLDER": os.path.join(HERE, "wrk"),
                       "LD_LIBRARY_PATH": self.tools.libraries()}
        return Session(self, server, command, environment)

    def http2(self, server, protocol, operation, callers, connections=None, count=0, keys=None, seconds=None, value_bytes=256):
        """Our own client over HTTP/2: etcd's API as gRPC, RestKv's as plain requests."""
        command = [self.tools.loadgen, protocol, "--port", str(server.port), "--op", operation, "--callers", str(callers),
                   "--connections", str(connections or CONNECTIONS[callers]), "--seconds", str(seconds or self.seconds),
                   "--keys", str(keys or self.keys), "--count", str(count), "--value-bytes", str(value_bytes)]
        return Session(self, server, command).finish(CLIENT_SECONDS_MAX)

    def fill(self, server, keys, callers=256, value_bytes=256, connections=None):
        """Every key once, or once more."""
        protocol = "h2" if server.name == "restkv" else "grpc"
        row = self.http2(server, protocol, "fill", callers, connections, count=keys, keys=keys, value_bytes=value_bytes)
        if row["errors"] or row["all_requests"] != keys:
            raise RuntimeError(f"{server.name}: filling {keys} keys gave {row}")
        return row

    def watch(self, server, watchers, rate, connections, api=None, over="http"):
        """Streams of one prefix and puts at a fixed rate, by the server's own API or by etcd's."""
        command = [self.tools.loadgen, "watch", "--port", str(server.port), "--target", api or server.name, "--over", over, "--watchers", str(watchers),
                   "--rate", str(rate), "--seconds", str(self.seconds), "--connections", str(connections),
                   "--drain", str(2 * self.seconds)]
        before = server.resident_mib()
        session = Session(self, server, command)
        session.read_ready(120)
        time.sleep(min(2, self.seconds))
        open_mib = server.resident_mib() - before
        session.restart_accounts()
        session.say("go")
        row = session.finish(4 * self.seconds + 120)
        row["server_mib"] = round(server.resident_mib(), 1)
        row["kib_per_stream"] = round(open_mib * 1024 / watchers, 1)
        return row

    def steady(self, server, rate, connections, keys):
        """Puts at a fixed rate in named windows: the caller says when one ends."""
        command = [self.tools.loadgen, "steady", "--port", str(server.port), "--target", server.name, "--rate", str(rate),
                   "--connections", str(connections), "--keys", str(keys)]
        session = Session(self, server, command)
        session.read_ready(30)
        return session


class Session:
    """One run of a load client beside one server."""

    def __init__(self, load, server, command, environment=None):
        machine.wait_until_quiet(load.quiet_cores, load.quiet_wait)
        self.server, self.command, self.lines, self.ready = server, command, [], threading.Event()
        self.restart_accounts()
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**os.environ, **(environment or {})}, preexec_fn=machine.pin(1) if load.pinned else None)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def restart_accounts(self):
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.client_before = children.ru_utime + children.ru_stime
        self.server_before = self.server.cpu_seconds()
        self.machine_before, self.began = machine.machine_cpu_seconds(), time.monotonic()

    def read_ready(self, timeout):
        if not self.ready.wait(timeout):
            self.process.kill()
            raise RuntimeError(f"{' '.join(self.command[:2])} was not ready: {''.join(self.lines)[-500:]}")

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def finish(self, timeout):
        """Ends the input, waits for the client and returns its figures with the accounts."""
        try:
            self.process.stdin.close()
            self.process.wait(timeout)
        except (subprocess.TimeoutExpired, BrokenPipeError):
            self.process.kill()
            self.process.wait()
        self.reader.join(10)
        figures = [line[5:] for line in self.lines if line.startswith("JSON ")]
        if not figures:
            raise RuntimeError(f"{' '.join(self.command[:2])} failed: {''.join(self.lines)[-1500:]}")
        return self._account(json.loads(figures[-1]))

    def _account(self, row):
        wall = time.monotonic() - self.began
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        client = children.ru_utime + children.ru_stime - self.client_before
        server = self.server.cpu_seconds() - self.server_before
        others = machine.machine_cpu_seconds() - self.machine_before - client - server
        requests = max(1, row.get("all_requests") or row.get("requests") or 1)
        row.update(server_us=round(server / requests * 1e6, 1), client_us=round(client / requests * 1e6, 1),
                   server_cores=round(server / wall, 2), client_cores=round(client / wall, 2), other_cores=round(others / wall, 2))
        return row

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line)
            if line.startswith("READY"):
                self.ready.set()
        self.ready.set()
