# member list, add, update, promote, remove: a learner that never starts, addresses that are wrong, ids that nobody has.
. "$(dirname "$0")/lib.sh"

id_of() { sed -n 's/^Member *\([0-9a-f]*\) added.*/\1/p' <<<"$1"; }
sorted_list() {
  headline etcdctl member list "$@"
  ctl member list "$@" | sort -t, -k3
}
self=$(ctl member list | sed 's/,.*//')
own_peer=$(ctl member list | cut -d, -f4 | tr -d ' ')
call_it own-peer-url "$own_peer"

e member list
e member list -w json
e member list -w table
e member list -w fields
e member add
e member add lonely
e member add wrong --peer-urls nonsense
e member add wrong --peer-urls http://127.0.0.1
e member add again --peer-urls "$own_peer"

ctl member add newcomer --peer-urls http://127.0.0.9:32399 --learner >"$folder/added"
newcomer=$(id_of "$(cat "$folder/added")")
call_hex newcomer "$newcomer"
note "etcdctl member add newcomer --learner" "$(cat "$folder/added")"
sorted_list
sorted_list -w json
e member add second --peer-urls http://127.0.0.9:32499 --learner
e member promote "$newcomer"
e member update "$newcomer" --peer-urls http://127.0.0.9:32398,http://127.0.0.9:32397
sorted_list
e member update "$newcomer"
e member update 7b --peer-urls http://127.0.0.9:32396
e member update "$self" --peer-urls http://127.0.0.9:32398
e member promote "$self"
e member promote 7b
e member remove 7b
e member remove nonsense
e member remove "$newcomer"
e member list
e member remove "$newcomer"
e member update "$newcomer" --peer-urls http://127.0.0.9:32396

# The store went on.
e put after members
e get after
