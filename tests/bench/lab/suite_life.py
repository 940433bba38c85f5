"""A store over its life: memory and disk with a million keys, restarts, and what puts cost while it compacts."""
import signal
import time

# Steady puts show stalls, so they must never queue for lack of a connection: a twentieth of what a gateway can do,
# over as many connections as cover a stall of 60 ms.
STEADY_RATE = 500
STEADY_CONNECTIONS = 32
OVERWRITING_CALLERS = 16


def life(load, server, keys, settle):
    """Yields rows for one server that is fresh and alone."""
    target = server.name
    empty = server.resident_mib()
    filled = load.fill(server, keys)
    time.sleep(settle)
    yield row("memory", "filled", target, fill_per_second=filled["per_second"], empty_mib=round(empty, 1), **sizes(server))
    for case, how in (("restart after SIGTERM", signal.SIGTERM), ("restart after SIGKILL", signal.SIGKILL)):
        stopped = server.stop(how)
        ready = server.start()
        time.sleep(settle)
        yield row("memory", case, target, stop_s=round(stopped, 3), ready_s=round(ready, 3), **sizes(server))
    yield from under_load(load, server, keys, settle)


def under_load(load, server, keys, settle):
    """Steady puts while a million keys are overwritten (log segments roll, snapshots are taken) and then compacted."""
    session = load.steady(server, STEADY_RATE, STEADY_CONNECTIONS, keys)
    try:
        time.sleep(settle)
        session.say("calm")
        time.sleep(settle)
        before = server.log_files()
        session.say("overwriting")
        load.fill(server, keys, OVERWRITING_CALLERS)
        session.say("pause")
        time.sleep(settle)
        rolled, saved = (len(now - then) for now, then in zip(server.log_files(), before))
        revision = server.revision()
        session.say("compacting")
        began = time.monotonic()
        server.compact(revision)
        took = time.monotonic() - began
        time.sleep(2 * settle)
        session.say("after")
        time.sleep(settle)
    except BaseException:
        session.process.kill()
        raise
    figures = session.finish(60)
    if figures["errors"]:
        raise RuntimeError(f"{server.name}: {figures['errors']} steady puts failed")
    windows = {window.pop("name"): window for window in figures["windows"]}
    extra = {"calm": {}, "overwriting": {"segments": rolled, "snapshots": saved}, "compacting": {"call_s": round(took, 3)}}
    for name, more in extra.items():
        yield row("stalls", name, server.name, **windows[name], **more)
    yield row("memory", "compacted", server.name, **sizes(server))


def sizes(server):
    return {"rss_mib": round(server.resident_mib(), 1), "disk_mib": round(server.disk_mib(), 1)}


def row(suite, case, target, **figures):
    return {"suite": suite, "case": case, "target": target, **figures}
