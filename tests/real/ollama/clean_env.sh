#!/usr/bin/env bash
# usage: clean_env.sh VERSION
# A serve that starts its runners with a cleaned environment: nothing of LD_PRELOAD and of our variables is passed on by
# it, and it execs by Go's own system call. The runners have their GPU all the same.
source "$(dirname "$0")/bundle.sh"
bundle "$1"

"$vgpu_run" -- "$ollama" serve --once --clean-env 2>"$scratch/log" || fail "status $?:"$'\n'"$(cat "$scratch/log")"
finds 1 h100 "$scratch/log"

# It is libvgpu-syscall that does it: in the scope that carries nothing there is no GPU.
"$vgpu_run" --scope inherit -- "$ollama" serve --once --clean-env 2>"$scratch/inherit" || true
finds_nothing "$scratch/inherit"
