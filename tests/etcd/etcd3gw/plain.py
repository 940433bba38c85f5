"""The gateway by plain requests: methods, paths, headers, how numbers, enums and defaults are written, errors."""

import base64
import json

import requests

from support.steps import endpoint, note

BASE = "http://{}:{}".format(*endpoint())
SESSION = requests.Session()


def b64(text):
    return base64.b64encode(text.encode()).decode()


def ask(title, path, body=None, method="POST", texts=True, **named):
    """Shows status, type and body; the body as sorted JSON when it is JSON, a line each. What a parser says is free."""
    data = body if isinstance(body, (str, bytes, type(None))) else json.dumps(body)
    answer = SESSION.request(method, BASE + path, data=data, timeout=60, **named)
    lines = [f"{answer.status_code} {answer.headers.get('Content-Type', 'no type')}"]
    for line in answer.text.splitlines():
        try:
            document = json.loads(line)
            if not texts:
                document = {name: value for name, value in document.items() if name not in ("error", "message")}
            lines.append(json.dumps(document, sort_keys=True))
        except ValueError:
            lines.append(line)
    note(title, *lines)
    return answer


def paths_and_methods():
    ask("version", "/version", method="GET")
    ask("health", "/health", method="GET")
    ask("GET of a call", "/v3/kv/range", method="GET")
    ask("PUT of a call", "/v3/kv/range", {}, method="PUT")
    ask("unknown path", "/v3/kv/nothing", {})
    ask("unknown path of the old interface", "/v2/keys", method="GET")
    ask("the beta path", "/v3beta/kv/range", {"key": b64("a")})
    ask("no body", "/v3/kv/range")
    ask("an empty body", "/v3/cluster/member/list", "")
    ask("a body that is no JSON", "/v3/kv/range", "{", texts=False)


def bodies():
    put = {"key": b64("a"), "value": b64("1")}
    for kind in ("application/json", "application/x-www-form-urlencoded", "text/plain", None):
        ask(f"put as {kind}", "/v3/kv/put", put, headers={"Content-Type": kind})
    ask("names in camel case", "/v3/kv/range", {"key": b64("a"), "rangeEnd": b64("b"), "keysOnly": True})
    ask("names in snake case", "/v3/kv/range", {"key": b64("a"), "range_end": b64("b"), "keys_only": True})
    ask("unknown fields", "/v3/kv/range", {"key": b64("a"), "unknown": {"deep": [1]}, "limit": None})
    ask("numbers as strings", "/v3/kv/range", {"key": b64("a"), "limit": "5", "revision": "2"})
    ask("numbers as numbers", "/v3/kv/range", {"key": b64("a"), "limit": 5, "revision": 2})
    ask("enums by name", "/v3/kv/range", {"key": b64("a"), "sort_order": "DESCEND", "sort_target": "MOD"})
    ask("enums by number", "/v3/kv/range", {"key": b64("a"), "sort_order": 2, "sort_target": 3})
    ask("all keys", "/v3/kv/range", {"key": "AA==", "range_end": "AA==", "count_only": True})
    ask("a bool in quotes", "/v3/kv/range", {"key": b64("a"), "keys_only": "true"}, texts=False)
    ask("a number that is none", "/v3/kv/range", {"key": b64("a"), "limit": "many"}, texts=False)
    ask("a key that is not base64", "/v3/kv/range", {"key": "*"}, texts=False)


def defaults():
    ask("nothing found", "/v3/kv/range", {"key": b64("nothing")})
    ask("an empty value", "/v3/kv/put", {"key": b64("empty")})
    ask("an empty value read", "/v3/kv/range", {"key": b64("empty")})
    ask("previous value of a new key", "/v3/kv/put", {"key": b64("new"), "value": b64("1"), "prev_kv": True})
    ask("previous value", "/v3/kv/put", {"key": b64("new"), "value": b64("2"), "prev_kv": True})
    ask("delete with the previous", "/v3/kv/deleterange", {"key": b64("new"), "prev_kv": True})
    ask("delete nothing", "/v3/kv/deleterange", {"key": b64("new")})
    ask("a transaction without anything", "/v3/kv/txn", {})
    compare = {"key": b64("a"), "target": "VERSION", "result": "GREATER", "version": "1"}
    both = {"success": [{"request_range": {"key": b64("a")}}], "failure": [{"request_delete_range": {"key": b64("a")}}]}
    ask("a transaction that succeeds", "/v3/kv/txn", {"compare": [compare], **both})
    ask("a transaction that fails", "/v3/kv/txn", {"compare": [{**compare, "version": 1000}], "failure": [{"requestRange": {"key": b64("a")}}]})
    ask("one within the other", "/v3/kv/txn", {"success": [
        {"request_txn": {"compare": [compare], "success": [{"request_put": {"key": b64("inner"), "value": b64("1")}}]}},
        {"request_put": {"key": b64("outer"), "value": b64("2")}}]})
    ask("compaction", "/v3/kv/compaction", {"revision": 3})
    ask("compaction again", "/v3/kv/compaction", {"revision": 3})


