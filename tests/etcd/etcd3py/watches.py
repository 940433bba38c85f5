"""Watches by python3-etcd3: many over one stream, history and live, cancelled, compacted, large."""

import itertools
import warnings

import etcd3
from etcd3.events import DeleteEvent

from support.steps import PATIENCE, endpoint, note, step, until

warnings.simplefilter("ignore", DeprecationWarning)
HOST, PORT = endpoint()
CLIENT = etcd3.client(HOST, PORT, timeout=PATIENCE)


def event(found):
    kind = "DELETE" if isinstance(found, DeleteEvent) else "PUT"
    return kind, found.key, found.value, found.mod_revision, found.version, found.prev_value


def events(iterator, count):
    return [event(each) for each in itertools.islice(iterator, count)]


def revision():
    return CLIENT.put("mark", "x").header.revision


def history():
    for number in range(3):
        CLIENT.put("h/a", f"{number}")
    CLIENT.put("h/b", "b")
    CLIENT.delete("h/a")
    found, cancel = CLIENT.watch("h/a", start_revision=2)
    step("history of a key", events, found, 4)
    cancel()
    found, cancel = CLIENT.watch_prefix("h/", start_revision=3, prev_kv=True)
    step("history of a prefix", events, found, 4)
    cancel()
    # Filters this client cannot send.
    found, cancel = CLIENT.watch("h/a", range_end="h/b", start_revision=2)
    step("history of a range", events, found, 4)
    cancel()


def live():
    one, cancel_one = CLIENT.watch("l/one")
    all_of_them, cancel_all = CLIENT.watch_prefix("l/")
    CLIENT.put("l/one", "1")
    CLIENT.put("l/two", "2")
    CLIENT.delete_prefix("l/")
    step("live, one key", events, one, 2)
    step("live, a prefix", events, all_of_them, 4)
    cancel_one()
    CLIENT.put("l/one", "after the cancel")
    step("the other goes on", events, all_of_them, 1)
    cancel_all()
    note("what is left of a cancelled watch", list(one))
    received = []
    watch = CLIENT.add_watch_prefix_callback("c/", received.append)
    CLIENT.put("c/end", "1")
    until(lambda: received, "the callback")
    CLIENT.cancel_watch(watch)
    note("a callback", [event(each) for response in received for each in response.events])


def responses():
    """Whole responses: the changes of a transaction are not divided."""
    start = revision() + 1
    txn = CLIENT.transactions
    CLIENT.transaction(compare=[], success=[txn.put(f"r/{number}", "x") for number in range(5)], failure=[])
    CLIENT.put("r/0", "y")
    found, cancel = CLIENT.watch_prefix_response("r/", start_revision=start)
    seen = []
    while sum(len(response.events) for response in seen) < 6:
        seen.append(next(found))
    cancel()
    note("revisions that were divided", [
        each.mod_revision for response, after in itertools.pairwise(seen) for each in after.events
        if response.events[-1].mod_revision == each.mod_revision])
    note("events", *(event(each) for response in seen for each in response.events))
    step("once", CLIENT.watch_once, "r/0", timeout=PATIENCE, start_revision=start, show=event)
    step("prefix once", CLIENT.watch_prefix_once, "r/", timeout=PATIENCE, start_revision=start + 1, show=event)
    step("once, in vain", CLIENT.watch_once, "r/nothing", timeout=0.2)


def large():
    """Values of a megabyte, and more events than one message should hold."""
    start = revision() + 1
    for number in range(4):
        CLIENT.put("large", bytes([65 + number]) * 1_000_000)
    found, cancel = CLIENT.watch("large", start_revision=start)
    step("large values", lambda: [(each.value[:1], len(each.value)) for each in itertools.islice(found, 4)])
    cancel()
    start = revision() + 1
    for number in range(2500):
        CLIENT.put(f"many/{number % 7}", f"{number}")
    found, cancel = CLIENT.watch_prefix("many/", start_revision=start)
    step("many events in order", lambda: [each.value for each in itertools.islice(found, 2500)] == [f"{n}".encode() for n in range(2500)])
    cancel()


def many():
    """Thirty watches at once over one stream, each sees its own."""
    watches = [CLIENT.watch(f"w/{number}") for number in range(30)]
    for number in range(30):
        CLIENT.put(f"w/{number}", f"value {number}")
    note("thirty watches", [next(found).value.decode() for found, _ in watches] == [f"value {number}" for number in range(30)])
    for _, cancel in watches:
        cancel()
    found, cancel = CLIENT.watch("w/0")
    CLIENT.put("w/0", "again")
    step("the stream goes on", events, found, 1)
    cancel()


def compacted():
    CLIENT.compact(revision())
    found, cancel = CLIENT.watch("h/a", start_revision=2)
    step("the past that is gone", lambda: next(found), show=event)
    found, cancel = CLIENT.watch("h/a")
    CLIENT.put("h/a", "after the compaction")
    step("a watch after that", events, found, 1)
    cancel()


history()
live()
responses()
large()
many()
compacted()
