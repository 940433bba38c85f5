"""Facts about the machine and its processes, from /proc."""
import os
import platform
import socket
import subprocess
import time

TICKS = os.sysconf("SC_CLK_TCK")
EPHEMERAL_FROM = 32768


def cpu_seconds(pid):
    """User and system time a process has taken so far."""
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def machine_cpu_seconds():
    """What all processes together have taken so far, interrupts included, waiting excluded."""
    with open("/proc/stat", encoding="ascii") as f:
        fields = [int(x) for x in f.readline().split()[1:]]
    return (sum(fields[:8]) - fields[3] - fields[4]) / TICKS


def resident_mib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as f:
        for line in f:
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
    return 0.0


def disk_mib(folder):
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.stat(os.path.join(parent, name)).st_blocks * 512
            except FileNotFoundError:
                pass  # A log file recycled while we looked: it is counted under its new name or not at all.
    return total / 1048576


def pin(core):
    """For a process about to start: keep to one core."""
    return lambda: os.sched_setaffinity(0, {core % os.cpu_count()})


def require_free_port(port):
    """Refuses a port that somebody holds, so that no other server is measured by mistake."""
    if port >= EPHEMERAL_FROM:
        raise RuntimeError(f"port {port} is in the range that outgoing connections use")
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind(("127.0.0.1", port))
        except OSError as e:
            raise RuntimeError(f"port {port} is taken by another process") from e


def wait_until_quiet(cores, at_most, sample=0.25):
    """Waits, within bounds, until all other work takes no more than so many cores; servers are idle meanwhile."""
    end = time.monotonic() + at_most
    while True:
        used, began = machine_cpu_seconds(), time.monotonic()
        time.sleep(sample)
        if (machine_cpu_seconds() - used) / (time.monotonic() - began) <= cores or time.monotonic() > end:
            return


def describe(repository):
    """What a reader of the figures must know about where they come from."""
    def first(path, prefix):
        with open(path, encoding="utf-8") as f:
            return next((line.split(":", 1)[1].strip() for line in f if line.startswith(prefix)), "unknown")

    def output(*command):
        done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
        return done.stdout.strip() or "unknown"

    return {
        "cpu": first("/proc/cpuinfo", "model name"),
        "cores": os.cpu_count(),
        "memory_gib": round(int(first("/proc/meminfo", "MemTotal").split()[0]) / 1048576, 1),
        "kernel": platform.release(),
        "dotnet": output("dotnet", "--version"),
        "commit": output("git", "rev-parse", "--short=12", "HEAD"),
        "clean": output("git", "status", "--porcelain") == "unknown",
        "date": time.strftime("%Y-%m-%d"),
    }
