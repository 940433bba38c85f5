# model: none
"""A thousand times a lock is taken and given back, by eight threads that share four locks: never do two hold one."""

import sys
import threading

from etcd3gw.client import Etcd3Client

from support.steps import PATIENCE, endpoint, note

THREADS = 8
LOCKS = ["one", "two", "three", "four"]
CYCLES = 1000

PAUSE = threading.Event()
HOST, PORT = endpoint()
holders = dict.fromkeys(LOCKS)
violations = []
faults = []


def client():
    return Etcd3Client(HOST, PORT, api_path="/v3/", timeout=PATIENCE)


def cycle(mine, thread, name):
    """Between taking and giving back, a counter in the store is read and written without any other protection."""
    lock = mine.lock(name, ttl=60)
    while not lock.acquire():
        # Each attempt takes a lease of its own, which only its end or this would free.
        lock.lease.revoke()
        # Nothing to wait for: this client's locks only try. All threads at once would leave no processor for the store.
        PAUSE.wait(0.01)
    if holders[name] is not None:
        violations.append(f"{thread} got {name} while {holders[name]} held it")
    holders[name] = thread
    count = int(mine.get(f"count/{name}")[0])
    mine.put(f"count/{name}", str(count + 1))
    if holders[name] != thread:
        violations.append(f"{thread} held {name} and found {holders[name]} in it")
    holders[name] = None
    if not lock.release():
        violations.append(f"{thread} could not give {name} back")
    lock.lease.revoke()


def work(thread):
    mine = client()
    try:
        for number in range(CYCLES // THREADS):
            cycle(mine, thread, LOCKS[(thread + number) % len(LOCKS)])
    except Exception as fault:
        faults.append(f"{thread}: {fault!r} {getattr(fault, 'detail_text', '')}")


for lock_name in LOCKS:
    client().put(f"count/{lock_name}", "0")
threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
for each in threads:
    each.start()
for each in threads:
    each.join()
note("two holders of one lock", *violations[:10])
note("calls that failed", *faults)
counted = sum(int(client().get(f"count/{lock_name}")[0]) for lock_name in LOCKS)
left = len(client().get_prefix("/locks/"))
note("counted under the locks", counted)
note("keys of locks that are left", left)
sys.exit(bool(violations or faults or left or counted != CYCLES))
