"""Rows to medians, ratios and goals. A row is one run: suite, case, target, round and its figures."""
import json
import statistics

# Which figures a table shows for a suite, and which of them are divided by the other side's.
COLUMNS = {
    "puts": ("per_second", "p50_us", "p99_us", "p999_us", "server_us"),
    "gets": ("per_second", "p50_us", "p99_us", "p999_us", "server_us"),
    "h2": ("per_second", "p50_us", "p99_us", "p999_us", "server_us"),
    "ranges": ("per_second", "p50_us", "p99_us", "p999_us", "server_us"),
    "gateway puts": ("per_second", "p50_us", "p99_us", "p999_us", "server_us"),
    "gateway gets": ("per_second", "p50_us", "p99_us", "p999_us", "server_us"),
    "gRPC puts": ("per_second", "p50_us", "p99_us", "p999_us", "server_us"),
    "gRPC gets": ("per_second", "p50_us", "p99_us", "p999_us", "server_us"),
    "watch": ("per_second", "p50_us", "p99_us", "p999_us", "put_p99_us", "server_us", "kib_per_stream"),
    "gateway watch": ("per_second", "p50_us", "p99_us", "p999_us", "put_p99_us", "server_us", "kib_per_stream"),
    "gRPC watch": ("per_second", "p50_us", "p99_us", "p999_us", "put_p99_us", "server_us", "kib_per_stream"),
    "memory": ("rss_mib", "disk_mib", "ready_s", "fill_per_second"),
    "three puts": ("per_second", "p50_us", "p99_us", "p999_us", "server_us"),
    "three gets": ("per_second", "p50_us", "p99_us", "p999_us", "server_us"),
    "three local gets": ("per_second", "p50_us", "p99_us", "server_us"),
    "catch up": ("catch_up_s", "leader_before_mib", "leader_grew_mib", "leader_cpu_s", "member_mib", "disk_mib"),
    "stalls": ("p50_us", "p99_us", "max_us", "segments", "snapshots", "call_s"),
}
RATIOS = {
    "watch": ("per_second", "p99_us", "server_us"),
    "memory": ("rss_mib", "ready_s", "fill_per_second"),
    "stalls": ("p99_us", "max_us"),
    "catch up": ("catch_up_s", "leader_grew_mib"),
}
REQUEST_RATIOS = ("per_second", "p99_us", "server_us")
OURS = "restkv"


class Results:
    def __init__(self, rows):
        self.rows = rows

    def spread(self, suite, case, target, figure):
        """Median, least and greatest over the rounds; none when there is nothing."""
        return spread([row[figure] for row in self._of(suite, case, target) if figure in row])

    def ratio(self, suite, case, other, figure):
        """Ours divided by the other's of the same round: both saw the same machine."""
        theirs = {row["round"]: row[figure] for row in self._of(suite, case, other) if row.get(figure)}
        return spread([row[figure] / theirs[row["round"]] for row in self._of(suite, case, OURS)
                       if figure in row and row["round"] in theirs])

    def suites(self):
        return list(dict.fromkeys(row["suite"] for row in self.rows))

    def cases(self, suite):
        return list(dict.fromkeys(row["case"] for row in self.rows if row["suite"] == suite))

    def targets(self, suite):
        found = dict.fromkeys(row["target"] for row in self.rows if row["suite"] == suite)
        return sorted(found, key=lambda target: (target != OURS, target))

    def faults(self):
        """Runs whose figures do not mean what they seem to."""
        for row in self.rows:
            where = f"{row['suite']} {row['case']} {row['target']} round {row['round']}"
            if row.get("errors"):
                yield f"{where}: {row['errors']} errors"
            if row.get("complete") is False and "saturated" not in row["case"]:
                yield f"{where}: {row['requests']} of {row['wanted']} events arrived in time"

    def disturbed(self, cores):
        return sum(1 for row in self.rows if row.get("other_cores", 0) > cores)

    def markdown(self):
        return "\n\n".join(f"### {suite}\n\n" + self._figures(suite) + "\n\n" + self._ratios(suite) for suite in self.suites())

    def summary(self):
        """The same as data."""
        out = []
        for suite in self.suites():
            others = [target for target in self.targets(suite) if target != OURS]
            for case in self.cases(suite):
                entry = {"suite": suite, "case": case}
                for target in self.targets(suite):
                    entry[target] = {figure: self.spread(suite, case, target, figure) for figure in COLUMNS[suite]}
                entry["ratios"] = {other: {figure: self.ratio(suite, case, other, figure) for figure in ratio_figures(suite)}
                                   for other in others}
                out.append(entry)
        return out

    def _of(self, suite, case, target):
        return [row for row in self.rows if (row["suite"], row["case"], row["target"]) == (suite, case, target)]

    def _figures(self, suite):
        columns = COLUMNS[suite]
        lines = [line(["case", "who", "rounds", *columns]), "|" + " --- |" * (len(columns) + 3)]
        for case in self.cases(suite):
            for target in self.targets(suite):
                rounds = len(self._of(suite, case, target))
                if rounds:
                    lines.append(line([case, target, rounds, *(text(self.spread(suite, case, target, c)) for c in columns)]))
        return "\n".join(lines)

    def _ratios(self, suite):
        others = [target for target in self.targets(suite) if target != OURS]
        heads = [f"{figure} / {other}" for other in others for figure in ratio_figures(suite)]
        lines = [line(["case", *heads]), "|" + " --- |" * (len(heads) + 1)]
        for case in self.cases(suite):
            lines.append(line([case, *(text(self.ratio(suite, case, other, figure))
                                       for other in others for figure in ratio_figures(suite))]))
        return "\n".join(lines)


def ratio_figures(suite):
    return RATIOS.get(suite, REQUEST_RATIOS)


def spread(values):
    return (statistics.median(values), min(values), max(values)) if values else None


def text(value):
    return f"{short(value[0])} ({short(value[1])}–{short(value[2])})" if value else ""


def short(number):
    size = abs(number)
    return f"{number:,.0f}".replace(",", " ") if size >= 100 else f"{number:.1f}" if size >= 10 else f"{number:.2f}"


def line(cells):
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def load(path):
    with open(path, encoding="utf-8") as f:
        return Results([json.loads(row) for row in f])
