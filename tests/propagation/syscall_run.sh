#!/usr/bin/env bash
# usage: syscall_run.sh CASE BUILD PROGRAMS
# libvgpu-syscall under vgpu-run.
set -euo pipefail
case_name=$1 build=$2 programs=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
unset LD_PRELOAD LD_LIBRARY_PATH "${!VGPU_@}"
export XDG_CONFIG_HOME=$scratch/config

fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }
run() { "$build/bin/vgpu-run" "$@"; }

case $case_name in
  manifest)  # a profile names the program that issues system calls of its own
    ! run -- "$programs/syscall_stub" "$programs/syscall_child" 2>/dev/null || fail "touched without being named"
    mkdir -p "$scratch/config/vgpu-run/manifest.d"
    cat >"$scratch/config/vgpu-run/manifest.d/stub.json" <<'JSON'
{
  "version": 1,
  "profiles": [
    { "name": "stub", "extends": "default", "match": ["syscall_stub"], "environment": { "VGPU_SYSCALL": "syscall_stub" } }
  ]
}
JSON
    run -- "$programs/syscall_stub" "$programs/syscall_child" || fail "status $?"
    ;;
  libc) run -- "$programs/syscall_exec" vfork "$build/bin/vgpu-probe" >"$scratch/out" || fail "$(cat "$scratch/out")" ;;
  go)
    [[ -x $programs/spawn_pie ]] || { echo "SKIPPED: no go"; exit 77; }
    for way in command exec start; do
      run --emulate l4:2 -- "$programs/spawn_pie" $way "$build/bin/vgpu-probe" >"$scratch/out" || fail "$(cat "$scratch/out")"
      grep -q '^agree: 2 devices, ' "$scratch/out" || fail "$way: $(cat "$scratch/out")"
    done
    run --scope inherit -- "$programs/spawn_pie" command /bin/true || fail "status $?"
    ;;
  *) echo "no case $case_name"; exit 2 ;;
esac
