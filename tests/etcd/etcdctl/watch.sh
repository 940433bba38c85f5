# watch: history and live, prefixes and ranges, previous values, a command for each event, several watches typed into one.
. "$(dirname "$0")/lib.sh"

e put k one                     # 2
e put k two                     # 3
e del k                         # 4
e put k three                   # 5
e put dir/a 1                   # 6
e put dir/b 2                   # 7
e txn <<'T'

put dir/a 3
put dir/c 4
del dir/b


T
# 8
e put other x                   # 9

begin history watch k --rev 1
until_lines history 10
finish history

begin previous watch k --rev 3 --prev-kv
until_lines previous 13
finish previous

begin prefix watch dir/ --prefix --rev 6
until_lines prefix 14
finish prefix

begin range watch dir/b dir/d --rev 6 --prev-kv
until_lines range 10
finish range

# How events are divided into messages is free, so other formats are looked at event by event.
has_json_event() { jq -c '.Events[]' "$folder/$1.out" 2>/dev/null | grep -q "$2"; }
begin json watch dir/ --prefix --rev 6 --prev-kv -w json
until_true "the last event as JSON" has_json_event json '"type":1'
stop json
note "watch -w json" "$(jq -c '.Events[]' "$folder/json.out")"

begin fields watch dir/a --rev 8 --prev-kv -w fields
until_text fields '"Lease"'
finish fields

# From a revision that is not there yet: nothing before it.
next=$(($(revision) + 2))
begin future watch k --rev "$next"
e put k early
e put k late
until_lines future 3
finish future

# Live: the watch is there when it shows the mark, which is written until then.
begin live watch k
mark_is_seen() { ctl put k mark >/dev/null && has_text live mark; }
until_true "a mark in the live watch" mark_is_seen
ctl put k "after the marks" >/dev/null
until_text live "after the marks"
ctl del k >/dev/null
until_text live DELETE
stop live
note "live watch" "$(sed '/^PUT$/{N;N;/\nmark$/d}' "$folder/live.out")"

# A command for each event, which learns of the event by its environment.
cat >"$folder/on-event" <<'S'
#!/bin/sh
echo "$ETCD_WATCH_EVENT_TYPE $ETCD_WATCH_KEY=$ETCD_WATCH_VALUE"
S
chmod +x "$folder/on-event"
begin command watch dir/ --prefix --rev 6 -- "$folder/on-event"
until_text command '^"DELETE"'
stop command
note "what the command printed" "$(grep '^"' "$folder/command.out")"

begin interactive watch -i
type_into interactive "watch --rev 2 k"
until_text interactive three
type_into interactive "watch --rev 6 --prefix dir/"
until_text interactive dir/c
type_into interactive "nonsense"
close_in interactive
until_true "the end of the interactive watch" has_ended interactive
reap interactive
note "watch -i ended" "exit code $?" "$(head -n 12 "$folder/interactive.out")" "$(cat "$folder/interactive.err")"

# The past that is gone.
e compaction 6
begin compacted watch k --rev 2
join compacted
begin kept watch dir/ --prefix --rev 6
until_lines kept 14
finish kept
begin inverted watch z a --rev 2
join inverted
e watch
