# endpoint, compaction, defrag, alarm, snapshot.
. "$(dirname "$0")/lib.sh"

member=$(printf '%u' "0x$(ctl member list | cut -d, -f1)")

e endpoint health
e endpoint health -w json
e endpoint status
e endpoint status -w json
e endpoint status -w fields
e endpoint status -w table
ETCDCTL_DIAL_TIMEOUT=1s ETCDCTL_COMMAND_TIMEOUT=1s e endpoint health --endpoints 127.0.0.1:1

for number in 1 2 3 4 5; do
  ctl put key "value $number" >/dev/null
done
e del key
e put key again
e endpoint hashkv --rev 99

# Hashes are the store's own; what counts is that equal states have equal ones and others do not.
hash() { ctl endpoint hashkv "$@" | sed 's/.*, //'; }
before=$(hash --rev 4)
now=$(hash)
ctl put another key >/dev/null
note "hashes" "the past stays: $([ "$before" = "$(hash --rev 4)" ] && echo yes)" "a put changes it: $([ "$now" != "$(hash)" ] && echo yes)"

e compaction 4
e compaction 4
e compaction 3
e compaction 99
e compaction nonsense
e compaction
e get key --rev 3
e get key --rev 4
e get key --rev 5
e endpoint hashkv --rev 3
e compaction 6 --physical
e get key --rev 5
e get key --rev 6
e get key
e defrag
e get key

# An alarm, raised through the gateway, for etcdctl can only list and disarm.
e alarm list
note "activate" "$(gateway /v3/maintenance/alarm "{\"action\": \"ACTIVATE\", \"memberID\": \"$member\", \"alarm\": \"NOSPACE\"}" | jq -c 'del(.header)')"
e alarm list
e alarm list -w json
e put full disk
e put ""
e lease grant 60
e txn <<'T'

put full disk


T
e get key
e txn <<'T'

get key


T
e endpoint health
e endpoint status
e alarm disarm
e alarm list
e put free again
e endpoint health

# A snapshot: that it comes whole.
e snapshot save "$folder/backup"
e snapshot save
note "file of the snapshot" "$([ -s "$folder/backup" ] && echo "is there")" "$(stat -c %a "$folder/backup")"
size=$(stat -c %s "$folder/backup")
note "its last 32 bytes are the SHA-256 of what is before" \
  "$([ "$(head -c $((size - 32)) "$folder/backup" | sha256sum | cut -d' ' -f1)" = "$(tail -c 32 "$folder/backup" | od -An -tx1 | tr -d ' \n')" ] && echo yes)"
e snapshot status "$folder/backup"
