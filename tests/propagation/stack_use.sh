#!/bin/sh
# usage: stack_use.sh SHIM_DIRECTORY PROGRAM_DIRECTORY
# An exec takes at most 1 KiB of stack more than without the shim, and 8 bytes for each variable; an environment that is
# larger than 512 variables is not on the stack. The look at the child's file, through PATH and "#!", is in it.
. "$(dirname "$0")/common.sh"

printf '#!%s\n' /bin/true >"$scratch/inner"
printf '#!%s\n' "$scratch/inner" >"$scratch/script"
chmod +x "$scratch/inner" "$scratch/script"
# A place that is too long for the buffer, one that just fits into it, and one with nothing.
long=$scratch/$(head -c 200 /dev/zero | tr '\0' a)/$(head -c 200 /dev/zero | tr '\0' b)/$(head -c 200 /dev/zero | tr '\0' c)
PATH=$long:$scratch/$(head -c 150 /dev/zero | tr '\0' d):/nowhere:$PATH
export PATH
env "$programs/stack_use" /bin/true "$scratch/script" >"$scratch/bare" || fail "without the shim: status $?"
# With VGPU_LOG=debug each call writes a line as well.
for level in error debug; do
  with_shims VGPU_LOG=$level "$programs/stack_use" /bin/true "$scratch/script" >"$scratch/with" 2>"$scratch/log" ||
    fail "with the shim: status $? $(cat "$scratch/log")"
  paste -d ' ' "$scratch/bare" "$scratch/with" >"$scratch/both"
  echo "call, variables, bytes of stack without and with, the difference; log level $level"
  while read -r call variables bare _ _ with; do
    limit=$((1024 + 8 * variables))
    [ "$variables" -le 400 ] || limit=1024
    echo "$call $variables $bare $with $((with - bare))"
    [ $((with - bare)) -le $limit ] || fail "$call with $variables variables: $((with - bare)) bytes of stack, not $limit"
  done <"$scratch/both"
  [ "$(wc -l <"$scratch/both")" = 30 ] || fail "$(cat "$scratch/both")"
done
finish
