#!/usr/bin/env bash
# With the default manifest, installed where people install things, the explanation is one screen of 24 lines of 80 columns.
source "$(dirname "$0")/common.sh"

# A short path, as /opt/vgpu is one, but our own.
tree=$(mktemp -d /tmp/vgpuXXXX)
trap 'rm -rf "$scratch" "$tree"' EXIT
mkdir "$tree/lib"
cp -a "$build/bin" "$build/share" "$tree"
cp -a "$build/lib/vgpu" "$tree/lib"

status=0
"$tree/bin/vgpuctl" explain -- true >"$scratch/out" || status=$?
if [[ -e $tree/lib/vgpu/libvgpu-exec.so && -e $tree/lib/vgpu/libvgpu-syscall.so ]]; then
  ((status == 0)) || fail "status $status: $(cat "$scratch/out")"
  contains "$scratch/out" "problems     none"
fi
lines=$(sed '/^error /,$d' "$scratch/out" | wc -l)  # problems come behind, and take what they take
((lines <= 23)) || fail "$lines lines:"$'\n'"$(cat "$scratch/out")"
! sed '/^error /,$d' "$scratch/out" | grep -E '.{81}' || fail "a line is longer than 80 columns"
for place in exec syscall cuda nvml cudart; do
  grep -Eq "^ [1-5] $place +[a-z]" "$scratch/out" || fail "no place and reason of $place:"$'\n'"$(cat "$scratch/out")"
done
contains "$scratch/out" "$tree/share/vgpu-run/manifest.json"
contains "$scratch/out" "true -> libcudart.so.12, libcudart.so.13 -> libcuda.so.1 -> h100"
contains "$scratch/out" "in front .../vgpu/link, .../vgpu/link-cudart"
contains "$scratch/out" "constructors cudart, nvml, cuda, syscall, exec"

# Files that were masked, disabled or replaced, each with the one that did it. Control characters never reach the terminal.
mkdir -p "$XDG_CONFIG_HOME/vgpu-run/manifest.d"
: >"$XDG_CONFIG_HOME/vgpu-run/manifest.d/10-nothing.json"
printf '{"version": 1, "profiles": [{"name": "none", "shims": []}]}' >"$XDG_CONFIG_HOME/vgpu-run/manifest.d/20-none.json"
"$tree/bin/vgpuctl" explain --profile none -- $'\e[2J' >"$scratch/out" || true
grep -A1 "10-nothing.json:" "$scratch/out" | grep -qF "empty, which disables" || fail "no word of what disables:"$'\n'"$(cat "$scratch/out")"
grep -A2 '^replaced' "$scratch/out" | grep -qF "20-none.json" || fail "no word of what was replaced:"$'\n'"$(cat "$scratch/out")"
contains "$scratch/out" '\x1b[2J'
! grep -q $'\e' "$scratch/out" || fail "an escape sequence came through"
