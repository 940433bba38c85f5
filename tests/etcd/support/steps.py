"""What the Python scripts have in common: each step becomes a block of the transcript."""

import json
import os
import time

PATIENCE = 60


def endpoint(number=0):
    """Host and port of a member."""
    host, port = os.environ["ENDPOINTS"].split(",")[number].rsplit(":", 1)
    return host, int(port)


def authority():
    """File of the certificate that servers of a script with `# tls: yes` are known by."""
    return os.environ["AUTHORITY"]


def call_it(name, number):
    """Tells the driver what to call an id that differs from run to run."""
    with open(os.environ["NAMES"], "a", encoding="utf-8") as names:
        for spelling in {f"{number}", f"{number:x}", f"{number:016x}"}:
            names.write(f"{name}\t{spelling}\n")


def note(title, *lines):
    print(f"$ {title}")
    for line in lines:
        print(line)


def step(title, action, *arguments, show=lambda found: found, **named):
    """Does it and shows what it returned, or what it raised. Returns what it returned."""
    print(f"$ {title}", flush=True)
    try:
        found = action(*arguments, **named)
        # Some clients ask only when the first of the results is taken.
        shown = show(found)
    except Exception as fault:  # what a client raises is what is compared
        print(f"! {describe(fault)}")
        return None
    for line in shown if isinstance(shown, list) and shown else [shown]:
        print(line)
    return found


def in_order(text):
    """The order of members of a JSON object is free."""
    try:
        return json.dumps(json.loads(text), sort_keys=True)
    except ValueError:
        return text


def describe(fault):
    parts = [type(fault).__name__, str(fault)]
    parts += [in_order(part) for part in (getattr(fault, "detail_text", None),) if part]
    code, details = getattr(fault, "code", None), getattr(fault, "details", None)
    if callable(code) and callable(details):
        # The text of an error of gRPC holds addresses and times; its code and message are what clients go by.
        parts = [type(fault).__name__, str(code()), str(details())]
    return ": ".join(part.strip() for part in parts if part.strip())


def until(condition, what):
    """Waits for a condition. The deadline says when to give up, not how fast a store must be."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"gave up waiting for: {what}")
        time.sleep(0.01)
