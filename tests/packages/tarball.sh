#!/usr/bin/env bash
# The tarball runs from wherever it is unpacked, and its pkg-config file says where another project's manifest goes.
source "$(dirname "$0")/common.sh"
tarball=$(echo "$made"/vgpu-run-"$version"-linux-*.tar.gz)
mkdir "$scratch/opt"
tar -C "$scratch/opt" --no-same-owner -xzf "$tarball"
mv "$scratch"/opt/vgpu-run-* "$scratch/opt/there"
tree=$scratch/opt/there
for file in README.md LICENSE docs/manifest.md examples/container/Dockerfile share/man/man1/vgpu-run.1 lib/vgpu/32 share/zsh/site-functions/_vgpu-run; do
  [[ -e $tree/$file || $file == */32 ]] || fail "no $file"
done
[[ ! -e $tree/lib/debug && ! -e $tree/usr ]] || fail "there is more in it: $(ls "$tree" "$tree/lib")"
ends 0 env -i PATH="$PATH" "$tree/bin/vgpu-run" -- "$tree/bin/vgpu-probe"
contains "$scratch/out" "$(device=$("$tree/bin/vgpuctl" list devices | sed -n 's/^h100\t\([^,]*\),.*/\1/p') && echo "$device")"
ends 0 env -i PATH="$PATH" "$tree/bin/vgpu-run" -- env -i /bin/sh -c "exec '$tree/bin/vgpu-probe'"

# What the build wrote down about the shims still holds for them: none of them is read at a launch.
if command -v strace >/dev/null; then
  env -i HOME="$scratch" PATH=/usr/bin:/bin strace -o "$scratch/trace" "$tree/bin/vgpu-run" true
  calls=$(sed -n '2,$p' "$scratch/trace" | sed '/^execve/,$d' | tee "$scratch/calls" | wc -l)
  ((calls <= 30)) || fail "$calls system calls"$'\n'"$(cat "$scratch/calls")"
  ! grep -q 'open.*libvgpu' "$scratch/calls" || fail "the seal does not hold: $(cat "$scratch/calls")"
fi

command -v pkg-config >/dev/null || skip "no pkg-config"
export PKG_CONFIG_PATH=$tree/share/pkgconfig
[[ $(pkg-config --modversion vgpu-run) == "$version" ]] || fail "pkg-config: $(pkg-config --modversion vgpu-run 2>&1)"
directory=$(pkg-config --variable=manifestdir vgpu-run)
[[ $(realpath -m "$directory") == "$tree/share/vgpu-run/manifest.d" ]] || fail "manifestdir is $directory"
[[ -e $(pkg-config --variable=schemadir vgpu-run)/manifest-1.json ]] || fail "schemadir"
mkdir "$directory"
echo '{"version": 1, "profiles": [{"name": "theirs", "shims": []}]}' >"$directory/theirs.json"
chmod 755 "$tree"/share/vgpu-run{,/manifest.d}
ends 0 "$tree/bin/vgpu-run" --profile theirs true
ends 0 "$tree/bin/vgpuctl" list profiles
contains "$scratch/out" theirs
# A file of the same name in /etc or in the user's own directory hides it.
mkdir -p "$XDG_CONFIG_HOME/vgpu-run/manifest.d"
chmod -R go-w "$XDG_CONFIG_HOME"
ln -s /dev/null "$XDG_CONFIG_HOME/vgpu-run/manifest.d/theirs.json"
ends 0 "$tree/bin/vgpuctl" list profiles
lacks "$scratch/out" theirs
