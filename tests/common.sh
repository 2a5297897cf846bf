# shellcheck shell=bash
# Sourced by the shell tests. ctest sets VGPU_BUILD, the build tree; to run one by hand:
#   VGPU_BUILD=build/release tests/FOLDER/NAME.sh
set -euo pipefail

source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$(cd "${VGPU_BUILD:?the build tree}" && pwd)
vgpu_run=$build/bin/vgpu-run
vgpu_probe=$build/bin/vgpu-probe
vgpuctl=$build/bin/vgpuctl

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# The tests start from an environment without our variables, whatever they are started from.
unset LD_PRELOAD LD_LIBRARY_PATH CUDA_VISIBLE_DEVICES "${!VGPU_@}"
export XDG_CONFIG_HOME=$scratch/config
# They are about the emulated device, also on a machine that has a driver: as if within a launch that has chosen it.
if [[ -e /dev/nvidiactl || -e /dev/dxg ]]; then
  VGPU_DEVICE=$(sed -n 's/^ *R"wire(\(.*\))wire";$/\1/p' "$build/generated/shims/device/default_wire.h")
  export VGPU_DEVICE
fi

fail() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}

# Whether another user can be used by root to ask: not where the tree stands below a directory that is closed to others, as /root is.
others_reach() {
  ((EUID == 0)) && setpriv --reuid=65534 --regid=65534 --clear-groups test -x "$vgpu_run" 2>/dev/null && return
  printf 'SKIPPED: what another user is told (not root, or others cannot reach %s)\n' "$build"
  return 1
}

# A tool or a download that is not there: ctest shows "Skipped", CI does not accept it.
skip() {
  [[ ${CI:-} != true ]] || fail "under CI=true this must not be missing: $*"
  absent "$@"
}

# Something that this machine need not have, also in CI.
absent() {
  printf 'SKIPPED: %s\n' "$*"
  exit 77
}

# contains FILE TEXT: a line of FILE has TEXT in it.
contains() { grep -qaF -e "$2" "$1" || fail "no '$2' in:"$'\n'"$(cat "$1")"; }
lacks() { ! grep -qaF -e "$2" "$1" || fail "there is '$2' in:"$'\n'"$(cat "$1")"; }

# ends WITH COMMAND...: runs it, output in $scratch/out and $scratch/err, and checks the exit status.
ends() {
  local wanted=$1 status=0
  shift
  "$@" >"$scratch/out" 2>"$scratch/err" || status=$?
  ((status == wanted)) || fail "status $status instead of $wanted: $*"$'\n'"$(cat "$scratch/out" "$scratch/err")"
}

# json EXPRESSION: the value of a Python expression over the JSON on stdin, `d`.
json() { python3 -c 'import json, sys; d = json.load(sys.stdin); print(eval(sys.argv[1]))' "$1"; }

# doctor_names ID COMMAND...: COMMAND, which is a vgpuctl doctor --json, has that finding, with its cause, evidence and fix, in
# $scratch/finding. unit/provocations_test.py sees to it that every failure of the catalogue is provoked so at least once.
doctor_names() {
  local id=$1 status=0
  shift
  "$@" >"$scratch/doctor" 2>"$scratch/doctor.err" || status=$?
  ((status <= 2)) || fail "doctor about $id: status $status: $(cat "$scratch/doctor.err")"
  env -i PATH="$PATH" python3 - "$id" "$scratch/doctor" >"$scratch/finding" <<'PY' || fail "doctor names no $id with cause, evidence and fix: $*"$'\n'"$(cat "$scratch/doctor" "$scratch/doctor.err")"
import json, sys
found = [one for one in json.load(open(sys.argv[2]))["findings"]
         if one["id"] == sys.argv[1] and one["cause"] and one["fix"] and any(e["file"] and e["value"] for e in one["evidence"])]
print(json.dumps(found[:1]))
sys.exit(not found)
PY
}
