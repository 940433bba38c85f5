# txn, typed and from a file: every target and operator, nesting of quotes, what is refused.
. "$(dirname "$0")/lib.sh"

e put a 1
e put b two
e txn -i <<'T'
ver("a") = "1"
mod("a") = "2"
create("a") = "2"
val("b") = "two"

put a 2
get a
get b

put never here

T
e txn <<'T'
val("a") = "1"

put never here

get a
get b
put c "a value with blanks"
del nothing

T
e get c
e txn -w json <<'T'
ver("a") > "1"
mod("a") < "100"

get a
put a 3
get a
del b
get b


T
e txn -w fields <<'T'
create("nothing") = "0"

put made "once"
get made --rev 2


T
e txn <<'T'
create("made") = "0"

put made twice

get made --print-value-only

T
e txn <<'T'
val("nothing") = ""

put never here

get nothing

T
e txn <<'T'
val("a") > "2"
val("a") < "4"
val("a") != "3x"

get a

get made

T

e get "" --prefix
e txn <<'T'

put p/1 x
put p/2 y
get p/ --prefix
del p/ --prefix


T
e txn <<'T'

put p/1 x
put p/2 y
get p/ --prefix
get p/ --prefix --order DESCEND --limit 1
del c --prev-kv
get "" --prefix --keys-only


T
e txn -w json <<'T'

del p/ --prefix --prev-kv
get p/ --prefix
put p/3/after z


T
e get "" --prefix
e txn <<'T'

put twice 1
put twice 2


T
e txn <<'T'

put range/k 1
del range/ --prefix


T
e txn <<'T'

put "" x


T
e txn <<'T'

put leased x --lease 7b


T
e txn <<'T'

get a --rev 9999


T
e txn <<'T'

put same --ignore-value


T
e txn <<'T'

put a x --prev-kv
put made x --ignore-lease


T
e txn <<'T'
nonsense("a") = "1"


T
e txn <<'T'

fly away


T
e txn <<'T'


T
{
  printf '\n'
  for number in $(seq 128); do
    printf 'put many/%03d %d\n' "$number" "$number"
  done
  printf '\n\n'
} >"$folder/many"
e txn <"$folder/many"
sed -i 's|^put many/001|put many/129 x\n&|' "$folder/many"
e txn <"$folder/many"
e get many/ --prefix --limit 2 -w json
