#!/usr/bin/env bash
# vgpu-run is one static file: it runs where there is no libc at all, as in a distroless image, and fails there as
# documented when it has nothing to inject.
source "$(dirname "$0")/../common.sh"

! readelf -lW "$vgpu_run" | grep -E 'INTERP|DYNAMIC' || fail "vgpu-run is not static"
if ((EUID == 0)); then enter=(chroot); else enter=(unshare --map-root-user chroot); fi
mkdir "$scratch/root"
cp "$vgpu_run" "$scratch/root/"
"${enter[@]}" "$scratch/root" /vgpu-run --version >"$scratch/out" || fail "status $?"
grep -Eq '[0-9]+\.[0-9]+\.[0-9]+' "$scratch/out" || fail "no version in: $(cat "$scratch/out")"
"${enter[@]}" "$scratch/root" /vgpu-run --help >"$scratch/out" || fail "status $?"
contains "$scratch/out" "--emulate"
status=0
"${enter[@]}" "$scratch/root" /vgpu-run -- /vgpu-run --version >"$scratch/out" 2>&1 || status=$?
((status == 125)) || fail "status $status without a manifest: $(cat "$scratch/out")"
