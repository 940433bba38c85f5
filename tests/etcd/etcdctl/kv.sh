# get, put, del with all their options and output formats.
. "$(dirname "$0")/lib.sh"

e put hello world
e put hello again
e put hello "with prev" --prev-kv
e put fresh value --prev-kv
e put from/stdin <<<"line one"
e put empty ""
e put -- -dash value
e get hello
e get fresh -w fields
e get hello -w json
e get empty
e get empty -w json
e get nothing
e get nothing -w json
e get hello --hex
e get hello --print-value-only
e get hello --print-value-only -w json
e get hello --rev 2
e get hello --rev 3 -w fields
e get hello --rev 99999
e get hello --consistency s
e get hello --consistency x
e put "" value
e get ""
e del ""
e put hello new --ignore-value
e put hello --ignore-value
e get hello -w fields
e put absent --ignore-value
e put hello v --lease 7b
e put absent v --ignore-lease

for key in app/a app/b app/b/1 app/c appendix b; do
  ctl put "$key" "value of $key" >/dev/null
done
e get app/ --prefix
e get app/ --prefix --keys-only
e get app/ --prefix --keys-only -w json
e get app/ --prefix --print-value-only
e get app/a app/c
e get app/a app/c -w fields
e get app/c app/a
e get app/b --from-key
e get "" --prefix --keys-only
e get "" --from-key --keys-only
e get app/ --prefix --limit 2
e get app/ --prefix --limit 2 -w json
e get app/ --prefix --limit 4 -w json
e get app/ --prefix --order DESCEND --keys-only
e get app/ --prefix --order ASCEND --keys-only
e get app/ --prefix --order SIDEWAYS
# Equal ones would come in any order: each of the four has another version and value.
for key in app/b app/a app/b app/c app/b app/a; do
  ctl put "$key" "another $key" >/dev/null
done
for target in CREATE KEY MODIFY VALUE VERSION; do
  e get app/ --prefix --sort-by "$target" --keys-only
  e get app/a app/c --sort-by "$target" --order DESCEND --keys-only
done
e get app/ --prefix --sort-by VALUE --limit 2 --order DESCEND
e get app/ --prefix --sort-by COLOUR
e get app/ --prefix --from-key
e get app/a app/b --prefix

e del nothing
e del hello
e del hello -w json
e get hello -w json
e del fresh --prev-kv
e del app/b app/c --prev-kv
e del app/ --prefix
e del app/ --prefix -w fields
e put app/1 one
e put app/2 two
e del app/ --prefix --prev-kv -w json
e del b --from-key
e del "" --prefix
e get "" --prefix -w json
e put again 1
e get again -w json

# Bytes that are no text, and values as large as they may be.
note "bytes"
printf 'a\0b\xff\n' | ctl put binary >/dev/null
e get binary -w json
e get binary --hex
head -c 1000000 /dev/zero | tr '\0' x | ctl put large >/dev/null
note "bytes of the large value" "$(ctl get large --print-value-only | wc -c)"
head -c 1600000 /dev/zero | tr '\0' x >"$folder/huge"
e put huge <"$folder/huge"
head -c 2200000 /dev/zero | tr '\0' x >"$folder/huge"
e put huge <"$folder/huge"
e get huge
e put k
e get
e nonsense
