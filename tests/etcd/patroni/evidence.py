"""What the store knows of a Patroni cluster: its keys, and the whole history of who held the key of the leader."""

import base64
import http.client
import json

from nodes import PREFIX
from support import servers


def encode(text):
    return base64.b64encode(text.encode()).decode()


def decode(text):
    return base64.b64decode(text).decode()


class Evidence:
    """Asks any member that answers, as root when authentication is on."""

    def __init__(self, store):
        self.store, self.password, self.token = store, None, None

    def call(self, path, body):
        """An answer from whoever gives one; members may be killed, paused or cut off just now."""
        def attempt():
            for member in self.store.members:
                if member.is_with_the_others:
                    try:
                        return self.post(member.client, path, body)
                    except (OSError, ValueError):
                        continue
            return None

        return servers.until(attempt, f"an answer to {path}")

    def post(self, endpoint, path, body):
        connection = http.client.HTTPConnection(endpoint, timeout=5)
        try:
            if self.password and not self.token:
                self.token = self.exchange(connection, "/v3/auth/authenticate", {"name": "root", "password": self.password})["token"]
            return self.exchange(connection, path, body)
        finally:
            connection.close()

    def exchange(self, connection, path, body):
        connection.request("POST", path, json.dumps(body), {"Authorization": self.token} if self.token else {})
        answer = connection.getresponse()
        content = json.loads(answer.read())
        if answer.status in (401, 500, 503, 504):
            self.token = None
            raise ValueError(f"{answer.status} {content}")
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {content}")
        return content

    def keys(self):
        """Keys below the scope, without their prefix."""
        found = self.call("/v3/kv/range", {"key": encode(PREFIX), "range_end": encode(PREFIX[:-1] + "0"), "keys_only": True})
        return sorted(decode(kv["key"])[len(PREFIX):] for kv in found.get("kvs", []))

    def value(self, name):
        found = self.call("/v3/kv/range", {"key": encode(PREFIX + name)}).get("kvs")
        return decode(found[0].get("value", "")) if found else None

    def lease_of_leader(self):
        found = self.call("/v3/kv/range", {"key": encode(PREFIX + "leader")}).get("kvs")
        return found[0].get("lease") if found else None

    def remaining(self, lease):
        """Seconds that a lease has left; -1 when it is gone."""
        return int(self.call("/v3/lease/timetolive", {"ID": lease}).get("TTL", 0))

    def until_renewed(self, lease, times):
        """Until the time left went up so often: somebody keeps the lease alive through who leads now."""
        last, rises = self.remaining(lease), 0

        def seen():
            nonlocal last, rises
            now = self.remaining(lease)
            if now < 0:
                raise RuntimeError("the lease of the primary ended")
            rises, last = rises + (now > last), now
            return rises >= times

        servers.until(seen, "renewals of the primary's lease")

    def leaders(self):
        """The whole history of the key of the leader: (revision, name, or None when the key went). Patroni must have ended."""
        # The key right behind it marks the end of what there is to see.
        self.call("/v3/kv/put", {"key": encode(PREFIX + "leader\0")})
        watched = {"key": encode(PREFIX + "leader"), "range_end": encode(PREFIX + "leader\0\0"), "start_revision": 1}
        member = next(each for each in self.store.members if each.is_with_the_others)
        connection = http.client.HTTPConnection(member.client, timeout=60)
        found = []
        try:
            connection.request(
                "POST", "/v3/watch", json.dumps({"create_request": watched}), {"Authorization": self.token} if self.token else {})
            answer = connection.getresponse()
            while True:
                for event in json.loads(answer.readline())["result"].get("events", []):
                    kv = event["kv"]
                    if decode(kv["key"]) != PREFIX + "leader":
                        return found
                    found.append((int(kv["mod_revision"]), None if event.get("type") == "DELETE" else decode(kv["value"])))
        finally:
            connection.close()


def violations(leaders):
    """A leader may follow another only after the key was gone: else two held it."""
    return [
        f"{after} took the key of the leader from {before} at revision {revision}"
        for (_, before), (revision, after) in zip(leaders, leaders[1:]) if before and after and before != after]


def successions(leaders):
    """Who led, one after the other."""
    names = [name for _, name in leaders if name]
    return [name for place, name in enumerate(names) if place == 0 or names[place - 1] != name]
