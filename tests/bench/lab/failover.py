"""The write gap of three members when their leader dies, hangs, leaves or hands over, and what clients see of it."""
import collections
import http.client
import signal
import statistics
import threading
import time

from .members import PATIENCE_SECONDS

WRITERS_EACH = 2
SETTLE_SECONDS = 1.5
RETRY_SECONDS = 0.002
REQUEST_SECONDS = 15
FAULTS = ("kill", "hang", "term", "term-follower", "move")

# In these nothing has to fail, so clients of the member concerned are looked at as well.
PLANNED = ("term", "term-follower", "move")
SIGNALS = {"kill": signal.SIGKILL, "hang": signal.SIGSTOP, "term": signal.SIGTERM, "term-follower": signal.SIGTERM}


class Writer(threading.Thread):
    """
    Puts one key after another on one connection and keeps the times of those that were acknowledged. It goes to the next
    member when an answer said that the connection ends, or when nobody listens: it has sent nothing there then. Anything else
    but a good answer is a failed request.
    """

    def __init__(self, product, first, members, number):
        super().__init__(daemon=True)
        self.product, self.number = product, number
        self.members = members[first:] + members[:first]
        self.acknowledged, self.failed, self.moved = [], collections.Counter(), 0
        self.stop = False

    def run(self):
        connection, count = None, 0
        while not self.stop:
            connection = connection or self.connect()
            if connection is None:
                continue
            try:
                method, path, body, headers = self.product.put(f"w{self.number}/{count % 100}", b"x" * 64)
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                text = answer.read()
            except (OSError, http.client.HTTPException) as fault:
                self.fail(type(fault).__name__)
                connection = None
                continue
            if answer.status in (200, 201):
                self.acknowledged.append(time.monotonic())
                count += 1
            else:
                self.fail(f"{answer.status} {text[:120]!r}")
            if answer.will_close:
                connection = None
                self.go_on()

    def connect(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.members[0].port, timeout=REQUEST_SECONDS)
        try:
            connection.connect()
            return connection
        except ConnectionRefusedError:
            self.go_on()
        except OSError as fault:
            self.fail(f"connect {type(fault).__name__}")
        return None

    def go_on(self):
        self.moved += 1
        self.members = self.members[1:] + self.members[:1]
        time.sleep(RETRY_SECONDS)

    def fail(self, kind):
        self.failed[kind] += 1
        time.sleep(RETRY_SECONDS)


def gap_of(writers, at):
    """Milliseconds of the longest time without an acknowledged put that begins or ends within five seconds of the fault."""
    times = sorted(t for w in writers for t in w.acknowledged)
    return 1000 * max(later - earlier for earlier, later in zip(times, times[1:]) if later >= at and earlier <= at + 5)


def trial(product, fault):
    """The gap, the failed requests by kind, and how many were sent; all members are up again afterwards."""
    product.wait_until_ready()
    leader = product.leader()
    others = [m for m in product.members if m is not leader]
    concerned = others[0] if fault == "term-follower" else leader
    places = product.members if fault in PLANNED else others
    writers = [Writer(product, i % len(places), places, i) for i in range(WRITERS_EACH * len(places))]
    for writer in writers:
        writer.start()
    try:
        time.sleep(SETTLE_SECONDS)
        at = time.monotonic()
        strike(product, fault, leader, concerned, others)
        time.sleep(SETTLE_SECONDS)
        mend(fault, concerned)
    finally:
        for writer in writers:
            writer.stop = True
        for writer in writers:
            writer.join(PATIENCE_SECONDS)
    failed = sum((w.failed for w in writers), collections.Counter())
    return gap_of(writers, at), failed, sum(len(w.acknowledged) for w in writers)


def strike(product, fault, leader, concerned, others):
    if fault == "move":
        if not product.move_leader(leader, others[0]):
            raise RuntimeError(f"{product.name} did not hand over")
        return
    concerned.signal(SIGNALS[fault])
    if concerned is leader:
        product.leader(others)


def mend(fault, concerned):
    if fault == "hang":
        concerned.signal(signal.SIGCONT)
    elif fault != "move":
        concerned.process.wait(PATIENCE_SECONDS)
        concerned.start()


def report(fault, product, results):
    gaps = [gap for gap, _, _ in results]
    failed = sum((kinds for _, kinds, _ in results), collections.Counter())
    print(f"{fault:13} {product.name:7} median {statistics.median(gaps):5.0f} ms, {min(gaps):.0f}-{max(gaps):.0f} ms, {len(gaps)} trials, "
          f"{sum(failed.values())} failed of {sum(puts for _, _, puts in results)} puts", flush=True)
    print(" " * 22 + "gaps " + " ".join(f"{gap:.0f}" for gap in gaps))
    for kind, count in failed.most_common():
        print(" " * 22 + f"{count} x {kind}", flush=True)
