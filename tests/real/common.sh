# shellcheck shell=bash
# Sourced by the tests of this folder.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../common.sh"

# fetched WHAT: where tests/real/fetch put it. Ends the test as skipped or failed when it cannot be had.
fetched() {
  local status=0
  "$here/fetch" "$1" || status=$?
  return "$status"
}

# device ID KEY: one value of config/devices/ID.json.
device() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$source_dir/config/devices/$1.json" "$2"; }

# bare COMMAND...: where the dynamic linker finds no CUDA library of a toolkit: their directories are covered by an empty
# one, in a mount namespace of our own.
bare() {
  local directories
  directories=$(/sbin/ldconfig -p | sed -n 's|.*=> \(.*\)/libcu[^/]*$|\1|p' | xargs -r -n 1 readlink -f | sed -E '\#^/(usr/)?lib(/|$)#d' | sort -u)
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
