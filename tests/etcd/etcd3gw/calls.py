"""Every call of python3-etcd3gw."""

import itertools

from etcd3gw.client import Etcd3Client
from etcd3gw.exceptions import WatchTimedOut

from support.steps import PATIENCE, call_it, endpoint, note, step, until

HOST, PORT = endpoint()
# Its own default is an alias of long ago.
OLD = Etcd3Client(HOST, PORT)
CLIENT = Etcd3Client(HOST, PORT, api_path="/v3/", timeout=PATIENCE)


def shape(value):
    """What is there, not how much of it: status is all measurements."""
    return {name: shape(inner) for name, inner in sorted(value.items())} if isinstance(value, dict) else type(value).__name__


def pairs(found):
    return [(value, entry["key"], entry["version"], entry.get("lease", "no lease")) for value, entry in found]


def events(found):
    return [(event.get("type", "PUT"), event["kv"]["key"], event["kv"].get("value"), event["kv"]["mod_revision"]) for event in found]


def status_and_members():
    step("status", CLIENT.status, show=shape)
    step("status: version", CLIENT.status, show=lambda found: found["version"])
    step("members", CLIENT.members, show=list)
    step("status under the old path", OLD.status, show=shape)
    step("get under the old path", OLD.get, "nothing")
    step("get under the beta path", Etcd3Client(HOST, PORT, api_path="/v3beta/").get, "nothing")


def keys():
    step("put", CLIENT.put, "hello", "world")
    step("put bytes", CLIENT.put, b"bytes\x00\xff", b"\x00\xfe")
    step("put empty", CLIENT.put, "empty", "")
    step("get", CLIENT.get, "hello")
    step("get bytes", CLIENT.get, b"bytes\x00\xff")
    step("get empty", CLIENT.get, "empty")
    step("get nothing", CLIENT.get, "nothing")
    step("get with metadata", CLIENT.get, "hello", metadata=True, show=pairs)
    for name in ("dir/b", "dir/a", "dir/c", "dire", "dis"):
        CLIENT.put(name, f"value of {name}")
    # Equal ones would come in any order.
    for name in ("dir/b", "dir/c", "dir/b"):
        CLIENT.put(name, f"another {name}")
    step("get prefix", CLIENT.get_prefix, "dir/", show=pairs)
    for order, target in itertools.product(("ascend", "descend"), ("key", "version", "create", "mod", "value")):
        step(f"get prefix by {target}, {order}", CLIENT.get_prefix, "dir/", order, target, show=pairs)
    step("get prefix, limit in the request", CLIENT.get, "dir/", range_end="ZGlyMA==", limit=2)
    step("get at a revision", CLIENT.get, "hello", revision=2)
    step("get at a revision to come", CLIENT.get, "hello", revision=99999)
    step("get of no key", CLIENT.get, "")
    step("put of no key", CLIENT.put, "", "x")
    step("create", CLIENT.create, "new", "1")
    step("create again", CLIENT.create, "new", "2")
    step("replace", CLIENT.replace, "new", "1", "3")
    step("replace what it is not", CLIENT.replace, "new", "1", "4")
    step("replace nothing", CLIENT.replace, "nothing", "", "4")
    step("get after all", CLIENT.get, "new")
    step("delete", CLIENT.delete, "new")
    step("delete again", CLIENT.delete, "new")
    step("delete prefix", CLIENT.delete_prefix, "dir/")
    step("get prefix after that", CLIENT.get_prefix, "di", show=pairs)
    step("transaction with what it does not know", CLIENT.transaction, {"compare": [{"target": "NOTHING"}]}, show=shape)
    step("a value of 1 MB", lambda: [CLIENT.put("large", b"x" * 1_000_000), len(CLIENT.get("large")[0])])
    step("a value that is too large", CLIENT.put, "large", b"x" * 1_600_000)
    step("a value far too large", CLIENT.put, "large", b"x" * 2_200_000)


def leases():
    lease = step("lease", CLIENT.lease, 60, show=lambda found: type(found).__name__)
    call_it("lease", lease.id)
    step("put with the lease", CLIENT.put, "on/lease", "1", lease=lease)
    step("create with the lease", CLIENT.create, "on/lease/2", "2", lease=lease)
    step("keys of the lease", lease.keys, show=sorted)
    step("lease of the key", CLIENT.get, "on/lease", metadata=True, show=pairs)
    step("time to live", lease.ttl, show=lambda seconds: 50 < seconds <= 60)
    step("refresh", lease.refresh)
    step("revoke", lease.revoke)
    step("key after that", CLIENT.get, "on/lease")
    step("time to live after that", lease.ttl)
    step("refresh after that", lease.refresh)
    step("revoke again", lease.revoke)
    step("put with a lease that is gone", CLIENT.put, "on/lease", "1", lease=lease)
    short = CLIENT.lease(1)
    CLIENT.put("on/short", "1", lease=short)
    until(lambda: CLIENT.get("on/short") == [], "the end of a short lease")
    note("a short lease ended", short.ttl())


def locks():
    first, second = CLIENT.lock("name", ttl=60), CLIENT.lock("name", ttl=60)
    step("acquire", first.acquire)
    call_it("lease of the lock", first.lease.id)
    step("is acquired", first.is_acquired)
    step("acquire by another", second.acquire)
    step("is acquired by another", second.is_acquired)
    step("refresh", first.refresh)
    step("release by another", second.release)
    step("release", first.release)
    step("release again", first.release)
    step("acquire by another after that", second.acquire)
    step("release of that", second.release)
    with CLIENT.lock("context"):
        note("in a context", len(CLIENT.get_prefix("/locks/")))
    note("after it", CLIENT.get_prefix("/locks/"))


def watches():
    CLIENT.put("w/a", "1")
    start = int(CLIENT.get("w/a", metadata=True)[0][1]["mod_revision"])
    found, cancel = CLIENT.watch_prefix("w/", start_revision=start, prev_kv=True)
    CLIENT.put("w/a", "2")
    CLIENT.put("w/b", "3")
    CLIENT.delete_prefix("w/")
    step("watch a prefix", lambda: list(itertools.islice(found, 5)), show=events)
    cancel()
    step("watch once, history", CLIENT.watch_once, "w/a", timeout=PATIENCE, start_revision=start + 1, show=lambda event: events([event]))
    step("watch with a filter", lambda: CLIENT.watch_once("w/a", timeout=PATIENCE, start_revision=start, filters=["NOPUT"]),
         show=lambda event: events([event]))
    step("watch prefix once", CLIENT.watch_prefix_once, "w/", timeout=PATIENCE, start_revision=start + 2, show=lambda event: events([event]))
    try:
        CLIENT.watch_once("w/a", timeout=0.2)
    except WatchTimedOut:
        note("watch without events", "timed out")
    found, cancel = CLIENT.watch("live")
    CLIENT.put("live", "now")
    step("watch live", lambda: next(found), show=lambda event: events([{**event, "kv": {**event["kv"], "mod_revision": "N"}}]))
    cancel()


status_and_members()
keys()
leases()
locks()
watches()
