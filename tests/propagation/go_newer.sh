#!/usr/bin/env bash
# usage: go_newer.sh CASE SHIM PROGRAMS WHICH OPTIONS...
# The cases of go.sh with a newer Go, fetched and not installed (tests/real/fetch). OPTIONS are those of one build each.
set -euo pipefail
case_name=$1 shim=$2 programs=$3 which=$4
shift 4
here=$(cd "$(dirname "$0")" && pwd)
root=$("$here/../real/fetch" "$which")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/vgpu-run
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
builds=()
for options in "$@"; do
  build=$scratch/spawn_${#builds[@]}
  # Each word an option; what -ldflags has after its '=' is joined by ','.
  read -ra words <<<"$options"
  (cd "$here/go" && env -u GOFLAGS GOROOT="$root" GOCACHE="$cache/$which-build" CGO_ENABLED=1 GOPROXY=off GOTOOLCHAIN=local GOWORK=off \
    "$root/bin/go" build -buildvcs=false "${words[@]//,/ }" -o "$build" .)
  builds+=("$build")
done
"$here/go.sh" "$case_name" "$shim" "$programs" "${builds[@]}"
