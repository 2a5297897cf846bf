#!/usr/bin/env bash
# lintian finds no error in the packages but what packages/debian/lintian-overrides gives a reason for. Warnings are listed: what
# is one differs from release to release.
source "$(dirname "$0")/common.sh"
command -v lintian >/dev/null || skip "no lintian"
run=()
if ((EUID == 0)); then  # it does not like to be root
  cp "$package" "$symbols" "$scratch/"
  chmod 755 "$scratch"
  package=$scratch/${package##*/} symbols=$scratch/${symbols##*/}
  cd "$scratch"  # which it can reach
  run=(setpriv --reuid 65534 --regid 65534 --clear-groups env HOME=/nonexistent)
fi
"${run[@]}" lintian --fail-on error --display-info --tag-display-limit 0 "$package" "$symbols" >"$scratch/said" 2>&1 ||
  fail "lintian: $(cat "$scratch/said")"
# An override that is needed no longer would hide the next mistake. (Some are for what is 32-bit.)
[[ ! -e $build/lib/vgpu/32/libvgpu-exec.so ]] || ! grep -E 'unused-override|mismatched-override' "$scratch/said" || fail "$(cat "$scratch/said")"
grep '^W:' "$scratch/said" || echo "no warnings"
