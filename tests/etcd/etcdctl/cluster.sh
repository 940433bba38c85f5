# members: 3
# Three members: what is asked of each, who leads, and handing over.
. "$(dirname "$0")/lib.sh"

IFS=, read -ra each <<<"$ENDPOINTS"
at() {
  local endpoint=$1
  shift
  command etcdctl --endpoints "$endpoint" "$@"
}
# Where an answer depends on who leads, the lines are sorted and the leader is named by what it does.
# Ids have more digits than jq keeps, so they are taken from the fields.
field() { sed -n "s/^\"$1\" : \"\?\([^\"]*\)\"\?/\1/p"; }
leader_id() {
  local known
  known=$(ctl endpoint status -w fields | field Leader | sort -u)
  [[ $known =~ ^[1-9][0-9]*$ ]] && printf '%x' "$known"
}
member_of() { at "$1" endpoint status | cut -d, -f2 | tr -d ' '; }
until_true "a leader that all know" leader_id >/dev/null

e put hello world
until_everywhere() { for endpoint in "${each[@]}"; do [ "$(at "$endpoint" get hello --consistency s --print-value-only)" = "$1" ] || return 1; done; }
until_true "the value on all members" until_everywhere world
for endpoint in "${each[@]}"; do
  note "reads at one member" "$(at "$endpoint" get hello)" "$(at "$endpoint" get hello --consistency s)"
done

headline etcdctl endpoint health
ctl endpoint health 2>&1 | sort
headline etcdctl endpoint health --cluster
at "${each[0]}" endpoint health --cluster 2>&1 | sort
headline etcdctl endpoint health -w json
ctl endpoint health -w json 2>/dev/null | jq -c 'sort_by(.endpoint)[] | [.endpoint, .health]'
note "leaders, terms and learners by endpoint status" \
  "$(ctl endpoint status | cut -d, -f5 | sort | tr -d '\n')" \
  "$(ctl endpoint status -w fields | field RaftTerm | sort -u | wc -l)" \
  "$(ctl endpoint status | cut -d, -f1,2,3,6 | sort)"
note "endpoint status --cluster" "$(at "${each[1]}" endpoint status --cluster | cut -d, -f1,2,3,6 | sort)"
hashes_agree() { (($(ctl endpoint hashkv | cut -d, -f2 | sort -u | wc -l) == 1)); }
until_true "equal hashes" hashes_agree
note "endpoint hashkv" "$(ctl endpoint hashkv | cut -d, -f1 | sort)"
note "endpoint hashkv --cluster" "$(at "${each[2]}" endpoint hashkv --cluster | cut -d, -f1 | sort)"
note "endpoint hashkv --rev 2: hashes" "$(ctl endpoint hashkv --rev 2 | cut -d, -f2 | sort -u | wc -l)"
note "defrag --cluster" "$(at "${each[0]}" defrag --cluster | sort)"
note "member list" "$(ctl member list | sort -t, -k3)"

# Handing over: to somebody else, back, to nobody, and asked of one who does not lead.
leader=$(leader_id)
for endpoint in "${each[@]}"; do
  [ "$(member_of "$endpoint")" = "$leader" ] || other=$endpoint
  [ "$(member_of "$endpoint")" != "$leader" ] || leading=$endpoint
done
target=$(member_of "$other")
note "move-leader" "$(ctl move-leader "$target" 2>&1 | sed "s/$leader/THE-LEADER/; s/$target/ANOTHER/")"
leads() { [ "$(leader_id)" = "$1" ]; }
until_true "the other to lead" leads "$target"
e put hello "after the handover"
until_true "the value on all members" until_everywhere "after the handover"
note "move-leader asked of a follower" "$(at "$leading" move-leader "$leader" 2>&1 | sed 's/^{.*//; s/\[[^]]*\]/[ENDPOINTS]/' | grep .)"
note "move-leader to a stranger" "$(ctl move-leader 7b 2>&1 | sed 's/^{.*//' | grep .)"
note "move-leader to the leader" "$(ctl move-leader "$target" 2>&1 | sed "s/$target/ANOTHER/g")"
e move-leader
e move-leader nonsense

# A lease, a lock and a watch that were begun at one member are seen through another.
lease=$(at "$leading" lease grant 60 | cut -d' ' -f2)
call_hex lease "$lease"
note "a lease seen elsewhere" "$(at "$other" lease timetolive "$lease" | sed 's/remaining.*//')" \
  "$(at "$other" put leased 1 --lease "$lease")" "$(at "$leading" lease keep-alive "$lease" --once)" \
  "$(at "$other" lease revoke "$lease")" "$(at "$leading" get leased)"
ENDPOINTS=$leading begin elsewhere watch seen --rev "$(($(revision) + 1))"
ENDPOINTS=$other e put seen elsewhere
until_text elsewhere elsewhere
finish elsewhere
