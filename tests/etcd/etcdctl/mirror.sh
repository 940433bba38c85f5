# make-mirror: from one prefix of the store to another, which needs no second store.
. "$(dirname "$0")/lib.sh"

ctl put from/a 1 >/dev/null
ctl put from/b 2 >/dev/null
ctl put elsewhere x >/dev/null
has_value() { [ "$(ctl get "$1" --print-value-only)" = "$2" ]; }
has_not() { [ -z "$(ctl get "$1")" ]; }

begin mirror make-mirror --prefix from/ --dest-prefix to/ "$ENDPOINTS"
until_true "the second key in the mirror" has_value to/b 2
ctl put from/c 3 >/dev/null
ctl put from/a changed >/dev/null
ctl del from/b >/dev/null
until_true "a key that is new" has_value to/c 3
until_true "a key that changed" has_value to/a changed
until_true "the end of a key" has_not to/b
e txn <<'T'

put from/d 4
put from/e 5
del from/c


T
until_true "a whole transaction" has_value to/e 5
until_true "the end of another key" has_not to/c
stop mirror
e get "" --prefix