def leases():
    ask("grant with an id", "/v3/lease/grant", {"TTL": 300, "ID": "7587857987654321"})
    ask("grant with an id that is taken", "/v3/lease/grant", {"TTL": 300, "ID": "7587857987654321"})
    ask("put", "/v3/kv/put", {"key": b64("leased"), "value": b64("1"), "lease": 7587857987654321})
    ask("get", "/v3/kv/range", {"key": b64("leased")})
    ask("keep alive", "/v3/lease/keepalive", {"ID": "7587857987654321"})
    ask("keep alive what is not there", "/v3/lease/keepalive", {"ID": 4711})
    ask("time to live of nothing", "/v3/lease/timetolive", {"ID": 4711})
    ask("leases", "/v3/lease/leases", {})
    ask("leases by another path", "/v3/kv/lease/leases", {})
    ask("revoke", "/v3/lease/revoke", {"ID": "7587857987654321"})
    ask("revoke again", "/v3/kv/lease/revoke", {"ID": "7587857987654321"})
    ask("get after it", "/v3/kv/range", {"key": b64("leased")})


def streams():
    """One JSON document a line; a client that has seen enough closes its connection."""
    created = {"create_request": {"key": b64("a"), "start_revision": "3"}}
    watch = SESSION.post(BASE + "/v3/watch", json=created, stream=True, timeout=60)
    lines = watch.iter_lines(chunk_size=1)
    note("watch from the compacted revision", f"{watch.status_code} {watch.headers['Content-Type']}", *(
        json.dumps(json.loads(next(lines)), sort_keys=True) for _ in range(2)))
    watch.close()
    watch = SESSION.post(BASE + "/v3/watch", json={"create_request": {"key": b64("a"), "start_revision": 1}}, stream=True, timeout=60)
    lines = watch.iter_lines(chunk_size=1)
    note("watch from before it", *(json.dumps(json.loads(next(lines)), sort_keys=True) for _ in range(2)))
    watch.close()


def authentication():
    ask("authenticate while off", "/v3/auth/authenticate", {"name": "root", "password": "x"})
    ask("enable without root", "/v3/auth/enable", {})
    ask("a token while off", "/v3/kv/range", {"key": b64("a")}, headers={"Authorization": "nonsense.1"})
    ask("a user", "/v3/auth/user/add", {"name": "root", "password": "secret"})
    ask("its role", "/v3/auth/user/grant", {"user": "root", "role": "root"})
    ask("enable", "/v3/auth/enable", {})
    ask("no token", "/v3/kv/range", {"key": b64("a")})
    ask("a wrong token", "/v3/kv/range", {"key": b64("a")}, headers={"Authorization": "nonsense.1"})
    ask("a wrong password", "/v3/auth/authenticate", {"name": "root", "password": "wrong"})
    login = SESSION.post(BASE + "/v3/auth/authenticate", json={"name": "root", "password": "secret"}, timeout=60).json()
    note("fields of a login", *sorted(login))
    token = {"Authorization": login["token"]}
    ask("the token", "/v3/kv/range", {"key": b64("a")}, headers=token)
    ask("a role", "/v3/auth/role/add", {"name": "reader"}, headers=token)
    permission = {"permType": "READ", "key": b64("a"), "range_end": b64("b")}
    ask("a permission", "/v3/auth/role/grant", {"name": "reader", "perm": permission}, headers=token)
    ask("the role read", "/v3/auth/role/get", {"role": "reader"}, headers=token)
    ask("the user read", "/v3/auth/user/get", {"name": "root"}, headers=token)
    ask("somebody unknown", "/v3/auth/user/get", {"name": "nobody"}, headers=token)
    ask("disable", "/v3/auth/disable", {}, headers=token)
    ask("without a token after that", "/v3/kv/range", {"key": b64("a")})


paths_and_methods()
bodies()
defaults()
leases()
streams()
authentication()
