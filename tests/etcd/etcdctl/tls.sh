# tls: yes
# The same over TLS: whom etcdctl trusts, and that streams work as they do without.
. "$(dirname "$0")/lib.sh"

plain=$ENDPOINTS
ENDPOINTS=https://$plain
call_it AUTHORITY "$AUTHORITY"
trusting() { e --cacert "$AUTHORITY" "$@"; }
# These are to fail. A flag beside a variable would be refused.
unset ETCDCTL_DIAL_TIMEOUT ETCDCTL_COMMAND_TIMEOUT
quickly=(--dial-timeout 1s --command-timeout 1s)

trusting put hello world
trusting get hello
trusting lease grant nonsense
note "without trust" "$(ctl "${quickly[@]}" get hello 2>&1 | grep '^Error')"
note "without TLS" "$(ENDPOINTS=$plain ctl "${quickly[@]}" get hello 2>&1 | grep '^Error')"
begin watch watch --cacert "$AUTHORITY" hello --rev 2
trusting put hello again
until_text watch again
finish watch
trusting endpoint health
trusting member list
note "endpoint status --cluster" "$(ctl --cacert "$AUTHORITY" endpoint status --cluster 2>&1 | cut -d, -f1,2,3,6)"
