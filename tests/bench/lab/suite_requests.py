"""Puts, gets and ranges: RestKv beside etcd's two interfaces, by its own API and by etcd's; one loaded at a time, by turns."""

RANGE_CONNECTIONS = 16
MULTIPLEXED = (256, 4)  # callers over connections: 4 x 64 streams


def warm_up(load, restkv, etcd):
    """Fills both stores and lets the runtime compile what the measurements use."""
    for server, script in ((restkv, "restkv.lua"), (etcd, "etcd.lua")):
        load.fill(server, load.keys)
        for operation in ("put", "get", "range100"):
            load.wrk(server, script, operation, 64, min(2, load.seconds))
    for operation in ("put", "get"):
        load.wrk(restkv, "etcd.lua", operation, 64, min(2, load.seconds))
        load.http2(restkv, "grpc", operation, 64, seconds=min(2, load.seconds))
    for count in (100, 1000):
        for server in (restkv, etcd):
            if server.range_length(count) != count:
                raise RuntimeError(f"{server.name}: a range of {count} keys has {server.range_length(count)}")


def by_turns(round_number, targets):
    """A different one goes first in each round, so that none always follows the same neighbour."""
    first = round_number % len(targets)
    return targets[first:] + targets[:first]


def single_key(load, restkv, etcd, operation, connections, round_number):
    """One operation at one number of callers, against both interfaces of etcd."""
    targets = [
        ("restkv", lambda: load.wrk(restkv, "restkv.lua", operation, connections)),
        ("etcd gateway", lambda: load.wrk(etcd, "etcd.lua", operation, connections)),
        ("etcd gRPC", lambda: load.http2(etcd, "grpc", operation, connections)),
    ]
    for target, run in by_turns(round_number, targets):
        yield {"suite": operation + "s", "case": f"{connections}", "target": target, **run()}


def multiplexed(load, restkv, etcd, operation, round_number):
    callers, connections = MULTIPLEXED
    targets = [
        ("restkv", lambda: load.http2(restkv, "h2", operation, callers, connections)),
        ("etcd gRPC", lambda: load.http2(etcd, "grpc", operation, callers, connections)),
    ]
    for target, run in by_turns(round_number, targets):
        yield {"suite": "h2", "case": f"{operation} {connections} x {callers // connections}", "target": target, **run()}


def facade(load, restkv, etcd, operation, connections, round_number):
    """The same calls to both: what a program written for etcd gets."""
    gateway, grpc = f"gateway {operation}s", f"gRPC {operation}s"
    targets = [
        (gateway, "restkv", lambda: load.wrk(restkv, "etcd.lua", operation, connections)),
        (gateway, "etcd gateway", lambda: load.wrk(etcd, "etcd.lua", operation, connections)),
        (grpc, "restkv", lambda: load.http2(restkv, "grpc", operation, connections)),
        (grpc, "etcd gRPC", lambda: load.http2(etcd, "grpc", operation, connections)),
    ]
    for suite, target, run in by_turns(round_number, targets):
        yield {"suite": suite, "case": f"{connections}", "target": target, **run()}


def ranges(load, restkv, etcd, count, round_number):
    targets = [
        ("restkv", lambda: load.wrk(restkv, "restkv.lua", f"range{count}", RANGE_CONNECTIONS)),
        ("etcd gateway", lambda: load.wrk(etcd, "etcd.lua", f"range{count}", RANGE_CONNECTIONS)),
    ]
    for target, run in by_turns(round_number, targets):
        yield {"suite": "ranges", "case": f"{count}", "target": target, **run()}
