"""Three members of one product on this machine, and the calls a driver makes to them."""
import http.client
import json
import os
import signal
import subprocess
import time

from . import machine
from .servers import QUOTA, encode

MEMBERS = 3
PATIENCE_SECONDS = 60
ASK_SECONDS = 10


def wait_for(condition, what):
    end = time.monotonic() + PATIENCE_SECONDS
    while not (found := condition()):
        if time.monotonic() > end:
            raise RuntimeError(f"gave up waiting for {what}")
        time.sleep(0.02)
    return found


class Member:
    """One member: keeps its name, directory and ports over any number of processes. Ended by its process id alone."""

    def __init__(self, product, number):
        self.product = product
        self.name = f"n{number}"
        self.data = os.path.join(product.folder, self.name)
        self.log = self.data + ".log"
        self.port = product.port + 2 * number
        self.peer = self.port + 1
        self.process = None

    @property
    def pid(self):
        return self.process.pid

    def start(self, **choices):
        for port in (self.port, self.peer):
            machine.require_free_port(port)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.product.command(self, **choices), stdout=log, stderr=log)

    def signal(self, number):
        self.process.send_signal(number)

    def end(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait()

    def resident_mib(self):
        return machine.resident_mib(self.pid)

    def ask(self, method, path, body=None, timeout=ASK_SECONDS):
        """Status and body; nothing when there is no answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return None, b""
        finally:
            connection.close()

    def ask_json(self, method, path, body=None):
        status, answer = self.ask(method, path, None if body is None else json.dumps(body))
        return json.loads(answer) if status == 200 else {}


class Product:
    """A cluster of one product. What differs between products is in the classes below."""

    def __init__(self, program, folder, port, flags=()):
        self.program, self.folder, self.port, self.flags = program, folder, port, list(flags)
        os.makedirs(folder, exist_ok=True)
        self.members = [Member(self, number) for number in range(MEMBERS)]

    def start(self):
        for member in self.members:
            member.start()
        self.wait_until_ready()

    def wait_until_ready(self):
        wait_for(lambda: all(self.is_ready(m) for m in self.members), f"all members of {self.name} to be ready")

    def leader(self, among=None):
        """The one that leads and that the others follow, as soon as there is one."""
        return wait_for(lambda: self._leader_now(among or self.members), f"a leader of {self.name}")

    def listed(self, members=None):
        return ",".join(f"{m.name}=http://127.0.0.1:{m.peer}" for m in members or self.members)

    def end(self):
        for member in self.members:
            member.end()

    def _leader_now(self, among):
        seen = [self.leads(m) for m in among]
        return among[seen.index(True)] if seen.count(True) == 1 and None not in seen else None


class RestKvMembers(Product):
    name = "restkv"

    def command(self, member, existing=False, listed=None):
        return [self.program, "serve", "--name", member.name, "--data-dir", member.data,
                "--listen-client-urls", f"http://127.0.0.1:{member.port}", "--listen-peer-urls", f"http://127.0.0.1:{member.peer}",
                "--initial-cluster", listed or self.listed(), "--quota-backend-bytes", "8GiB",
                *(["--initial-cluster-state", "existing"] if existing else []), *self.flags]

    def is_ready(self, member):
        return member.ask("GET", "/readyz")[0] == 200

    def leads(self, member):
        """Nothing when it does not answer or knows no leader."""
        status = member.ask_json("GET", "/v1/status")
        return status["role"] == "leader" if status.get("leader") else None

    def put(self, key, value):
        return "PUT", f"/v1/kv/{key}", value, {}

    def move_leader(self, leader, to):
        return leader.ask("POST", "/v1/cluster/leader", json.dumps({"member": to.name}))[0] == 200

    def add(self, member):
        """Makes room for one more member; the cluster expects it from here on."""
        body = {"name": member.name, "peerUrls": [f"http://127.0.0.1:{member.peer}"]}
        if self.members[0].ask("POST", "/v1/members", json.dumps(body))[0] not in (200, 201, 202):
            raise RuntimeError("restkv: the member was not added")

    def applied(self, member):
        return int(member.ask_json("GET", "/v1/status").get("appliedIndex", 0))


class EtcdMembers(Product):
    name = "etcd"

    def command(self, member, existing=False, listed=None):
        client, peer = f"http://127.0.0.1:{member.port}", f"http://127.0.0.1:{member.peer}"
        return [self.program, "--name", member.name, "--data-dir", member.data,
                "--listen-client-urls", client, "--advertise-client-urls", client, "--listen-peer-urls", peer,
                "--initial-advertise-peer-urls", peer, "--initial-cluster", listed or self.listed(),
                "--initial-cluster-state", "existing" if existing else "new", "--quota-backend-bytes", str(QUOTA), "--log-level", "error"]

    def is_ready(self, member):
        return member.ask_json("GET", "/health").get("health") == "true"

    def leads(self, member):
        status = member.ask_json("POST", "/v3/maintenance/status", {})
        return status["leader"] == status["header"]["member_id"] if status.get("leader") else None

    def put(self, key, value):
        return "POST", "/v3/kv/put", json.dumps({"key": encode(key), "value": encode(value)}), {"Content-Type": "application/json"}

    def move_leader(self, leader, to):
        target = to.ask_json("POST", "/v3/maintenance/status", {})["header"]["member_id"]
        return leader.ask("POST", "/v3/maintenance/transfer-leadership", json.dumps({"targetID": target}))[0] == 200

    def add(self, member):
        body = {"peerURLs": [f"http://127.0.0.1:{member.peer}"], "isLearner": True}
        if self.members[0].ask("POST", "/v3/cluster/member/add", json.dumps(body))[0] != 200:
            raise RuntimeError("etcd: the member was not added")

    def applied(self, member):
        # A learner of etcd answers nothing but its status.
        return int(member.ask_json("POST", "/v3/maintenance/status", {}).get("raftAppliedIndex", 0))
