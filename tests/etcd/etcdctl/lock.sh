# lock and elect: who holds, who waits, who is next, with a command and without.
. "$(dirname "$0")/lib.sh"

# A holder's key ends with its lease.
keys() { ctl get "$1" --prefix --keys-only | sed '/^$/d; s|/[0-9a-f]*$|/LEASE|'; }
has_keys() { (($(ctl get "$1" --prefix --keys-only | grep -c .) == $2)); }
unlease() { sed 's|/[0-9a-f]\{6,\}$|/LEASE|; s|\(lock\|seat\)/[0-9a-f]\{6,\}|\1/LEASE|g' "$folder/$1.out"; }

begin first lock my/lock
until_lines first 1
begin second lock my/lock
until_true "two keys below the lock" has_keys my/lock/ 2
note "held once, waited for once" "$(unlease first)" "$(keys my/lock/)" "second: $(wc -l <"$folder/second.out")"
stop first
note "exit code of the first" $?
until_lines second 1
note "the second holds" "$(unlease second)" "$(keys my/lock/)"
stop second
until_true "no key below the lock" has_keys my/lock/ 0

# A command runs while the lock is held and its exit code counts.
cat >"$folder/inside" <<'S'
#!/bin/sh
echo "key of ${ETCD_LOCK_KEY%/*}, revision $ETCD_LOCK_REV"
exit "${1:-0}"
S
chmod +x "$folder/inside"
headline etcdctl lock my/lock --ttl 30 -- inside
ctl lock my/lock --ttl 30 -- "$folder/inside" 2>&1
printf '= %s\n' $?
headline etcdctl lock my/lock -- inside 3
ctl lock my/lock -- "$folder/inside" 3 2>&1 | sed "s|$folder/||"
printf '= %s\n' "${PIPESTATUS[0]}"
until_true "no key below the lock" has_keys my/lock/ 0

# Four at once count in a file, each between reading and writing it; without the lock they would lose counts.
echo 0 >"$folder/count"
cat >"$folder/count-up" <<S
#!/bin/sh
n=\$(cat "$folder/count")
sleep 0.01
echo \$((n + 1)) >"$folder/count"
S
chmod +x "$folder/count-up"
workers=()
for worker in 1 2 3 4; do
  (for round in 1 2 3 4 5; do ctl lock counter -- "$folder/count-up" || echo "failed in round $round"; done) &
  workers+=($!)
done
wait "${workers[@]}"
note "20 times under the lock" "$(cat "$folder/count")"

begin leader elect seat one
until_text leader one
begin follower elect seat two
begin observer elect -l seat
until_text observer one
until_true "two candidates" has_keys seat/ 2
note "one leads" "$(unlease leader)" "$(keys seat/)" "follower: $(wc -l <"$folder/follower.out")" "$(unlease observer)"
stop leader
note "exit code of the leader" $?
until_text follower two
until_text observer two
note "the other leads" "$(unlease follower)" "$(keys seat/)"
stop observer
note "who watched saw both" "$(unlease observer)"
stop follower
until_true "no candidate" has_keys seat/ 0
e elect
e lock
