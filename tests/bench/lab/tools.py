"""What a comparison needs on disk: wrk, etcd, RestKv and the load client. Nothing is installed, no service is started."""
import os
import shutil
import subprocess

# wrk's own package and the one library it needs that a Debian base lacks.
WRK_PACKAGES = ("wrk", "libluajit2-5.1-2")
ETCD_PACKAGES = ("etcd-server",)


class Tools:
    def __init__(self, repository, work):
        self.repository, self.work = repository, work
        self.unpacked = os.path.join(work, "tools")
        self.environment = {"MSBUILDDISABLENODEREUSE": "1", "DOTNET_CLI_TELEMETRY_OPTOUT": "1"}

    def prepare(self, publish=True):
        os.makedirs(self.work, exist_ok=True)
        self.wrk = self._find("wrk", WRK_PACKAGES)
        self.find_etcd()
        self.restkv = self._publish("api", "restkv", publish)
        self.loadgen = self._publish("tests/bench/RestKv.LoadGen", "loadgen", publish)

    def find_etcd(self):
        os.makedirs(self.work, exist_ok=True)
        self.etcd = os.environ.get("ETCD") or self._find("etcd", ETCD_PACKAGES)

    def libraries(self):
        """Where an unpacked wrk finds its library."""
        return os.path.join(self.unpacked, "usr/lib", f"{os.uname().machine}-linux-gnu")

    def etcd_version(self):
        first = subprocess.run([self.etcd, "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]
        return first.rsplit(" ", 1)[-1]

    def _find(self, name, packages):
        """The program of that name, unpacked from Debian's packages below the work folder if the machine has none."""
        local = os.path.join(self.unpacked, "usr/bin", name)
        if not os.path.exists(local):
            if shutil.which(name):
                return shutil.which(name)
            self._unpack(packages)
        return local

    def _unpack(self, packages):
        downloads = os.path.join(self.work, "packages")
        os.makedirs(downloads, exist_ok=True)
        print("unpacking", *packages, flush=True)
        self._run(["apt-get", "download", "-q", *packages], cwd=downloads)
        for name in sorted(os.listdir(downloads)):
            if name.split("_")[0] in packages:
                self._run(["dpkg", "-x", name, self.unpacked], cwd=downloads)

    def _publish(self, project, program, publish):
        into = os.path.join(self.work, "publish", program)
        if publish or not os.path.exists(os.path.join(into, program)):
            print("publishing", project, flush=True)
            self._run(["dotnet", "publish", project, "-c", "Release", "-o", into, "--nologo", "-v", "quiet"], cwd=self.repository)
        return os.path.join(into, program)

    def _run(self, command, cwd):
        done = subprocess.run(command, cwd=cwd, env={**os.environ, **self.environment}, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)} failed:\n{(done.stdout + done.stderr)[-3000:]}")
