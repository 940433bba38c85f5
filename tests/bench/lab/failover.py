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
RESUME_SECONDS = 30
RETRY_SECONDS = 0.002
REQUEST_SECONDS = 15
FAULTS = ("kill", "hang", "term", "term-follower", "move")

# In these nothing has to fail, so clients of the member concerned are looked at as well.
PLANNED = ("term", "term-follower", "move")
# Here a put may be lost with the leader, and its client may learn of that only when a long time limit has passed.
SUDDEN = ("kill", "hang")
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


class InvalidTrial(Exception):
    """What was seen says nothing about the fault."""


class Trial:
    """One fault: the gap, or why there is none; the failed requests by kind and how many puts were acknowledged."""

    def __init__(self, writers, gap=None, invalid=None):
        self.gap, self.invalid = gap, invalid
        self.failed = sum((w.failed for w in writers), collections.Counter())
        self.puts = sum(len(w.acknowledged) for w in writers)


def gap_of(writers, at, leader_at):
    """
    Milliseconds of the longest time without an acknowledged put that begins or ends within five seconds of the fault. A gap
    that no put has ended is none: what the old leader still answered as it was struck must not pass for the end of it.
    """
    times = sorted(t for w in writers for t in w.acknowledged)
    if not times or times[0] > at:
        raise InvalidTrial("no put was acknowledged before the fault")
    if times[-1] < leader_at:
        raise InvalidTrial(f"no put was acknowledged in {RESUME_SECONDS} s under a leader after the fault")
    return 1000 * max(later - earlier for earlier, later in zip(times, times[1:]) if later >= at and earlier <= at + 5)


def trial(product, fault):
    """Does one fault to one product; all members are up again afterwards."""
    product.wait_until_ready()
    leader = product.leader()
    others = [m for m in product.members if m is not leader]
    concerned = others[0] if fault == "term-follower" else leader
    places = product.members if fault in PLANNED else others
    writers = start_writers(product, places, 0)
    gap = invalid = None
    try:
        time.sleep(SETTLE_SECONDS)
        if not product.leads(leader):
            raise InvalidTrial("the leader had changed before the fault")
        at = time.monotonic()
        try:
            strike(product, fault, leader, concerned, others)
            leader_at = time.monotonic()
            if fault in SUDDEN:
                writers += start_writers(product, places, len(writers))
            wait_for_put(writers, leader_at)
            time.sleep(SETTLE_SECONDS)
        finally:
            mend(fault, concerned)
        gap = gap_of(writers, at, leader_at)
    except InvalidTrial as reason:
        invalid = str(reason)
    finally:
        for writer in writers:
            writer.stop = True
        for writer in writers:
            writer.join(PATIENCE_SECONDS)
    return Trial(writers, gap, invalid)


def start_writers(product, places, first):
    """
    Each has one put under way at a time. All those of the first ones may have been lost with the leader, and etcd's gateway
    lets them wait for seven seconds; so when there is a leader again others come, who have nothing under way.
    """
    writers = [Writer(product, i % len(places), places, first + i) for i in range(WRITERS_EACH * len(places))]
    for writer in writers:
        writer.start()
    return writers


def wait_for_put(writers, since):
    """Without one, the trial is not valid; that is found when all that was acknowledged is looked at."""
    end = time.monotonic() + RESUME_SECONDS
    while time.monotonic() < end and not any(w.acknowledged and w.acknowledged[-1] >= since for w in writers):
        time.sleep(RETRY_SECONDS)


def strike(product, fault, leader, concerned, others):
    """Returns when there is a leader after the fault; a fault that was meant for the leader must have made another one lead."""
    if fault == "move":
        if not product.move_leader(leader, others[0]):
            raise InvalidTrial("it did not hand over")
        if product.leader() is leader:
            raise InvalidTrial("the leader is the same after the fault")
        return
    concerned.signal(SIGNALS[fault])
    # The one that was struck cannot be asked: if no other one leads, this gives up.
    after = product.leader([m for m in product.members if m is not concerned])
    if fault == "term-follower" and after is not leader:
        raise InvalidTrial("the leader changed though a follower left")


def mend(fault, concerned):
    if fault == "hang":
        concerned.signal(signal.SIGCONT)
    elif fault != "move":
        concerned.process.wait(PATIENCE_SECONDS)
        concerned.start()


def report(fault, product, trials):
    """Prints what was found and returns whether every trial was valid."""
    valid = [t.gap for t in trials if t.invalid is None]
    failed = sum((t.failed for t in trials), collections.Counter())
    figures = f"median {statistics.median(valid):5.0f} ms, {min(valid):.0f}-{max(valid):.0f} ms" if valid else "no figure"
    print(f"{fault:13} {product.name:7} {figures}, {len(valid)} valid trials of {len(trials)}, "
          f"{sum(failed.values())} failed of {sum(t.puts for t in trials)} puts", flush=True)
    print(" " * 22 + "gaps " + " ".join("-" if t.gap is None else f"{t.gap:.0f}" for t in trials))
    for reason, count in collections.Counter(t.invalid for t in trials if t.invalid is not None).most_common():
        print(" " * 22 + f"{count} not valid: {reason}", flush=True)
    for kind, count in failed.most_common():
        print(" " * 22 + f"{count} x {kind}", flush=True)
    return len(valid) == len(trials)
