"""A network namespace for each member of a store, so that one can be cut off from the others and still runs. Needs root and `ip`."""

import os
import subprocess

# A bridge without ports: packets go in, and that is all.
VOID = "void"


class Network:
    """Members on a bridge. What one sends to another is lost as long as its way there leads into the void; clients reach all."""

    def __init__(self, size):
        process = os.getpid()
        self.tag = f"rk{process % 1_000_000}"
        self.subnet = f"10.{192 + process // 250 % 60}.{process % 250}"
        self.size = size

    def host(self, number):
        return f"{self.subnet}.{number + 1}"

    def space(self, number):
        return f"{self.tag}-{number}"

    def enter(self, number, command):
        """The same command, run inside; the process is the command's own."""
        return ["ip", "netns", "exec", self.space(number), *command]

    def make(self):
        run("link", "add", self.tag, "type", "bridge")
        run("addr", "add", f"{self.subnet}.1/28", "dev", self.tag)
        run("link", "set", self.tag, "up")
        for number in range(1, self.size + 1):
            space, near, far = self.space(number), f"{self.tag}n{number}", f"{self.tag}f{number}"
            run("netns", "add", space)
            run("link", "add", near, "type", "veth", "peer", "name", far)
            run("link", "set", near, "master", self.tag, "up")
            run("link", "set", far, "netns", space)
            run("-n", space, "addr", "add", f"{self.host(number)}/28", "dev", far)
            run("-n", space, "link", "set", far, "up")
            run("-n", space, "link", "set", "lo", "up")
            run("-n", space, "link", "add", VOID, "type", "bridge")
            run("-n", space, "link", "set", VOID, "arp", "off", "up")
        return self

    def cut(self, number):
        """From all other members, in both directions."""
        for other in range(1, self.size + 1):
            if other != number:
                run("-n", self.space(number), "route", "replace", f"{self.host(other)}/32", "dev", VOID)
                run("-n", self.space(other), "route", "replace", f"{self.host(number)}/32", "dev", VOID)

    def heal(self):
        for number in range(1, self.size + 1):
            run("-n", self.space(number), "route", "flush", "dev", VOID)

    def remove(self):
        for command in self.undoing():
            subprocess.run(command.split(), capture_output=True, check=False)

    def undoing(self):
        """Commands for whoever has to clean up."""
        return [*(f"ip netns del {self.space(number)}" for number in range(1, self.size + 1)), f"ip link del {self.tag}"]


def try_make(size):
    """None where this is not allowed, or where there is no `ip`."""
    network = Network(size)
    try:
        return network.make()
    except (OSError, subprocess.CalledProcessError):
        network.remove()
        return None


def run(*arguments):
    subprocess.run(["ip", *arguments], check=True, capture_output=True)
