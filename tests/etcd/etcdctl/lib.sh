# Sourced by the scripts of this folder. Each command becomes a block of the transcript: the command after `$ `, what it printed,
# lines of standard error after `! `, its exit code after `= ` when it is not zero.
set -uo pipefail
export ETCDCTL_API=3
unset ETCDCTL_ENDPOINTS ETCDCTL_USER ETCDCTL_PASSWORD
# When it gives up, a login before the call included: on a busy machine two seconds are no measure.
export ETCDCTL_DIAL_TIMEOUT=60s ETCDCTL_COMMAND_TIMEOUT=60s

folder=$(mktemp -d)
printf 'FOLDER\t%s\n' "$folder" >>"$NAMES"
declare -A running=()

clean_up() {
  local name
  for name in "${!running[@]}"; do
    kill -KILL "${running[$name]}" 2>/dev/null
  done
  wait 2>/dev/null
  rm -rf "$folder"
}
trap clean_up EXIT

# etcdctl against the store under test.
ctl() { command etcdctl --endpoints "$ENDPOINTS" "$@"; }

# The gateway, for what etcdctl cannot ask: an alarm to look at, the number of watches.
gateway() { curl --silent --show-error --max-time 20 "http://${ENDPOINTS%%,*}$1" --data "${2:-"{}"}"; }

# Tells the driver what to call an id that differs from run to run. Hexadecimal ids come in decimal, too.
call_it() {
  local name=$1 value=$2
  printf '%s\t%s\n' "$name" "$value" >>"$NAMES"
}
call_hex() {
  call_it "$1" "$2"
  call_it "$1" "$(printf '%016x' "0x$2")"
  call_it "$1" "$(printf '%u' "0x$2")"
}

# A revision for the next commands; `etcdctl get` of a key that is not there prints it in its header.
revision() {
  local found=
  until [[ $found =~ ^[0-9]+$ ]]; do
    found=$(ctl get /nothing/here -w json 2>/dev/null | sed 's/.*"revision":\([0-9]*\).*/\1/')
  done
  echo "$found"
}

headline() {
  printf '$ %s' "$1"
  shift
  if (($#)); then printf ' %q' "$@"; fi
  printf '\n'
}

show() {
  local code=$1 output=$2 errors=$3
  cat "$output"
  # What was printed last may lack its line feed.
  [ ! -s "$output" ] || [ -z "$(tail -c 1 "$output")" ] || printf '\\\n'
  sed 's/^/! /' "$errors"
  ((code == 0)) || printf '= %s\n' "$code"
}

# e ARGUMENTS...: runs etcdctl and shows the block. What it printed stays in $output for ids to be taken from.
e() {
  local code
  ctl "$@" >"$folder/out" 2>"$folder/err"
  code=$?
  output=$(cat "$folder/out")
  headline etcdctl "$@"
  show "$code" "$folder/out" "$folder/err"
}

# note TEXT: a block without a command, for what a shell found out.
note() {
  printf '$ # %s\n' "$1"
  shift
  if (($#)); then printf '%s\n' "$@"; fi
}

# begin NAME ARGUMENTS...: etcdctl in the background; `finish` shows its block.
begin() {
  local name=$1
  shift
  printf '%q ' "$@" >"$folder/$name.command"
  # The pipe is what an interactive command is typed into, and keeps its input open.
  mkfifo "$folder/$name.in"
  # Who looks for what was printed may be faster than the start.
  : >"$folder/$name.out" 2>"$folder/$name.err"
  command etcdctl --endpoints "$ENDPOINTS" "$@" <"$folder/$name.in" >"$folder/$name.out" 2>"$folder/$name.err" &
  running[$name]=$!
  exec {keyboard}>"$folder/$name.in"
  eval "keyboard_$name=$keyboard"
}

# type_into NAME TEXT: a line for an interactive command.
type_into() {
  local keyboard="keyboard_$1"
  printf '%s\n' "$2" >&"${!keyboard}"
}

# until_true WHAT COMMAND...: waits for a condition; how long it may take says when the script gives up, not how fast a store must be.
until_true() {
  local what=$1 end=$((SECONDS + 60))
  shift
  until "$@"; do
    if ((SECONDS >= end)); then
      note "gave up waiting for: $what"
      exit 1
    fi
    sleep 0.02
  done
}

has_lines() { (($(wc -l <"$folder/$1.out") >= $2)); }
has_text() { grep -q -- "$2" "$folder/$1.out"; }
has_ended() { ! kill -0 "${running[$1]}" 2>/dev/null; }

# until_lines NAME COUNT, until_text NAME PATTERN: what a background command has printed.
until_lines() { until_true "$2 lines of $1" has_lines "$1" "$2"; }
until_text() { until_true "$2 from $1" has_text "$1" "$2"; }

# close_in NAME: end of input.
close_in() {
  local keyboard="keyboard_$1"
  exec {keyboard}>&-
  eval "exec ${!keyboard}>&-"
}

# stop NAME: ends a background command and shows nothing. Its exit code is $?.
stop() {
  kill "${running[$1]}"
  reap "$1"
}

reap() {
  local code
  wait "${running[$1]}" 2>/dev/null
  code=$?
  unset "running[$1]"
  return "$code"
}

# finish NAME: ends a background command and shows its block; join NAME waits for its end.
finish() {
  stop "$1"
  show_background "$1" $?
}

join() {
  until_true "the end of $1" has_ended "$1"
  reap "$1"
  show_background "$1" $?
}

show_background() {
  headline "etcdctl $(cat "$folder/$1.command")&"
  show "$2" "$folder/$1.out" "$folder/$1.err"
}
