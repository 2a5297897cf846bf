# shellcheck shell=bash
# Sourced by the tests of this folder, behind the helpers of tests/real. A library of the test's own stands for a shim, so that
# these tests are about vgpuctl and not about what our shims do.
source "$(dirname "${BASH_SOURCE[0]}")/../real/common.sh"
vgpuctl=$build/bin/vgpuctl

# fixture: a manifest with one shim, `good`, in $scratch/fixture.
fixture() {
  mkdir -p "$scratch/fixture"
  echo 'int vgpu_test_marker;' | ${CC:-cc} -shared -fPIC -nostdlib -Wl,-soname,libgood.so.1 -x c - -o "$scratch/fixture/libgood.so"
  cat >"$scratch/fixture/manifest.json" <<'JSON'
{
  "version": 1,
  "shims": [{ "name": "good", "library": "libgood.so", "sonames": ["libgood.so.1"] }],
  "profiles": [{ "name": "default", "shims": ["good"] }]
}
JSON
  manifest=$scratch/fixture/manifest.json
}

# ends STATUS COMMAND...: the command ends with STATUS; its output is in $scratch/out and $scratch/err.
ends() {
  local expected=$1 status=0
  shift
  "$@" >"$scratch/out" 2>"$scratch/err" || status=$?
  ((status == expected)) || fail "status $status, not $expected: $*"$'\n'"$(cat "$scratch/out" "$scratch/err")"
}
