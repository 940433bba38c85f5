# user, role and auth: from nothing to a store that asks who is there, what each may do, and back.
. "$(dirname "$0")/lib.sh"

as() {
  local who=$1
  shift
  e --user "$who" "$@"
}

# Before authentication is on.
e user list
e role list
e user add alice:secret
e user add bob --new-user-password builder
e user add carol --interactive=false <<<"from standard input"
e user add nobody --no-password
e user add alice:again
e user add ""
e user list
e user list -w json
e user get alice
e user get nobody-knows
e user delete carol
e user delete carol
e user passwd bob --interactive=false <<<"new password"
e user passwd nobody-knows --interactive=false <<<"x"
e role add reader
e role add writer
e role add reader
e role add ""
e role grant-permission reader read app/ --prefix
e role grant-permission reader read single
e role grant-permission reader read q --from-key
e role grant-permission reader read a/1 a/5
e role grant-permission writer write app/w
e role grant-permission writer readwrite b/ --prefix
e role grant-permission writer readwrite app/w
e role grant-permission nothing read x
e role grant-permission reader fly x
e role get reader
e role get writer
e role get reader -w json
e role get nothing
e role revoke-permission reader a/1 a/5
e role revoke-permission reader a/1 a/5
e role revoke-permission reader q --from-key
e role get reader
e role list
e user grant-role alice reader
e user grant-role alice writer
e user grant-role alice nothing
e user grant-role nobody-knows reader
e user get alice
e user get alice --detail
e user get alice -w json
e user revoke-role alice writer
e user revoke-role alice writer
e put app/x open
e put single open
e put other open

# Who may switch it on.
e auth enable
e user add root:password
e auth enable
e role add root
e role get root
e user grant-role root root
e auth disable
e auth enable
e auth enable

# Nobody, somebody, the wrong one.
e get app/x
e put app/x y
e user list
as alice:wrong get app/x
as nobody-knows:x get app/x
as nobody:x get app/x
as alice:secret get app/x
as alice:secret get app/ --prefix
as alice:secret get single
as alice:secret get other
as alice:secret get a z
as alice:secret put app/x y
as alice:secret del app/x
as alice:secret user list
as alice:secret user get alice
as alice:secret user get bob
as alice:secret role get reader
as alice:secret role get writer
as alice:secret role add mine
as alice:secret auth disable
as alice:secret member list
as alice:secret member remove 7b
as bob:"new password" get app/x
as root:password get "" --prefix
as root:password put other "by root"
ETCDCTL_USER=root ETCDCTL_PASSWORD=password e get other
as alice:secret txn <<'T'
ver("app/x") = "1"

get app/x

get single

T
as alice:secret txn <<'T'
ver("app/x") = "1"

get app/x

put app/x y

T
as alice:secret txn <<'T'
ver("other") = "1"

get app/x

get app/x

T

# Rights change while authentication is on.
as root:password user grant-role bob writer
as bob:"new password" put app/w 1
as bob:"new password" get app/w
as bob:"new password" put b/1 1
as bob:"new password" del b/ --prefix
as bob:"new password" put app/v 1
as root:password role revoke-permission writer app/w
as bob:"new password" put app/w 2
as root:password role grant-permission writer write w/ --prefix
as bob:"new password" put w/1 x
as bob:"new password" put w/1 x --prev-kv
as bob:"new password" get w/1
as root:password role delete reader
as alice:secret get app/x
as root:password user get alice
as root:password user delete root
as root:password user revoke-role root root
as root:password role delete root
as root:password user delete bob
as bob:"new password" put b/1 1
as root:password user passwd alice --interactive=false <<<"changed"
as alice:secret get app/x
as root:password user get alice

# Watches and leases of one who may only look.
as root:password role add reader
as root:password role grant-permission reader read app/ --prefix
as root:password user grant-role alice reader
begin allowed --user alice:changed watch app/x --rev 1
until_lines allowed 3
finish allowed
begin refused --user alice:changed watch other --rev 1
join refused
as root:password defrag
as root:password endpoint health
as root:password alarm list
as root:password snapshot save "$folder/backup"
as root:password compaction 3

as root:password auth disable
e get other
e user list
as alice:changed get other
e auth disable
