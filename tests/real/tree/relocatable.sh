#!/usr/bin/env bash
# The installed tree works wherever it is moved: nothing in it knows where it was built or installed.
source "$(dirname "$0")/../common.sh"

cmake --install "$build" --prefix "$scratch/first" >"$scratch/install"
mkdir "$scratch/opt"
mv "$scratch/first" "$scratch/opt/moved"
tree=$scratch/opt/moved

for file in bin/vgpu-run bin/vgpuctl bin/vgpu-probe lib/vgpu/libvgpu-{exec,syscall,cuda,nvml}.so \
  share/vgpu-run/manifest.json share/vgpu-run/schema share/vgpu-run/devices/h100.json; do
  [[ -e $tree/$file ]] || fail "not installed: $file"
done
while read -r file; do
  ! readelf -d "$file" 2>/dev/null | grep -E 'R(UN)?PATH.*\[/' || fail "$file has an absolute run path"
done < <(find "$tree/bin" "$tree/lib" -type f)
! grep -rlF -e "$build" -e "$scratch/first" "$tree/share" || fail "a path of the build stands in share/"
while read -r link; do
  [[ $(readlink "$link") != /* && -e $link ]] || fail "link $link -> $(readlink "$link")"
done < <(find "$tree" -type l)

runs() {
  env -i PATH="$PATH" XDG_CONFIG_HOME="$XDG_CONFIG_HOME" "$1" -- "$tree/bin/vgpu-probe" >"$scratch/out" 2>"$scratch/err" ||
    fail "$1: status $?:"$'\n'"$(cat "$scratch/out" "$scratch/err")"
  contains "$scratch/out" "$(device h100 name)"
  lacks "$scratch/out" "$build"
}
runs "$tree/bin/vgpu-run"
"$tree/bin/vgpu-run" --dry-run --format=json true >"$scratch/plan"
[[ $(json "all(p.startswith('$tree/lib/vgpu/') for p in d['preload']) and len(d['preload']) > 4" <"$scratch/plan") == True ]] ||
  fail "not its own shims: $(cat "$scratch/plan")"

# Through a link, as from a directory on PATH.
ln -s "$tree/bin/vgpu-run" "$scratch/vgpu-run"
runs "$scratch/vgpu-run"

# Where LD_PRELOAD cannot name the shims, it says so instead of starting the program without them.
mv "$tree" "$scratch/opt/with space"
status=0
"$scratch/opt/with space/bin/vgpu-run" -- true 2>"$scratch/err" || status=$?
((status == 125)) || fail "status $status from a directory with a space"
contains "$scratch/err" "path-not-carriable"
