# tls: yes
"""A client of python3-etcd3 that has to say who it is. It logs in once, so its token must last.

Over TLS, because gRPC for Python sends the credentials of a call over nothing else.
"""

import io

import warnings

import etcd3
import etcd3.etcdrpc as rpc
from etcd3.etcdrpc import auth_pb2

from support.steps import PATIENCE, authority, endpoint, note, step

warnings.simplefilter("ignore", DeprecationWarning)
HOST, PORT = endpoint()
plain = etcd3.client(HOST, PORT, timeout=PATIENCE, ca_cert=authority())
admin = rpc.AuthStub(plain.channel)


def header_only(answer):
    return type(answer).__name__


def client(name, password):
    return etcd3.client(HOST, PORT, timeout=PATIENCE, ca_cert=authority(), user=name, password=password)


step("log in while off", client, "root", "secret")
plain.put("app/a", "1")
plain.put("other", "2")
step("add root", admin.UserAdd, rpc.AuthUserAddRequest(name="root", password="secret"), show=header_only)
step("add a user", admin.UserAdd, rpc.AuthUserAddRequest(name="alice", password="pass"), show=header_only)
step("grant root", admin.UserGrantRole, rpc.AuthUserGrantRoleRequest(user="root", role="root"), show=header_only)
step("add a role", admin.RoleAdd, rpc.AuthRoleAddRequest(name="reader"), show=header_only)
step("grant a permission", admin.RoleGrantPermission, rpc.AuthRoleGrantPermissionRequest(
    name="reader", perm=auth_pb2.Permission(permType=0, key=b"app/", range_end=b"app0")), show=header_only)
step("grant the role", admin.UserGrantRole, rpc.AuthUserGrantRoleRequest(user="alice", role="reader"), show=header_only)
step("enable", admin.AuthEnable, rpc.AuthEnableRequest(), show=header_only)

step("without a name", plain.get, "app/a")
step("wrong password", client, "alice", "wrong")
alice, root = client("alice", "pass"), client("root", "secret")
step("get what she may", alice.get, "app/a", show=lambda found: found[0])
step("get what she may not", alice.get, "other")
step("put what she may not", alice.put, "app/a", "x")
step("prefix she may", alice.get_prefix, "app/", show=lambda found: [value for value, _ in found])
step("all", alice.get_all, show=list)
step("a transaction she may not", alice.transaction, compare=[], success=[alice.transactions.put("app/a", "x")], failure=[])
found, cancel = alice.watch("app/a", start_revision=2)
step("watch what she may", lambda: next(found).value)
cancel()
step("root may", root.put, "app/a", "by root", show=header_only)
step("members", lambda: len(list(alice.members)))
step("a snapshot without rights", alice.snapshot, io.BytesIO())
roots = rpc.AuthStub(root.channel)
step("disable without rights", rpc.AuthStub(alice.channel).AuthDisable, rpc.AuthDisableRequest(), metadata=alice.metadata)
step("disable", roots.AuthDisable, rpc.AuthDisableRequest(), metadata=root.metadata, show=header_only)
step("without a name again", plain.get, "app/a", show=lambda got: got[0])
note("end")
