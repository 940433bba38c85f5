"""What must hold for Patroni over a store. Each scenario raises when it does not, and prints what it saw."""

import json
import threading
import time

import evidence as judging
from nodes import PASSWORD, PREFIX, USER, Node
from support import servers

# Keys of a cluster with a leader, members aside.
KEYS = {"config", "initialize", "leader", "status"}


class Scene:
    """A store, some Patroni nodes, and who looks at both."""

    def __init__(self, store, folder, with_password=False, within=None):
        self.store, self.folder, self.within = store, folder, within
        self.evidence = judging.Evidence(store)
        self.with_password = with_password
        self.nodes = []

    def say(self, text):
        print(f"{time.monotonic() - BEGIN:6.1f} s  {text}", flush=True)

    def switch_authentication_on(self):
        """Patroni gets a user that may do what it must, and no more."""
        root = "the password of root"
        permission = {"permType": "READWRITE", "key": judging.encode(PREFIX), "range_end": judging.encode(PREFIX[:-1] + "0")}
        for path, body in [
                ("user/add", {"name": "root", "password": root}), ("user/grant", {"user": "root", "role": "root"}),
                ("role/add", {"name": "patroni"}), ("role/grant", {"name": "patroni", "perm": permission}),
                ("user/add", {"name": USER, "password": PASSWORD}), ("user/grant", {"user": USER, "role": "patroni"}),
                ("enable", {})]:
            self.evidence.call(f"/v3/auth/{path}", body)
        self.evidence.password = root

    def expire_tokens(self):
        """A new password, though it is the same, ends all tokens of a user."""
        self.evidence.call("/v3/auth/user/changepw", {"name": USER, "password": PASSWORD})

    def add_node(self):
        node = Node(f"pg{len(self.nodes) + 1}", self.folder, self.store.endpoints, self.with_password)
        self.nodes.append(node)
        node.start()
        return node

    def primary(self):
        """The first node, as primary that takes writes."""
        began = time.monotonic()
        node = self.add_node()
        servers.until(node.takes_writes, f"{node.name} to be primary", node.read_log)
        took = time.monotonic() - began
        self.say(f"{node.name} is primary {took:.1f} s after its start")
        require(self.within is None or took <= self.within, f"that is more than {self.within} s")
        node.query("CREATE TABLE rows (number bigint PRIMARY KEY)")
        return node

    def replica(self, primary):
        node = self.add_node()
        servers.until(node.is_replica, f"{node.name} to be a replica", node.read_log)
        primary.query("INSERT INTO rows VALUES (0)")
        servers.until(lambda: count(node) == 1, f"rows of {primary.name} on {node.name}", node.read_log)
        self.say(f"{node.name} replicates from {primary.name}")
        return node

    def stop(self):
        for node in self.nodes:
            if node.process is not None:
                node.kill()

    def judge(self, expected):
        """Who led, by the history of the key."""
        self.stop()
        history = self.evidence.leaders()
        broken = judging.violations(history)
        if broken:
            raise RuntimeError("; ".join(broken))
        if judging.successions(history) != expected:
            raise RuntimeError(f"the leaders were {judging.successions(history)}, not {expected}: {history}")
        self.say(f"leaders by the history of the key: {history}")
        return history


def count(node):
    try:
        return node.query("SELECT count(*) FROM rows")[0][0]
    except Exception:  # not there yet
        return None


def require(condition, what):
    if not condition:
        raise RuntimeError(what)


def one_node(scene, options):
    """A node finds the store, becomes leader and writes the keys that tools look for."""
    node = scene.primary()
    require(node.listed() == [("pg1", "Leader", "running")], f"patronictl list: {node.listed()}")
    servers.until(lambda: KEYS | {"members/pg1"} <= set(scene.evidence.keys()), "all keys", lambda: str(scene.evidence.keys()))
    require(scene.evidence.value("leader") == "pg1", "the key of the leader")
    require(json.loads(scene.evidence.value("members/pg1"))["role"] == "master", "the role of the member")
    lease = scene.evidence.lease_of_leader()
    scene.evidence.until_renewed(lease, 2)
    require(scene.evidence.lease_of_leader() == lease, "the leader has another lease")
    scene.say(f"keys: {' '.join(scene.evidence.keys())}")
    scene.judge(["pg1"])


