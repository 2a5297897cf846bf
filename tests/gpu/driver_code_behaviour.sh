#!/bin/sh
# usage: driver_code_behaviour.sh PROGRAM LIBCUDA EXPECTED
# What our driver answers at the edges, against what a real one answered on a real GPU (see driver_code_behaviour.cpp).
actual=$(mktemp) || exit 2
trap 'rm -f "$actual"' EXIT
"$1" "$2" >"$actual" || { echo "the program ended with status $?"; tail -n 3 "$actual"; exit 1; }
diff -u --label "a real driver" --label "ours" "$3" "$actual"
