"""The scripts: where they are, what they need, how one is run and what it printed."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from support import servers, transcript

FOLDER = pathlib.Path(__file__).resolve().parents[1]
PYTHON = "/usr/bin/python3"
INTERPRETERS = {".sh": "bash", ".py": PYTHON, ".mjs": "node"}
GROUPS = ["etcdctl", "etcd3gw", "etcd3py", "etcd3node"]
TIME_LIMIT = 600


class ToolMissing(Exception):
    """Something that is not installed; the message says which package has it."""


def names():
    """All scripts, as `folder/name`. What begins with `lib` is shared by the others."""
    return sorted(
        f"{group}/{path.stem}" for group in GROUPS for path in (FOLDER / group).iterdir()
        if path.suffix in INTERPRETERS and not path.stem.startswith("lib"))


def path_of(name):
    if name not in names():
        raise ToolMissing(f"no script {name}; there are: {' '.join(names())}")
    return next(path for path in (FOLDER / name).parent.iterdir() if path.stem == pathlib.Path(name).name and path.suffix in INTERPRETERS)


def header(name, key, default):
    """A line `# key: value` (or `// key: value`) near the beginning of a script."""
    found = re.search(rf"^(?:#|//) {key}: (.*)$", path_of(name).read_text(), re.M)
    return found.group(1) if found else default


def members_of(name):
    return int(header(name, "members", "1"))


def has_tls(name):
    return header(name, "tls", "no") == "yes"


def has_model(name):
    """Without one a script judges by itself and says so with its exit code."""
    return header(name, "model", "etcd") == "etcd"


def flags_of(name, kind):
    """Flags the servers of a script need: `# flags of etcd: …`."""
    return header(name, f"flags of {kind}", "").split()


def require(name, model=None):
    """Says in one message all that is missing for a script."""
    group = name.split("/")[0]
    missing = []
    if model == "etcd" and not shutil.which("etcd"):
        missing.append("etcd (package etcd-server)")
    for command, package in {"etcdctl": [("etcdctl", "etcd-client"), ("curl", "curl")], "etcd3node": [("node", "nodejs")]}.get(group, []):
        if not shutil.which(command):
            missing.append(f"{command} (package {package})")
    for module, package in {"etcd3gw": [("etcd3gw", "python3-etcd3gw")], "etcd3py": [("etcd3", "python3-etcd3")]}.get(group, []):
        if subprocess.run([PYTHON, "-c", f"import {module}"], capture_output=True, check=False).returncode:
            missing.append(f"Python module {module} for {PYTHON} (package {package})")
    if group == "etcd3node" and not (FOLDER / group / "node_modules").is_dir():
        missing.append(f"packages of npm (npm ci --prefix tests/etcd/{group})")
    if missing:
        raise ToolMissing(f"{name} needs what is not installed: {', '.join(missing)}")


def names_of(endpoints, authority):
    """What the members and the cluster are called in transcripts. Each tells the others its addresses when it has started."""
    found = servers.until(lambda: all_started(servers.post(endpoints[0], "/v3/cluster/member/list", {}, authority)), "all members to start")
    yield from spellings("cluster", int(found["header"]["cluster_id"]))
    for number, endpoint in enumerate(endpoints, 1):
        yield f"endpoint{number}", endpoint
        for member in found["members"]:
            if any(url.endswith(f"//{endpoint}") for url in member.get("clientURLs", [])) or len(endpoints) == 1:
                yield from spellings(f"member{number}", int(member["ID"]))
                for url in member.get("peerURLs", []):
                    yield f"peer{number}", url.split("://")[1]
        yield f"host{number}", endpoint.rsplit(":", 1)[0]


def all_started(found):
    return found if all("clientURLs" in member for member in found["members"]) else None


def spellings(name, number):
    """Programs print ids in decimal, in hexadecimal, and with leading zeros."""
    return [(name, f"{number}"), (name, f"{number:x}"), (name, f"{number:016x}")]


def run(name, endpoints, authority=None):
    """Runs a script and returns its transcript with ids named and measurements taken out, and whether it came to its end."""
    path = path_of(name)
    identities = list(names_of(endpoints.split(","), authority))
    with tempfile.TemporaryDirectory(prefix="restkv-etcd-names-") as folder:
        names_file = pathlib.Path(folder) / "names"
        names_file.touch()
        environment = {
            **os.environ, "ENDPOINTS": endpoints, "NAMES": str(names_file), "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": str(FOLDER), "AUTHORITY": str(authority or ""), "no_proxy": "*", "NO_PROXY": "*"}
        process = subprocess.Popen(
            [INTERPRETERS[path.suffix], str(path)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=environment, preexec_fn=servers.die_with_parent)
        try:
            output, _ = process.communicate(timeout=TIME_LIMIT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            output = process.communicate()[0] + f"\n$ # no end after {TIME_LIMIT} s\n".encode()
        named = [*identities, *(line.split("\t", 1) for line in names_file.read_text().splitlines())]
    return transcript.normalise(output.decode(errors="replace"), named), process.returncode == 0
