# lease: grant, attach, ask, keep alive, revoke, and what happens when one ends by itself.
. "$(dirname "$0")/lib.sh"

# id_of TEXT: the lease a command named first.
id_of() { sed -n 's/^lease \([0-9a-f]*\) .*/\1/p' <<<"$1" | head -n 1; }

grant() {
  ctl lease grant "$2" >"$folder/out"
  call_hex "$1" "$(id_of "$(cat "$folder/out")")"
  headline etcdctl lease grant "$2"
  cat "$folder/out"
  printf -v "$1" %s "$(id_of "$(cat "$folder/out")")"
}

# Seconds that are left are a measurement.
remaining() { sed 's/remaining([0-9]*s)/remaining(TIME)/; s/"ttl":[0-9]*/"ttl":TIME/; s/^"TTL" : [0-9]*/"TTL" : TIME/'; }
timed() {
  headline etcdctl "$@"
  ctl "$@" 2>&1 | remaining
}

e lease list
grant first 300
grant second 400
e lease list -w json
note "number of leases" "$(ctl lease list | head -n 1)"
e put on/first/a 1 --lease "$first"
e put on/first/b 2 --lease "$first"
e put on/second 3 --lease "$second"
e get on/first/a -w json
timed lease timetolive "$first"
timed lease timetolive "$first" --keys
timed lease timetolive "$first" --keys -w json
e put on/first/a moved --lease "$second"
timed lease timetolive "$second" --keys
e put on/first/a "without a lease"
timed lease timetolive "$second" --keys
timed lease timetolive "$second" --keys -w fields
e put on/second kept --ignore-lease
e put on/second x --ignore-lease --lease "$first"
e get on/second -w json
e lease keep-alive "$first" --once
e lease keep-alive "$first" --once -w json

begin keepalive lease keep-alive "$first"
until_lines keepalive 1
stop keepalive
note "keep-alive" "$(head -n 1 "$folder/keepalive.out")"

e lease revoke "$first"
e get on/ --prefix
e lease revoke "$first"
timed lease timetolive "$first"
timed lease timetolive "$first" -w json
e lease keep-alive "$first" --once
e lease keep-alive "$first"
e put on/first/c 1 --lease "$first"
e lease revoke "$second" -w json
e get on/ --prefix -w json
grant smallest 0
e lease grant 9999999999
e lease grant many
e lease revoke nonsense
e lease timetolive 7b

# One that ends: its keys go at one revision, in one event batch, and it is no longer listed.
grant short 2
e put ends/b 1 --lease "$short"
e put ends/a 2 --lease "$short"
next=$(($(revision) + 1))
begin end watch ends/ --prefix --rev "$next" -w json
until_lines end 1
finish end
e get ends/ --prefix
is_gone() { ctl lease timetolive "$short" | grep -q "already expired"; }
until_true "the end of the short lease" is_gone
timed lease timetolive "$short"
e lease list
