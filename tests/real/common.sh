# shellcheck shell=bash
# Sourced by the tests of this folder. ctest sets VGPU_BUILD, the build tree; to run one by hand:
#   VGPU_BUILD=build/release tests/real/NAME.sh
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source_dir=$(cd "$here/../.." && pwd)
build=$(cd "${VGPU_BUILD:?the build tree}" && pwd)
vgpu_run=$build/bin/vgpu-run
vgpu_probe=$build/bin/vgpu-probe

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# The tests start from an environment without our variables, whatever they are started from.
unset LD_PRELOAD LD_LIBRARY_PATH CUDA_VISIBLE_DEVICES "${!VGPU_@}"
export XDG_CONFIG_HOME=$scratch/config

fail() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}

# A tool or a download that is not there: ctest shows "Skipped", CI does not accept it.
skip() {
  [[ ${CI:-} != true ]] || fail "under CI=true this must not be missing: $*"
  printf 'SKIPPED: %s\n' "$*"
  exit 77
}

# contains FILE TEXT: a line of FILE has TEXT in it.
contains() { grep -qF -e "$2" "$1" || fail "no '$2' in:"$'\n'"$(cat "$1")"; }
lacks() { ! grep -qF -e "$2" "$1" || fail "there is '$2' in:"$'\n'"$(cat "$1")"; }

# fetched WHAT: where tests/real/fetch put it. Ends the test as skipped or failed when it cannot be had.
fetched() {
  local status=0
  "$here/fetch" "$1" || status=$?
  return "$status"
}

# device ID KEY: one value of config/devices/ID.json.
device() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$source_dir/config/devices/$1.json" "$2"; }

# json EXPRESSION: the value of a Python expression over the JSON on stdin, `d`.
json() { python3 -c 'import json, sys; d = json.load(sys.stdin); print(eval(sys.argv[1]))' "$1"; }

# Something that this machine need not have, also in CI.
absent() {
  printf 'SKIPPED: %s\n' "$*"
  exit 77
}

# bare COMMAND...: where the dynamic linker finds no CUDA library of a toolkit: their directories are covered by an empty
# one, in a mount namespace of our own.
bare() {
  local directories
  directories=$(/sbin/ldconfig -p | sed -n 's|.*=> \(.*\)/libcu[^/]*$|\1|p' | xargs -r -n 1 readlink -f | grep -Ev '^/(usr/)?lib(/|$)' | sort -u)
  if [[ -z $directories ]]; then
    "$@"
    return
  fi
  local unshare=(unshare --mount)
  ((EUID == 0)) || unshare+=(--map-root-user)
  mkdir -p "$scratch/empty"
  "${unshare[@]}" /bin/sh -c 'empty=$1; for d in $2; do mount --bind "$empty" "$d" || exit 99; done; shift 2; exec "$@"' \
    sh "$scratch/empty" "$directories" "$@"
}
