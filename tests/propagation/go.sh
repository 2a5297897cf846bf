#!/usr/bin/env bash
# usage: go.sh CASE SHIM PROGRAMS SPAWN...
# libvgpu-syscall in Go programs. SPAWN are builds of tests/propagation/go, the first one position-independent with its
# symbols.
set -euo pipefail
case_name=$1 shim=$2 programs=$3
shift 3
spawn=$1 child=$programs/syscall_child early=$programs/syscall_early.so
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
unset LD_PRELOAD LD_LIBRARY_PATH "${!VGPU_@}"
export VGPU_PRELOAD=$shim

fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }
shimmed() { env LD_PRELOAD="$shim" "$@"; }
mutate() { python3 "$(dirname "$0")/go_mutate.py" "$@"; }
# Runs a program and prints what libvgpu-syscall says about it.
says() { timeout 20 env VGPU_LOG=debug LD_PRELOAD="${preload:-$shim}" "$@" 2>&1 >/dev/null | grep '^libvgpu-syscall: ' | head -n 1; }
expect() { # TEXT COMMAND...
  local text=$1 said
  shift
  said=$(says "$@" || true)
  [[ $said == *"$text"* ]] || fail "'$said' instead of '$text': $*"
}
redirected="execs of its own are redirected"
refused="execs of its own do not carry the shims: "

case $case_name in
  ways)  # every build, every way to start a child
    for program in "$@"; do
      expect "$redirected" "$program" maps -
      for way in command start exec thread execveat setsid nothing; do
        ! "$program" $way "$child" 2>/dev/null || fail "$way has the shims without us"
        shimmed "$program" $way "$child" || fail "${program##*/} $way: status $?"
      done
      shimmed "$program" large "$child" 20000 || fail "${program##*/} large: status $?"
      shimmed "$program" raw - || fail "${program##*/} raw"
      shimmed "$program" maps - || fail "${program##*/} maps"
    done
    ;;
  failures) shimmed "$spawn" failures - || fail "status $?" ;;
  storm) shimmed "$spawn" storm "$child" 10000 64 || fail "status $?" ;;
  mixed) shimmed "$spawn" mixed "$child" 800 || fail "status $?" ;;
  killed) shimmed "$spawn" killed "$child" || fail "status $?" ;;
  found_by)  # each way to find the stub is enough
    expect "found by its symbol table" "$spawn" maps -
    strip -o "$scratch/stripped" "$spawn"
    expect "found by its" "$scratch/stripped" maps -
    mutate sections "$spawn" "$scratch/bare"
    expect "found by its function table" "$scratch/bare" maps -
    shimmed "$scratch/bare" command "$child"
    # Go itself would not run without a function table: the process ends before that.
    mutate table "$scratch/bare" "$scratch/mutant"
    export EARLY=exit preload=$early:$shim
    expect "found by its signature" "$scratch/mutant"
    ;;
  function_table)
    strip -o "$scratch/stripped" "$spawn"
    expect "found by its function table" "$scratch/stripped" maps -
    shimmed "$scratch/stripped" command "$child"
    ;;
  doubt)  # one byte of the stub is another: nothing is patched. The process ends before the program begins.
    export EARLY=exit preload=$early:$shim
    expect "$redirected" "$spawn"
    mutate bytes "$spawn" "$scratch/mutant"
    for mutant in "$scratch"/mutant.*; do
      expect "${refused}the function that issues system calls is not one we know" "$mutant"
    done
    mutate sections "$spawn" "$scratch/bare"
    mutate table "$scratch/bare" "$scratch/bare"
    mutate twice "$scratch/bare" "$scratch/mutant"
    expect "${refused}more than one function" "$scratch/mutant"
    mutate sections "$scratch/mutant.3" "$scratch/mutant"
    expect "${refused}the function that issues system calls is not one we know" "$scratch/mutant"
    mutate table "$scratch/mutant" "$scratch/mutant"
    expect "${refused}the function that issues system calls was not found" "$scratch/mutant"
    ;;
  hostile)  # what is not loaded is garbage: the program does not notice
    mutate garbage "$spawn" "$scratch/mutant"
    for mutant in "$scratch"/mutant.*; do
      shimmed "$mutant" raw - >/dev/null || fail "$mutant: status $?"
    done
    ;;
  sealed)  # where the kernel forbids to change code
    tried=0
    for how in mdwe filter; do
      status=0
      "$programs/syscall_sealed" $how /bin/true 2>/dev/null || status=$?
      [[ $status != 77 ]] || continue
      tried=1
      expect "${refused}the kernel forbids to change code" "$programs/syscall_sealed" $how "$spawn" maps -
      shimmed "$programs/syscall_sealed" $how "$spawn" raw - || fail "$how: status $?"
      shimmed "$programs/syscall_sealed" $how "$spawn" command /bin/true || fail "$how: status $?"
    done
    ((tried)) || { echo "SKIPPED: this kernel seals nothing"; exit 77; }
    ;;
  threads)  # a library has started one
    export EARLY=thread preload=$shim:$early
    expect "${refused}a second thread runs already" "$spawn" maps -
    LD_PRELOAD=$preload "$spawn" raw - || fail "status $?"
    ;;
  breakpoint)  # the page is not as the file has it
    EARLY_PAGE=$(mutate page "$spawn")
    export EARLY_PAGE EARLY=code preload=$shim:$early
    expect "${refused}the program's file cannot be read, or its code in memory is not the file's" "$spawn" maps -
    LD_PRELOAD=$preload "$spawn" raw - || fail "status $?"
    ;;
  inherit) # VGPU_SCOPE=inherit: the program is not touched
    export VGPU_SCOPE=inherit
    [[ -z $(says "$spawn" maps -) ]] || fail "touched"
    ! shimmed "$spawn" command "$child" 2>/dev/null || fail "carried"
    ;;
  *) echo "no case $case_name"; exit 2 ;;
esac
