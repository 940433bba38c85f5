"""Every call of python3-etcd3: keys, transactions, leases, locks, members, maintenance."""

import hashlib
import io
import warnings

import etcd3

from support.steps import PATIENCE, call_it, endpoint, note, step, until

warnings.simplefilter("ignore", DeprecationWarning)
HOST, PORT = endpoint()
CLIENT = etcd3.client(HOST, PORT, timeout=PATIENCE)
TXN = CLIENT.transactions


def entry(found):
    value, about = found
    return value if about is None else (value, about.key, about.create_revision, about.mod_revision, about.version, about.lease_id)


def entries(found):
    return [entry(each) for each in found]


def previous(answer):
    return (answer.prev_kv.key, answer.prev_kv.value, answer.prev_kv.version)


def keys():
    step("put", CLIENT.put, "hello", "world", show=lambda answer: answer.header.revision)
    step("put with the previous", CLIENT.put, "hello", b"\x00\xff", prev_kv=True, show=previous)
    step("put empty", CLIENT.put, "empty", "", show=lambda answer: answer.header.revision)
    step("get", CLIENT.get, "hello", show=entry)
    step("get serializable", CLIENT.get, "hello", serializable=True, show=entry)
    step("get empty", CLIENT.get, "empty", show=entry)
    step("get nothing", CLIENT.get, "nothing", show=entry)
    step("put of no key", CLIENT.put, "", "x")
    step("get of no key", CLIENT.get, "")
    for name in ("dir/b", "dir/c", "dir/a", "dir/b", "dir/c", "dir/b", "dire"):
        CLIENT.put(name, f"value {CLIENT.get(name)[0] is None} of {name}")
    step("get prefix", CLIENT.get_prefix, "dir/", show=entries)
    step("get prefix, keys only", CLIENT.get_prefix, "dir/", keys_only=True, show=entries)
    step("get range", CLIENT.get_range, "dir/a", "dir/c", show=entries)
    for order in ("ascend", "descend"):
        for target in ("key", "version", "create", "mod", "value"):
            step(f"get prefix by {target}, {order}", CLIENT.get_prefix, "dir/", sort_order=order, sort_target=target,
                 show=lambda found: [about.key for _, about in found])
    step("get all", CLIENT.get_all, show=lambda found: [about.key for _, about in found])
    step("put if not exists", CLIENT.put_if_not_exists, "new", "1")
    step("put if not exists, again", CLIENT.put_if_not_exists, "new", "2")
    step("replace", CLIENT.replace, "new", "1", "3")
    step("replace what it is not", CLIENT.replace, "new", "1", "4")
    step("delete", CLIENT.delete, "new")
    step("delete again", CLIENT.delete, "new")
    step("delete with the previous", CLIENT.delete, "dir/a", prev_kv=True, return_response=True,
         show=lambda answer: (answer.deleted, [(kv.key, kv.value) for kv in answer.prev_kvs]))
    step("delete prefix", CLIENT.delete_prefix, "dir/", show=lambda answer: (answer.deleted, answer.header.revision))
    step("a value of 1 MB", lambda: [CLIENT.put("large", b"x" * 1_000_000).header.revision, len(CLIENT.get("large")[0])])
    step("a value that is too large", CLIENT.put, "large", b"x" * 1_600_000)
    step("a value far too large", CLIENT.put, "large", b"x" * 2_200_000)


def transactions():
    def of(found):
        succeeded, responses = found
        return [succeeded, *(entries(each) if isinstance(each, list) else type(each).__name__ for each in responses)]

    CLIENT.put("t", "1")
    step("a transaction that succeeds", CLIENT.transaction, compare=[TXN.value("t") == "1", TXN.version("t") > 0, TXN.create("no") == 0],
         success=[TXN.put("t", "2"), TXN.get("t"), TXN.put("u", "3"), TXN.delete("hello")], failure=[TXN.get("t")], show=of)
    step("a transaction that fails", CLIENT.transaction, compare=[TXN.mod("t") < 2], success=[TXN.put("t", "never")],
         failure=[TXN.get("t"), TXN.get("u")], show=of)
    step("not equal", CLIENT.transaction, compare=[TXN.value("t") != "1"], success=[TXN.get("t")], failure=[], show=of)
    step("a range", CLIENT.transaction, compare=[TXN.version("t", "v") > 0], success=[TXN.get("t", "v")], failure=[], show=of)
    step("one within the other", CLIENT.transaction, compare=[TXN.version("t") > 0], failure=[],
         success=[TXN.txn(compare=[TXN.value("u") == "3"], success=[TXN.put("inner", "1"), TXN.get("u")], failure=[])],
         show=lambda found: (found[0], len(found[1]), entry(CLIENT.get("inner"))))
    step("the same key twice", CLIENT.transaction, compare=[], success=[TXN.put("t", "1"), TXN.put("t", "2")], failure=[])
    step("nothing", CLIENT.transaction, compare=[], success=[], failure=[], show=of)


