#!/usr/bin/env bash
# vgpuctl check: 0 every shim would load, 1 it would not, 2 it cannot be told; 125 when vgpuctl itself fails.
source "$(dirname "$0")/common.sh"
fixture

ends 0 "$vgpuctl" check --manifest "$manifest" -- true
contains "$scratch/out" "holds: 1 library would load into /"
ends 0 "$vgpuctl" check --profile none -- true
contains "$scratch/out" "holds: 0 libraries"

# One error: code, cause and fix on stdout, which is the answer; nothing on stderr.
sed 's/libgood.so"/libgone.so"/' "$manifest" >"$scratch/fixture/gone.json"
ends 1 "$vgpuctl" check --manifest "$scratch/fixture/gone.json" true
contains "$scratch/out" "vgpuctl: shim-missing: $scratch/fixture/libgone.so: "
contains "$scratch/out" "  fix: "
contains "$scratch/out" "does not hold: 1 error"
[[ ! -s $scratch/err ]] || fail "on stderr: $(cat "$scratch/err")"

# An optional shim that would not load is a warning.
sed 's/"name": "good"/"required": false, "name": "good"/' "$scratch/fixture/gone.json" >"$scratch/fixture/optional.json"
ends 0 "$vgpuctl" check --manifest "$scratch/fixture/optional.json" true
contains "$scratch/out" "warning: shim-missing"
contains "$scratch/out" "holds: 0 libraries"

# What lets vgpu-run start it all the same does not make it load.
VGPU_RUN_ALLOW_UNSHIMMED=1 ends 1 "$vgpuctl" check --manifest "$scratch/fixture/gone.json" true

# Targets and manifests.
ends 1 "$vgpuctl" check --manifest "$manifest" -- no-such-command
contains "$scratch/out" "target-missing"
ends 1 "$vgpuctl" check --manifest "$scratch/nowhere.json" true
contains "$scratch/out" "manifest-unreadable"
printf '{ "version": 1,\n  "shims": [{ "name": "a", "libary": "x.so" }] }' >"$scratch/fixture/typo.json"
ends 1 "$vgpuctl" check --manifest "$scratch/fixture/typo.json" true
contains "$scratch/out" 'did you mean "library"?'
contains "$scratch/out" '^'

# A program that may be executed but not read. Root may read everything, so root asks as somebody else.
cp "$(type -P true)" "$scratch/unreadable"
chmod 0111 "$scratch/unreadable"
chmod 0755 "$scratch" "$scratch/fixture"
as_user=()
((EUID != 0)) || as_user=(setpriv --reuid 65534 --regid 65534 --clear-groups)
"${as_user[@]}" test -x "$vgpuctl" || absent "user 65534 cannot reach $vgpuctl"
ends 2 "${as_user[@]}" "$vgpuctl" check --manifest "$manifest" "$scratch/unreadable"
contains "$scratch/out" "cannot tell: $scratch/unreadable cannot be read"

# Own failures.
ends 125 "$vgpuctl" check
contains "$scratch/err" "there is no command to check"
ends 125 "$vgpuctl" check --scope everywhere true
contains "$scratch/err" "usage: "
ends 125 "$vgpuctl" check --prfile none true
contains "$scratch/err" "did you mean --profile?"
ends 125 "$vgpuctl" check --profile
ends 125 "$vgpuctl"
ends 125 "$vgpuctl" --no-such-option
ends 125 "$vgpuctl" chek true
contains "$scratch/err" "did you mean check?"
[[ ! -s $scratch/out ]] || fail "on stdout: $(cat "$scratch/out")"
status=0
"$vgpuctl" check --manifest "$manifest" true >/dev/full 2>"$scratch/err" || status=$?
((status == 125)) || fail "status $status with a full disk"
contains "$scratch/err" "standard output"
