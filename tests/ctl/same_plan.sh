#!/usr/bin/env bash
# vgpuctl and vgpu-run understand the same words and the same variables: their Plans are the same to the byte.
source "$(dirname "$0")/common.sh"
fixture

# same WORDS...: options and command as both take them.
same() {
  "$vgpu_run" --dry-run --format=json "$@" >"$scratch/run" 2>/dev/null || true
  "$vgpuctl" explain --json "$@" >"$scratch/ctl" || true
  [[ -s $scratch/run ]] || fail "no plan: $*"
  cmp "$scratch/run" "$scratch/ctl" || fail "different plans: $*"
}

same -- true
same true
same --profile none true
same --manifest "$manifest" --set 'A=b c' --set "B=1,2" true -l --profile x
same --manifest="$manifest" -- true -- -x
same --without exec,syscall --without nvml -- true
same --without cudart --without nvml,syscall --emulate a100:4 true
same --scope inherit --emulate h100,l4 -- env -S 'true x'
same --with no-such-shim true
same --set $'A=\xff\n' -- $'\xfe' ''
VGPU_RUN_PROFILE=none same true
VGPU_RUN_PROFILE=none same --profile default true
VGPU_RUN_WITHOUT=exec,syscall same --without nvml true
VGPU_RUN_SET=$'A=1\nB=2' same --set C=3 true
VGPU_RUN_MANIFEST=$manifest LD_PRELOAD=/x.so LD_LIBRARY_PATH=a::b same true

# The operand's own words are not vgpuctl's.
"$vgpuctl" explain --json --manifest "$manifest" -- true --help --json -- -V >"$scratch/ctl"
[[ $(json 'd["command"]' <"$scratch/ctl") == "['true', '--help', '--json', '--', '-V']" ]] || fail "$(cat "$scratch/ctl")"
