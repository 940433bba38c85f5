"""Patroni nodes: each one a Patroni with its PostgreSQL, run as the user `postgres` where this is root."""

import glob
import json
import os
import pathlib
import pwd
import signal
import subprocess
import urllib.error
import urllib.request

import psycopg2

from support import servers

API_PORT = 32008
POSTGRES_PORT = 32432
SCOPE = "demo"
PREFIX = f"/service/{SCOPE}/"
USER, PASSWORD = "patroni", "its password"
# The smallest that Patroni takes, so that a failover is not waited for longer than need be.
TTL, LOOP_WAIT, RETRY_TIMEOUT = 20, 2, 9


def binaries():
    """Debian has one folder for each version of PostgreSQL."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    return str(pathlib.Path(found[-1]).parent) if found else None


class Node:
    """One Patroni, which keeps its name, directory and addresses over any number of lives."""

    def __init__(self, name, folder, endpoints, with_password):
        self.name, self.host = name, servers.next_host()
        self.folder = pathlib.Path(folder) / name
        self.data = self.folder / "data"
        self.log = self.folder / "patroni.log"
        self.process = None
        self.folder.mkdir(mode=0o700)
        (self.folder / "patroni.json").write_text(json.dumps(self.configuration(endpoints, with_password), indent=2))
        if os.getuid() == 0:
            owner = pwd.getpwnam("postgres")
            for path in (self.folder, self.folder / "patroni.json"):
                os.chown(path, owner.pw_uid, owner.pw_gid)

    def configuration(self, endpoints, with_password):
        store = {"hosts": endpoints.split(",")}
        if with_password:
            store |= {"username": USER, "password": PASSWORD}
        # Syncs of the databases under test are not what is tested; those of the store are.
        parameters = {"unix_socket_directories": str(self.folder), "max_connections": 20, "shared_buffers": "16MB", "fsync": "off"}
        return {
            "scope": SCOPE, "name": self.name, "etcd3": store,
            "restapi": {"listen": f"{self.host}:{API_PORT}", "connect_address": f"{self.host}:{API_PORT}"},
            "bootstrap": {
                "dcs": {"ttl": TTL, "loop_wait": LOOP_WAIT, "retry_timeout": RETRY_TIMEOUT, "postgresql": {"use_pg_rewind": True}},
                "initdb": [{"encoding": "UTF8"}, {"locale": "C"}],
                "pg_hba": ["local all all trust", "host all all 127.0.0.0/8 trust", "host replication all 127.0.0.0/8 trust"]},
            "postgresql": {
                "listen": f"{self.host}:{POSTGRES_PORT}", "connect_address": f"{self.host}:{POSTGRES_PORT}",
                "data_dir": str(self.data), "bin_dir": binaries(), "basebackup": [{"checkpoint": "fast"}],
                "remove_data_directory_on_diverged_timelines": True,
                "pgpass": str(self.folder / "pgpass"), "parameters": parameters,
                "authentication": {
                    "superuser": {"username": "postgres", "password": "postgres"},
                    "replication": {"username": "replicator", "password": "replicator"}}}}

    def start(self):
        command = ["/usr/bin/patroni", str(self.folder / "patroni.json")]
        if os.getuid() == 0:
            command = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups", "--pdeathsig", "KILL", *command]
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "HOME": str(self.folder), "no_proxy": "*"}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, cwd=self.folder,
                preexec_fn=servers.die_with_parent)

    @property
    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """kill -9 of both, as if the machine were gone."""
        self.process.kill()
        self.process.wait()
        for process in self.postgres():
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def postgres(self):
        """Its postmaster, which outlives a Patroni that was killed, and the children of that."""
        try:
            postmaster = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            children = pathlib.Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        except (OSError, ValueError):
            return []
        return [postmaster, *map(int, children)]

    def rest(self, path):
        """Status code of Patroni's own interface: /primary and /replica answer 200 to who is one."""
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"http://{self.host}:{API_PORT}{path}", timeout=5) as answer:
                return answer.status
        except urllib.error.HTTPError as refusal:
            return refusal.code
        except OSError:
            return None

    def is_primary(self):
        self.must_run()
        return self.rest("/primary") == 200

    def takes_writes(self):
        """Who was promoted is primary to Patroni a moment before its PostgreSQL is out of recovery."""
        return self.is_primary() and self.query("SELECT pg_is_in_recovery()") == [(False,)]

    def is_replica(self):
        self.must_run()
        return self.rest("/replica") == 200

    def must_run(self):
        if not self.is_running:
            raise RuntimeError(f"Patroni {self.name} ended:\n{self.read_log()}")

    def query(self, statement, *values):
        """One statement over a connection of its own."""
        connection = psycopg2.connect(host=self.host, port=POSTGRES_PORT, user="postgres", dbname="postgres", connect_timeout=5)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall() if cursor.description else None
        finally:
            connection.close()

    def read_log(self):
        """What Patroni said last; what PostgreSQL refuses fills the log otherwise."""
        if not self.log.exists():
            return ""
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(line for line in lines if "cannot execute INSERT" not in line and " STATEMENT: " not in line)[-12000:]

    def logged(self, text):
        """How often Patroni said so."""
        return self.log.read_text(errors="replace").count(text)

    def listed(self):
        """Roles and states by `patronictl list`."""
        found = subprocess.run(
            ["/usr/bin/patronictl", "-c", str(self.folder / "patroni.json"), "list", "-f", "json"],
            capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C.UTF-8", "no_proxy": "*"})
        if found.returncode:
            raise RuntimeError(f"patronictl: {found.stdout}{found.stderr}")
        return sorted((each["Member"], each["Role"], each["State"]) for each in json.loads(found.stdout))
