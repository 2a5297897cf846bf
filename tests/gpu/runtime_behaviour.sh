#!/bin/sh
# usage: runtime_behaviour.sh PROGRAM DRIVER RUNTIME EXPECTED
# What our runtime answers at the edges, against what a real one answered on a real GPU (see runtime_behaviour.cpp).
actual=$(mktemp) || exit 2
trap 'rm -f "$actual"' EXIT
LD_PRELOAD="$2" "$1" "$3" >"$actual" || { echo "the program ended with status $?"; tail -n 3 "$actual"; exit 1; }
diff -u --label "a real runtime" --label "ours" "$4" "$actual"
