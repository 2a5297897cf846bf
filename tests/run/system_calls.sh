#!/usr/bin/env bash
# A launch has a budget of 30 system calls before execve, with the default manifest and PATH.
source "$(dirname "$0")/../common.sh"
command -v strace >/dev/null || skip "no strace"

count() { # OPTION...
  env -i HOME="$scratch" PATH=/usr/local/bin:/usr/bin:/bin ${VGPU_DEVICE+VGPU_DEVICE="$VGPU_DEVICE"} strace -o "$scratch/trace" "$vgpu_run" "$@" true || fail "strace: $?"
  sed -n '2,$p' "$scratch/trace" | sed '/^execve/,$d' >"$scratch/calls"
  wc -l <"$scratch/calls"
}
calls=$(count)
((calls <= 30)) || fail "$calls system calls before execve:"$'\n'"$(cat "$scratch/calls")"
! grep -E 'clone|fork|connect|socket' "$scratch/calls" || fail "that is no business of a launcher"
none=$(count --profile none)
((none < calls)) || fail "$none system calls with --profile none, $calls with shims"
printf 'system calls before execve: %s, with --profile none %s\n' "$calls" "$none"
