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
  named) # a program that VGPU_SYSCALL names, by base name and by path
    stub=$programs/syscall_stub
    ! shimmed "$stub" "$programs/syscall_child" 2>/dev/null || fail "touched without being named"
    for name in syscall_stub "other:syscall_stub:third" "$stub"; do
      shimmed env VGPU_SYSCALL="$name" "$stub" "$programs/syscall_child" || fail "VGPU_SYSCALL=$name: status $?"
    done
    for name in "" : syscall syscall_stub2 "/x/syscall_stub" "$stub/"; do
      ! shimmed env VGPU_SYSCALL="$name" "$stub" "$programs/syscall_child" 2>/dev/null || fail "VGPU_SYSCALL='$name' names it"
    done
    # A program that has nothing of the kind says so and runs.
    VGPU_LOG=info shimmed env VGPU_SYSCALL=true /bin/true 2>"$scratch/err" || fail "status $?"
    grep -q 'do not carry the shims: the function that issues system calls was not found' "$scratch/err" || fail "$(cat "$scratch/err")"
    ;;
  small) # of a program that is too small to hold a known runtime the file is not opened, unless VGPU_SYSCALL names it
    command -v strace >/dev/null || { echo "SKIPPED: no strace"; exit 77; }
    opens() { # PROGRAM [STRACE_OPTION...]: how often libvgpu-syscall opens the program's file
      local program=$1
      shift
      strace -o "$scratch/trace" -e trace=open,openat,execve -E LD_PRELOAD="$shim" -E VGPU_PRELOAD="$shim" "$@" "$program" || fail "status $?"
      grep -qF "\"$shim\"" "$scratch/trace" || fail "not loaded:"$'\n'"$(cat "$scratch/trace")"
      grep -cF '"/proc/self/exe"' "$scratch/trace" || true
    }
    [[ $(opens /bin/true) == 0 ]] || fail "it opens /bin/true"
    [[ $(opens "$programs/syscall_small") == 0 ]] || fail "it opens a program of less than 512 KiB"
    [[ $(opens "$programs/syscall_large") == 1 ]] || fail "it does not open a program of more than 512 KiB"
    [[ $(opens "$programs/syscall_small" -E VGPU_SYSCALL=syscall_small) == 1 ]] || fail "it does not open a small program that is named"
    ;;
  freestanding) # no library needed, no symbol undefined, nothing exported but two names, one constructor, at most 32 KiB
    [[ -z $(readelf -dW "$shim" | grep NEEDED) ]] || fail "it needs a library"
    [[ -z $(nm -D --undefined-only "$shim") ]] || fail "it needs $(nm -D --undefined-only "$shim")"
    exported=$(nm -D --defined-only "$shim" | awk '{print $3}' | sort | xargs)
    [[ $exported == "syscall vgpu_syscall_status" ]] || fail "it exports $exported"
    readelf -dW "$shim" | grep -q 'INIT_ARRAYSZ.* 8 (bytes)' || fail "not one constructor"
    ! readelf -dW "$shim" | grep -E '\((INIT|FINI|FINI_ARRAY|TEXTREL)\)' || fail "an entry that should not be"
    ! readelf -lW "$shim" | grep -E 'RWE|GNU_STACK.*E ' || fail "a segment is writable and executable"
    # What is mapped of it: a build for debugging has more in the file.
    read -r _ offset _ _ bytes _ <<<"$(readelf -lW "$shim" | grep LOAD | tail -n 1)"
    ((offset + bytes <= 32768)) || fail "$((offset + bytes)) bytes"
    ;;
  musl) # the same library in a program of another C library
    command -v musl-gcc >/dev/null || { echo "SKIPPED: no musl-gcc"; exit 77; }
    here=$(cd "$(dirname "$0")" && pwd)
    musl-gcc -O1 -o "$scratch/calls" "$here/syscall_calls.c" 2>"$scratch/err" || fail "$(cat "$scratch/err")"
    musl-gcc -O1 -o "$scratch/exec" "$here/syscall_exec.c" 2>"$scratch/err" || fail "$(cat "$scratch/err")"
    musl-gcc -O1 -o "$scratch/child" "$here/syscall_child.c" 2>"$scratch/err" || fail "$(cat "$scratch/err")"
    "$scratch/calls" /bin/true >"$scratch/without" || fail "status $? without"
    shimmed "$scratch/calls" /bin/true >"$scratch/with" || fail "status $? with"
    diff "$scratch/without" "$scratch/with" || fail "the shim changes what syscall() answers"
    for way in execve execveat null environ vfork thread_vfork joined; do
      shimmed "$scratch/exec" $way "$scratch/child" || fail "$way: status $?"
      shimmed "$scratch/exec" $way "$programs/syscall_child" || fail "$way to glibc: status $?"
    done
    ;;
  large) shimmed "$programs/syscall_exec" large "$programs/syscall_child" 2000 || fail "status $?" ;;
  *) # a way of syscall_exec, in which the child would lose the shims without us
    "$programs/syscall_exec" "$case_name" /bin/true || fail "does not run at all"
    shimmed "$programs/syscall_exec" "$case_name" "$programs/syscall_child" || fail "status $?"
    ;;
esac
