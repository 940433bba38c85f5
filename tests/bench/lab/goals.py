"""What the comparison should show. A goal is judged by the worst of its cases, at the median."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    what: str
    suite: str
    cases: tuple       # empty: every case that was measured
    figure: str
    against: str       # empty: the figure itself is judged
    bound: float
    is_least: bool     # the figure or ratio should be at least the bound, otherwise at most


ALL_BUT_ONE = ("16", "64", "256", "1000")
BUSY = ("64", "256")
LEADER = tuple(f"leader {count}" for count in (1, 16, 64, 256, 1000))
GATEWAY, GRPC = "etcd gateway", "etcd gRPC"

GOALS = (
    Goal("puts/s, 16-1000 connections", "puts", ALL_BUT_ONE, "per_second", GATEWAY, 4.0, True),
    Goal("puts/s, 1 connection", "puts", ("1",), "per_second", GATEWAY, 2.3, True),
    Goal("puts/s, 1-1000 connections", "puts", (), "per_second", GRPC, 1.2, True),
    Goal("linearizable gets/s", "gets", (), "per_second", GATEWAY, 4.5, True),
    Goal("linearizable gets/s", "gets", (), "per_second", GRPC, 1.3, True),
    Goal("puts and gets/s over HTTP/2, 4 x 64", "h2", (), "per_second", GRPC, 1.8, True),
    Goal("p99 of puts at 64 and 256", "puts", BUSY, "p99_us", GRPC, 0.7, False),
    Goal("p99 of gets at 64 and 256", "gets", BUSY, "p99_us", GRPC, 0.7, False),
    Goal("ranges of 100 and 1000", "ranges", (), "per_second", GATEWAY, 6.0, True),
    Goal("puts/s of etcd's gateway", "gateway puts", (), "per_second", GATEWAY, 3.0, True),
    Goal("gets/s of etcd's gateway", "gateway gets", (), "per_second", GATEWAY, 3.0, True),
    Goal("puts/s of etcd's gRPC", "gRPC puts", (), "per_second", GRPC, 1.0, True),
    Goal("gets/s of etcd's gRPC", "gRPC gets", (), "per_second", GRPC, 1.0, True),
    Goal("puts/s, three members, through the leader", "three puts", LEADER, "per_second", GATEWAY, 3.5, True),
    Goal("puts/s, three members, through the leader", "three puts", LEADER, "per_second", GRPC, 1.2, True),
    Goal("events/s at saturation, 1000 watchers", "watch", ("1000 saturated",), "per_second", GATEWAY, 5.0, True),
    Goal("p99 of events at 50k/s", "watch", ("100 x 500/s", "1000 x 50/s"), "p99_us", GATEWAY, 0.3, False),
    # Puts end a little after they are due, so the events asked for never quite make the full 50 000.
    Goal("events/s to 10 000 streams", "watch", ("10000 x 5/s",), "per_second", "", 49_000, True),
    Goal("KiB a stream, 10 000 streams", "watch", ("10000 x 5/s",), "kib_per_stream", "", 20, False),
    Goal("memory, 1M distinct keys of 256 B", "memory", ("filled",), "rss_mib", "etcd", 0.75, False),
    Goal("restart to first linearizable read", "memory", ("restart after SIGTERM", "restart after SIGKILL"), "ready_s", "etcd", 0.6, False),
    Goal("worst put during compaction", "stalls", ("compacting",), "max_us", "etcd", 1.0, False),
    Goal("worst put during snapshot and segment roll", "stalls", ("overwriting",), "max_us", "etcd", 1.0, False),
    Goal("worst put during compaction, µs", "stalls", ("compacting",), "max_us", "", 20_000, False),
    Goal("worst put during snapshot and segment roll, µs", "stalls", ("overwriting",), "max_us", "", 20_000, False),
)


def judge(results):
    """For each goal that was measured: the goal, its worst case, the figure there, and whether it is reached."""
    for goal in GOALS:
        measured = []
        for case in goal.cases or results.cases(goal.suite):
            found = (results.ratio(goal.suite, case, goal.against, goal.figure) if goal.against
                     else results.spread(goal.suite, case, "restkv", goal.figure))
            if found:
                measured.append((found[0], case))
        if measured:
            figure, case = (min if goal.is_least else max)(measured)
            yield goal, case, figure, (figure >= goal.bound if goal.is_least else figure <= goal.bound)


def table(results):
    lines = ["| what | against | goal | worst case | measured | |", "| --- | --- | --- | --- | --- | --- |"]
    for goal, case, figure, reached in judge(results):
        sign, unit = ("≥" if goal.is_least else "≤"), ("×" if goal.against else "")
        lines.append(f"| {goal.what} | {goal.against or '–'} | {sign} {goal.bound:g}{unit} | {case} | {figure:.4g}{unit} | "
                     f"{'reached' if reached else '**not reached**'} |")
    return "\n".join(lines)
