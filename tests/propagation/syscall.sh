#!/usr/bin/env bash
# usage: syscall.sh CASE SHIM PROGRAMS
# libvgpu-syscall and libc's syscall(). SHIM is the library, PROGRAMS the directory of the test programs.
set -euo pipefail
case_name=$1 shim=$2 programs=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
unset LD_PRELOAD LD_LIBRARY_PATH "${!VGPU_@}"

fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }
shimmed() { env LD_PRELOAD="$shim" VGPU_PRELOAD="$shim" "$@"; }

case $case_name in
  answers)  # every answer and errno as without the shim, and in the end it execs
    "$programs/syscall_calls" /bin/true >"$scratch/without" || fail "status $? without"
    shimmed "$programs/syscall_calls" /bin/true >"$scratch/with" || fail "status $? with"
    [[ $(wc -l <"$scratch/with") -gt 40 ]] || fail "it did not get far"
    diff "$scratch/without" "$scratch/with" || fail "the shim changes what syscall() answers"
    ;;
  inherit) # VGPU_SCOPE=inherit: nothing but the environment
    ! shimmed env VGPU_SCOPE=inherit "$programs/syscall_exec" execve "$programs/syscall_child" 2>"$scratch/err" || fail "carried"
    grep -q 'not carried' "$scratch/err" || fail "$(cat "$scratch/err")"
    ;;
  off) # VGPU_EXEC=off in the child's environment
    ! shimmed "$programs/syscall_exec" off "$programs/syscall_child" 2>"$scratch/err" || fail "carried"
    grep -q 'not carried: LD_PRELOAD=, it is not' "$scratch/err" || fail "$(cat "$scratch/err")"
    ;;
  large) shimmed "$programs/syscall_exec" large "$programs/syscall_child" 2000 || fail "status $?" ;;
  *) # a way of syscall_exec, in which the child would lose the shims without us
    "$programs/syscall_exec" "$case_name" /bin/true || fail "does not run at all"
    shimmed "$programs/syscall_exec" "$case_name" "$programs/syscall_child" || fail "status $?"
    ;;
esac
