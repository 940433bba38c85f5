"""Watch fan-out: RestKv's SSE streams beside watches over etcd's JSON gateway, and etcd's two ways to watch on both servers."""

# Name, watchers, puts a second, writing connections. "saturated" asks for more than either can deliver.
FULL = (
    ("1 x 500/s", 1, 500, 1),
    ("100 x 500/s", 100, 500, 2),
    ("1000 x 50/s", 1000, 50, 2),
    ("1000 saturated", 1000, 400, 8),
    ("10000 x 5/s", 10_000, 5, 2),
)
QUICK = (
    ("1 x 500/s", 1, 500, 1),
    ("100 x 100/s", 100, 100, 2),
    ("1000 x 10/s", 1000, 10, 2),
)
FACADE = FULL[1:4]


def warm_up(load, server):
    load.watch(server, 100, 200, 2)


def facade(load, server, case, over):
    """The puts are made over etcd's gateway, whichever way the watches are read."""
    name, watchers, rate, connections = case
    load.watch(server, 100, 200, 2, "etcd", over)
    row = load.watch(server, watchers, rate, connections, "etcd", over)
    row["complete"] = row["requests"] == row["wanted"]
    way = "gateway" if over == "http" else "gRPC"
    return {"suite": f"{way} watch", "case": name, "target": "restkv" if server.name == "restkv" else f"etcd {way}", **row}


def fan_out(load, server, case):
    name, watchers, rate, connections = case
    row = load.watch(server, watchers, rate, connections)
    row["complete"] = row["requests"] == row["wanted"]
    return {"suite": "watch", "case": name, "target": "restkv" if server.name == "restkv" else "etcd gateway", **row}
