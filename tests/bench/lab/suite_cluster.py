"""Three members of RestKv beside three of etcd: puts and gets through the leader, through a follower, and of all members."""
import shutil
import time

from . import machine
from .members import Member
from .suite_requests import by_turns

LOCAL_CONNECTIONS = 64
WARM_UP_SECONDS = 2

# A new member is given this much: large enough for a snapshot and all it needs to count, small enough to be written in minutes.
CATCH_UP_VALUE_BYTES = 1024
CATCH_UP_CALLERS, CATCH_UP_CONNECTIONS = 64, 4
CATCH_UP_SECONDS_MAX = 600
LOOK_SECONDS = 0.05


class Seat:
    """One member as the load clients see a server: its port, and the processor time of all members together."""

    def __init__(self, product, member):
        self.name, self.port, self.product = product.name, member.port, product

    def cpu_seconds(self):
        return sum(machine.cpu_seconds(m.pid) for m in self.product.members if m.process)


def start(kind, program, port, folder):
    shutil.rmtree(folder, ignore_errors=True)
    product = kind(program, folder, port)
    try:
        product.start()
    except BaseException:
        product.end()
        raise
    return product


def remove(product):
    product.end()
    shutil.rmtree(product.folder, ignore_errors=True)


def requests(load, restkv, etcd, connections, round_number):
    """Both clusters are up, one is loaded at a time."""
    seats = {product: seats_of(product) for product in (restkv, etcd)}
    for product in (restkv, etcd):
        warm_up(load, seats[product])
    for operation in ("put", "get"):
        for place in ("leader", "follower"):
            for count in connections:
                ours, theirs = seats[restkv][place], seats[etcd][place]
                targets = [
                    ("restkv", lambda: load.wrk(ours, "restkv.lua", operation, count)),
                    ("etcd gateway", lambda: load.wrk(theirs, "etcd.lua", operation, count)),
                    ("etcd gRPC", lambda: load.http2(theirs, "grpc", operation, count)),
                ]
                for target, run in by_turns(round_number, targets):
                    yield {"suite": f"three {operation}s", "case": f"{place} {count}", "target": target, **run()}
    targets = [("restkv", restkv, "restkv.lua"), ("etcd gateway", etcd, "etcd.lua")]
    for target, product, script in by_turns(round_number, targets):
        yield {"suite": "three local gets", "case": f"all, {LOCAL_CONNECTIONS} each", "target": target,
               **load.wrk_on_all(seats[product]["all"], script, "local", LOCAL_CONNECTIONS)}


def warm_up(load, seats):
    load.fill(seats["leader"], load.keys)
    script = seats["leader"].name + ".lua"
    for place in ("leader", "follower"):
        for operation in ("put", "get"):
            load.wrk(seats[place], script, operation, 64, min(WARM_UP_SECONDS, load.seconds))


def seats_of(product):
    leader = product.leader()
    follower = next(m for m in product.members if m is not leader)
    return {"leader": Seat(product, leader), "follower": Seat(product, follower), "all": [Seat(product, m) for m in product.members]}


def catch_up(load, product, mebibytes):
    """
    Seconds until an added, empty member has applied what the leader had committed when it was started, and the growth of the
    leader's memory meanwhile; nothing else is asked of the cluster.
    """
    leader = product.leader()
    load.fill(Seat(product, leader), mebibytes * 1024 * 1024 // CATCH_UP_VALUE_BYTES, CATCH_UP_CALLERS,
              value_bytes=CATCH_UP_VALUE_BYTES, connections=CATCH_UP_CONNECTIONS)
    machine.wait_until_quiet(load.quiet_cores, load.quiet_wait)
    target, before, busy = product.applied(leader), leader.resident_mib(), machine.cpu_seconds(leader.pid)
    late = Member(product, len(product.members))
    product.add(late)
    product.members.append(late)
    peak, began = before, time.monotonic()
    late.start(existing=True, listed=product.listed())
    while product.applied(late) < target:
        peak = max(peak, leader.resident_mib())
        if time.monotonic() - began > CATCH_UP_SECONDS_MAX:
            raise RuntimeError(f"{product.name}: the new member did not catch up in {CATCH_UP_SECONDS_MAX} s")
        time.sleep(LOOK_SECONDS)
    took = time.monotonic() - began
    yield {"suite": "catch up", "case": f"{mebibytes} MiB", "target": product.name, "catch_up_s": round(took, 2),
           "leader_before_mib": round(before, 1), "leader_grew_mib": round(max(peak, leader.resident_mib()) - before, 1),
           "leader_cpu_s": round(machine.cpu_seconds(leader.pid) - busy, 2), "member_mib": round(late.resident_mib(), 1),
           "disk_mib": round(machine.disk_mib(late.data), 1)}
