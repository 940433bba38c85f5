"""Transcripts of scripts: what differs from run to run is named, and two transcripts are compared block by block."""

import difflib
import fnmatch
import re

NOTHING = "-"

# Of a long line only the surroundings of the first difference are shown.
SHOWN = 300

def in_order(text, separator):
    """A list whose order is free."""
    return (" " if separator == " " else ",").join(sorted(re.split(separator, text)))


# What is a measurement, not an answer. Ids are named by the scripts themselves, for only they know them.
MEASUREMENTS = [
    # Frames of tables are as wide as their widest cell.
    (re.compile(r"-{3,}"), "---"),
    (re.compile(r"(?<=\|) +| +(?=\|)"), " "),
    (re.compile(r"^(?:! )?\{\"level\":.*?\"msg\":(\".*?\").*?\"error\":(\".*\")\}$", re.M), r"! log: \1 \2"),
    (re.compile(r"^(?:! )?\{\"level\":\"info\".*\n", re.M), ""),
    (re.compile(r"\btook(\" ?: ?\"| = )[0-9.]+(?:ns|µs|ms|s)\b"), r"took\1TIME"),
    # Debian's etcd and the one that RestKv follows.
    (re.compile(r"(?<![0-9.])3\.(?:4\.23|5\.16)(?![0-9.])"), "VERSION"),
    # Ids are padded to sixteen places.
    (re.compile(r"\b(Member|cluster) +<"), r"\1 <"),
    (re.compile(r"\b[0-9]+(?:\.[0-9]+)? [kMG]?B\b"), "SIZE"),
    # Term, index and applied index in a line or a row of `endpoint status`.
    (re.compile(r"(SIZE(?:,| \|) (?:true|false)(?:,| \|) (?:true|false)(?:,| \|)) [0-9]+(,| \|) [0-9]+(?:,| \|) [0-9]+"), r"\1 TERM\2 INDEX\2 APPLIED"),
    (re.compile(r"^[0-9a-f]{1,8}, ([0-9]+, [0-9]+, SIZE)$", re.M), r"HASH, \1"),
    (re.compile(r"(\"?(?:raft_?term|raftTerm|RaftTerm)\"?\s*[:=]\s*\"?)[0-9]+"), r"\1TERM"),
    (re.compile(r"(\"?(?:raft(?:Applied)?Index|RaftIndex|RaftAppliedIndex|dbSize(?:InUse)?|DBSize)\"?\s*:\s*\"?)[0-9]+"), r"\1NUMBER"),
    # A lease's keys are a set.
    (re.compile(r"(?<=attached keys\(\[)[^\]]*"), lambda found: in_order(found.group(), " ")),
    (re.compile(r"(?<=\"keys\":\[)[^\]]*"), lambda found: in_order(found.group(), ",")),
    # Members come in any order.
    (re.compile(r'(?<="members":\[)(\{.*\})(?=\])'), lambda found: in_order(found.group(), r"(?<=\}),(?=\{)")),
    (re.compile(r'(?<=ETCD_INITIAL_CLUSTER=")[^"]*'), lambda found: in_order(found.group(), ",")),
]


def normalise(text, names=()):
    """Longest ids first, whole words only: a short id may be part of a longer one."""
    known = {}
    for name, value in names:
        known.setdefault(value, name)
    if known:
        longest_first = sorted(known, key=len, reverse=True)
        pattern = re.compile(r"(?<![0-9A-Za-z.])(?:" + "|".join(map(re.escape, longest_first)) + r")(?![0-9A-Za-z])")
        text = pattern.sub(lambda found: f"<{known[found.group()]}>", text)
    for pattern, replacement in MEASUREMENTS:
        text = pattern.sub(replacement, text)
    return text


def blocks(text):
    """Pairs of a headline (`$ …`) and the lines below it."""
    found = [("", [])]
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return [block for block in found if block != ("", [])]


class Accepted:
    """The list of differences that are accepted: script | command | line of etcd | line of RestKv | reason."""

    def __init__(self, lines):
        self.rules = []
        for number, line in enumerate(lines, 1):
            if not line.strip() or line.startswith("#"):
                continue
            parts = [part.strip() for part in line.split(" | ")]
            if len(parts) != 5 or not parts[4]:
                raise ValueError(f"line {number}: needs script | command | line of etcd | line of RestKv | reason")
            self.rules.append(parts)
        self.used = set()

    def takes(self, script, command, model, other):
        for number, (scripts, commands, models, others, _) in enumerate(self.rules):
            pairs = ((script, scripts), (command, commands), (model, models), (other, others))
            if all(matches(text, pattern) for text, pattern in pairs):
                self.used.add(number)
                return True
        return False

    def unused(self, script):
        return [
            rule for number, rule in enumerate(self.rules)
            if number not in self.used and matches(script, rule[0])]


def matches(text, pattern):
    """Only `*` is special: brackets are common in what programs print."""
    return fnmatch.fnmatchcase(text, re.sub(r"([\[?])", r"[\1]", pattern))


def differences(script, model, other, accepted):
    """Lines in which the transcripts differ beyond the list, below their commands."""
    ours, theirs = blocks(model), blocks(other)
    found = []
    headlines = difflib.SequenceMatcher(None, [head for head, _ in ours], [head for head, _ in theirs], autojunk=False)
    for kind, a, b, c, d in headlines.get_opcodes():
        if kind == "equal":
            for (command, left), (_, right) in zip(ours[a:b], theirs[c:d]):
                lines = list(block_differences(script, command, left, right, accepted))
                if lines:
                    found += [f"  $ {command}", *lines]
        else:
            # Scripts are the same for both, so a missing block means that one of them gave up.
            found += [f"  - $ {head}" for head, _ in ours[a:b]] + [f"  + $ {head}" for head, _ in theirs[c:d]]
            found += [f"  + {line}" for _, lines in theirs[c:d] for line in lines]
    return found


def block_differences(script, command, left, right, accepted):
    for kind, a, b, c, d in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        for number in range(max(b - a, d - c)):
            model = left[a + number] if a + number < b else NOTHING
            other = right[c + number] if c + number < d else NOTHING
            if not accepted.takes(script, command, model, other):
                begin = max(0, common_start(model, other) - SHOWN // 2)
                for sign, line in (("-", model), ("+", other)):
                    if line != NOTHING:
                        yield f"  {sign} {'…' if begin else ''}{line[begin:begin + SHOWN]}"


def common_start(left, right):
    return next((place for place, (a, b) in enumerate(zip(left, right)) if a != b), min(len(left), len(right)))
