# shellcheck shell=bash
# Sourced by the tests of vgpuctl top and limit: programs that live in a session and do what they are told.
source "$(dirname "${BASH_SOURCE[0]}")/../common.sh"
vgpuctl=$build/bin/vgpuctl
driver=$build/tests/programs/session_driver
export XDG_RUNTIME_DIR=$scratch/runtime
mkdir -m 700 "$XDG_RUNTIME_DIR"
gib=1073741824

pids=()
end_all() {
  ((${#pids[@]} == 0)) || kill -9 "${pids[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  pids=()
}
trap 'end_all; rm -rf "$scratch"' EXIT

# visit NAME OPTION... -- WORD...: session_driver with these words, under vgpu-run with these options, in the background, until
# it has said "up". Behind the words it stays until its stdin, $scratch/NAME.in, gets a line for each `wait`. $pid is it.
visit() {
  local name=$1 options=()
  shift
  while [[ $1 != -- ]]; do options+=("$1"); shift; done
  shift
  rm -f "$scratch/$name.in"
  mkfifo "$scratch/$name.in"
  "$vgpu_run" "${options[@]}" -- "$driver" "$@" <"$scratch/$name.in" >"$scratch/$name.out" 2>"$scratch/$name.err" &
  pid=$!
  pids+=("$pid")
  local fd
  exec {fd}>"$scratch/$name.in"  # held open: the driver ends where its stdin does
  keys[$name]=$fd
  said "$name" up
}
declare -A keys

# said NAME TEXT: waits until the driver has printed that line.
said() {
  for ((i = 0; i < 600; i++)); do
    ! grep -qxF -e "$2" "$scratch/$1.out" || return 0
    sleep 0.05
  done
  fail "$1 does not say '$2':"$'\n'"$(cat "$scratch/$1.out" "$scratch/$1.err")"
}
go_on() { echo >&"${keys[$1]}"; }

# sessions EXPRESSION: of vgpuctl top --json, `d`.
sessions() { "$vgpuctl" top --json >"$scratch/top.json" && json "$1" <"$scratch/top.json"; }
