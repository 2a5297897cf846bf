# shellcheck shell=bash
# Sourced by the tests of vgpuctl verify and tree: real processes that stay, and what is said of them.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
shims=$build/lib/vgpu
compiler=${CC:-cc}
stay=$scratch/stay
$compiler -o "$stay" "$here/stay.c" -ldl

pids=()
end_all() {
  ((${#pids[@]} == 0)) || kill "${pids[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  pids=()
}
trap 'end_all; rm -rf "$scratch"' EXIT

# begin COUNT COMMAND...: in the background, until COUNT processes of it have said that they are up. $pid is the first.
begin() {
  local count=$1
  shift
  : >"$scratch/up"
  "$@" >"$scratch/up" 2>"$scratch/up.err" </dev/null &
  pid=$!
  pids+=("$pid")
  for ((i = 0; i < 600; i++)); do
    (($(grep -c ^up "$scratch/up") < count)) || return 0
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.05
  done
  fail "not up: $*"$'\n'"$(cat "$scratch/up" "$scratch/up.err")"
}
shimmed() { # COUNT COMMAND...
  local count=$1
  shift
  begin "$count" "$vgpu_run" -- "$@"
}

# verified STATUS OPTION...: vgpuctl verify ends so; the JSON is in $scratch/json, the text in $scratch/out.
verified() {
  local expected=$1
  shift
  ends "$expected" "$vgpuctl" verify --json "$@"
  cp "$scratch/out" "$scratch/json"
  ends "$expected" "$vgpuctl" verify "$@"
}
# says NAME FINDING [TEXT]: the one process of that name is judged so, and its reason has TEXT.
says() {
  local got
  got=$(json "[p['finding'] + ': ' + p['reason'] for p in d['processes'] if p['name'] == '$1']" <"$scratch/json")
  [[ $got == "['$2: "*"']" || $got == "[\"$2: "*"\"]" ]] || fail "$1: not $2 but $got"$'\n'"$(cat "$scratch/out")"
  [[ $got == *"${3:-}"* ]] || fail "$1: no '$3' in $got"
}
# member NAME EXPRESSION: a Python expression over the process `p`.
member() { json "[$2 for p in d['processes'] if p['name'] == '$1'][0]" <"$scratch/json"; }