def leases():
    lease = step("lease", CLIENT.lease, 60, show=lambda found: found.ttl)
    call_it("lease", lease.id)
    step("put with the lease", CLIENT.put, "on/lease", "1", lease=lease, show=lambda answer: answer.header.revision)
    step("get with the lease", CLIENT.get, "on/lease", show=entry)
    step("granted time", lambda: lease.granted_ttl)
    step("remaining time", lambda: 50 < lease.remaining_ttl <= 60)
    step("keys", lambda: list(lease.keys), show=lambda found: found and CLIENT.get_lease_info(lease.id).keys and "some")
    step("refresh", lease.refresh, show=lambda found: [(each.ID == lease.id, each.TTL) for each in found])
    step("revoke", lease.revoke)
    step("get after that", CLIENT.get, "on/lease", show=entry)
    step("refresh after that", lease.refresh, show=lambda found: [each.TTL for each in found])
    step("remaining time after that", lambda: lease.remaining_ttl)
    step("put with a lease that is gone", CLIENT.put, "on/lease", "1", lease=lease)
    step("revoke again", lease.revoke)
    step("a lease with an id", CLIENT.lease, 60, 123456, show=lambda found: found.id)
    step("with an id that is taken", CLIENT.lease, 60, 123456)
    short = CLIENT.lease(1)
    CLIENT.put("on/short", "1", lease=short)
    until(lambda: CLIENT.get("on/short")[0] is None, "the end of a short lease")
    note("a short lease ended", short.remaining_ttl)


def locks():
    first, second = CLIENT.lock("name", ttl=60), CLIENT.lock("name", ttl=60)
    step("acquire", first.acquire)
    step("is acquired", first.is_acquired)
    step("acquire by another, in vain", second.acquire, timeout=0.2)
    step("refresh", first.refresh, show=lambda found: [each.TTL for each in found])
    step("release by another", second.release)
    step("release", first.release)
    step("acquire by another after that", second.acquire)
    step("is acquired by the first", first.is_acquired)
    step("release of that", second.release)
    with CLIENT.lock("context") as lock:
        note("in a context", lock.is_acquired())
    note("after it", lock.is_acquired())


def members():
    def shown(found):
        return sorted((each.name, each.id, list(each.peer_urls), list(each.client_urls)) for each in found)

    step("members", lambda: list(CLIENT.members), show=shown)
    own = next(iter(CLIENT.members))
    step("alarms of the member", lambda: list(own.active_alarms))
    step("remove nobody", CLIENT.remove_member, 4711)
    step("update nobody", CLIENT.update_member, 4711, ["http://127.0.0.9:32399"])
    step("add with a bad address", CLIENT.add_member, ["nonsense"])
    step("add with an address that is taken", CLIENT.add_member, list(own.peer_urls))


def maintenance():
    status = CLIENT.status()
    note("status", type(status.version).__name__, status.db_size > 0, status.leader.name, status.raft_index > 0, status.raft_term > 0)
    step("hash", CLIENT.hash, show=lambda found: type(found).__name__)
    step("defragment", CLIENT.defragment)
    step("alarms", lambda: list(CLIENT.list_alarms()))
    step("create an alarm", CLIENT.create_alarm, show=lambda found: [(each.alarm_type, each.member_id) for each in found])
    step("put under the alarm", CLIENT.put, "full", "x")
    step("delete under the alarm", CLIENT.delete, "empty")
    step("alarms after that", lambda: [(each.alarm_type, each.member_id) for each in CLIENT.list_alarms()])
    step("disarm", CLIENT.disarm_alarm, show=lambda found: [(each.alarm_type, each.member_id) for each in found])
    step("alarms in the end", lambda: list(CLIENT.list_alarms()))
    step("put in the end", CLIENT.put, "full", "x", show=lambda answer: type(answer).__name__)
    file = io.BytesIO()
    step("snapshot", CLIENT.snapshot, file)
    content = file.getvalue()
    note("the snapshot ends with its SHA-256", hashlib.sha256(content[:-32]).digest() == content[-32:])
    step("compact", CLIENT.compact, 5)
    step("compact again", CLIENT.compact, 5)
    step("compact, physically", CLIENT.compact, 6, physical=True)
    step("compact what is to come", CLIENT.compact, 99999)


keys()
transactions()
leases()
locks()
members()
maintenance()