def failover(scene, options):
    """The machine of the primary is gone: the replica takes over when the lease has ended, with all that it had."""
    primary = scene.primary()
    replica = scene.replica(primary)
    require(replica.listed() == [("pg1", "Leader", "running"), ("pg2", "Replica", "running")], f"patronictl list: {replica.listed()}")
    primary.query("INSERT INTO rows SELECT generate_series(1, 1000)")
    servers.until(lambda: count(replica) == 1001, "all rows on the replica")
    primary.kill()
    began = time.monotonic()
    scene.say(f"killed {primary.name}")
    servers.until(replica.takes_writes, f"{replica.name} to be primary", replica.read_log)
    scene.say(f"{replica.name} is primary {time.monotonic() - began:.1f} s after that")
    require(count(replica) == 1001, "rows were lost")
    replica.query("INSERT INTO rows VALUES (5000)")
    primary.start()
    servers.until(primary.is_replica, f"{primary.name} to come back as a replica", primary.read_log)
    servers.until(lambda: count(primary) == 1002, "all rows on the one that came back", primary.read_log)
    scene.say(f"{primary.name} is back and replicates")
    scene.judge(["pg1", "pg2"])


class Application:
    """Writes a row after the other to the primary and remembers what was refused."""

    def __init__(self, node):
        self.node, self.rows, self.refused, self.ending = node, 0, [], threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.ending.wait(0.1):
            self.rows += 1
            try:
                self.node.query("INSERT INTO rows VALUES (%s)", self.rows + 10_000)
            except Exception as refusal:  # whatever it was, the primary did not take a row
                self.refused.append(f"row {self.rows}: {refusal}")

    def stop(self):
        self.ending.set()
        self.thread.join()
        require(not self.refused, f"{len(self.refused)} rows were refused, the first: {self.refused[:3]}")


def disturbed_store(scene, options):
    """The store's leader is killed, paused and cut off in turn; the primary must not notice, nor its lease end."""
    primary = scene.primary()
    replica = scene.replica(primary) if options.seconds else None
    lease = scene.evidence.lease_of_leader()
    application = Application(primary)
    ways = [("kill", "start"), ("pause", "resume"), *([("cut", "heal")] if scene.store.network else [])]
    began, faults = time.monotonic(), 0
    while faults < len(ways) or time.monotonic() - began < options.seconds:
        victim = servers.until(lambda: scene.store.leader(scene.evidence.post), "a leader of the store")
        fault, repair = ways[faults % len(ways)]
        getattr(victim, fault)()
        scene.say(f"{fault} {victim.name}")
        faults += 1
        # Renewed twice: once could have been under way.
        scene.evidence.until_renewed(lease, 2)
        require(scene.evidence.lease_of_leader() == lease, "the primary has another lease")
        require(primary.is_primary(), "the primary is none any more")
        if options.seconds:
            wait_until(began + faults * options.every)
        getattr(victim, repair)()
        scene.store.until_healthy()
        if scene.with_password:
            scene.expire_tokens()
    application.stop()
    scene.say(f"{application.rows} rows during {faults} faults of the store: {', '.join(way for way, _ in ways)}")
    require(primary.query("SELECT timeline_id FROM pg_control_checkpoint()") == [(1,)], "the primary was promoted again")
    if replica:
        servers.until(lambda: count(replica) == count(primary), "all rows on the replica")
    history = scene.judge(["pg1"])
    require(len(history) == 1, f"the key of the leader was taken more than once: {history}")


def authentication(scene, options):
    """Patroni says who it is, and says it again when its token is taken no more."""
    primary = scene.primary()
    lease = scene.evidence.lease_of_leader()
    replica = scene.replica(primary)
    application = Application(primary)
    began, rounds = time.monotonic(), 0
    while rounds < 3 or time.monotonic() - began < options.seconds:
        scene.expire_tokens()
        before = [node.logged("Trying to authenticate") for node in scene.nodes]
        servers.until(
            lambda: all(node.logged("Trying to authenticate") > had for node, had in zip(scene.nodes, before)),
            "all nodes to log in again", primary.read_log)
        scene.evidence.until_renewed(lease, 1)
        rounds += 1
    application.stop()
    require(primary.is_primary() and replica.is_replica(), "a node changed its role")
    scene.say(f"{application.rows} rows while tokens ended {rounds} times")
    history = scene.judge(["pg1"])
    require(len(history) == 1, f"the key of the leader was taken more than once: {history}")


def wait_until(moment):
    """The rhythm of the long form."""
    left = moment - time.monotonic()
    if left > 0:
        time.sleep(left)


BEGIN = time.monotonic()
SCENARIOS = {"one-node": one_node, "failover": failover, "disturbed-store": disturbed_store, "authentication": authentication}
WITH_PASSWORD = {"authentication"}
