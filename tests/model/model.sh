#!/bin/sh
# usage: model.sh MODEL.pml holds|broken [-DNAME=VALUE...]
# Checks every state of a Promela model. `broken`: the options take a precaution away, and spin must find out.
set -eu
model=$(readlink -f "$1")
expected=$2
shift 2
if ! command -v spin >/dev/null; then
  [ "${CI:-}" != true ] || { echo 'spin is missing (package spin)'; exit 1; }
  echo 'SKIPPED: no spin (package spin)'
  exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
spin -a "$@" "$model"
${CC:-cc} -O2 -w -DSAFETY -DCOLLAPSE -o pan pan.c
./pan -m1000000 >result || { cat result; exit 1; }
errors=$(sed -n 's/.*errors: \([0-9]*\)$/\1/p' result)
grep -E 'assertion violated|invalid end state|max search depth|errors:|states, stored' result
# "max search depth too small" would mean that not everything was seen.
case $expected in
  holds) [ "$errors" = 0 ] && ! grep -q 'max search depth too small' result ;;
  broken) [ "$errors" -gt 0 ] ;;
esac
