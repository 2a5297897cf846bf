#!/usr/bin/env bash
# The Debian package in a fresh root file system: installed by dpkg, used, purged, and nothing of it is left.
if [[ ${1:-} != inside ]] && unshare --mount --pid --fork true 2>/dev/null; then
  exec unshare --mount --pid --fork --kill-child "$0" inside
fi
source "$(dirname "$0")/common.sh"
[[ -e $package ]] || skip "no package"
status=0
lower=$("$here/../systemd/root_file_system") || status=$?
((status == 0)) || { printf '%s\n' "$lower"; exit "$status"; }

# Nothing is written to the cached tree: an overlay of it, in memory.
[[ ${1:-} == inside ]] || absent "no mounts may be made here"
work=$scratch/work
mkdir "$work"
mount -t tmpfs tmpfs "$work"
trap 'umount "$work/root/proc" "$work/root" "$work" 2>/dev/null || true; rm -rf "$scratch"' EXIT
mkdir "$work"/{upper,inner,root}
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$work/upper,workdir=$work/inner" "$work/root" || absent "no overlay may be mounted here"
root=$work/root
mount -t proc proc "$root/proc"
mkdir -p "$root/opt/packages"
cp "$package" "$symbols" "$root/opt/packages/"
inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root "$@" </dev/null; }
inside dpkg --purge nothing 2>/dev/null || true  # it makes its own files first

# Every file: what it is, whose, how large, where it points. Of dpkg's own only that they are there.
files() {
  (cd "$root" && find . -xdev \( -path ./proc -o -path ./var/lib/dpkg -o -path ./var/log/dpkg.log \) -prune -o ! -type d -printf '%p %y %m %u %g %s %l\n' \
    -o -printf '%p %y %m %u %g\n' && ls var/lib/dpkg/info var/lib/dpkg) | sort
}
files >"$scratch/before"
ends 0 inside dpkg -i "/opt/packages/${package##*/}" "/opt/packages/${symbols##*/}"
[[ -z $(inside dpkg --audit) && -z $(inside dpkg --verify vgpu-run vgpu-run-dbgsym) ]] || fail "dpkg: $(inside dpkg --audit; inside dpkg --verify vgpu-run)"
files >"$scratch/installed"
(($(comm -13 "$scratch/before" "$scratch/installed" | wc -l) > 60)) || fail "hardly anything was installed"

# The demo, by root and by an ordinary user: directly, and through a runner whose environment was emptied.
triplet=$(dpkg-architecture -q DEB_HOST_MULTIARCH)
for user in 0 65534; do
  as=(setpriv --reuid "$user" --regid "$user" --clear-groups)
  ends 0 inside "${as[@]}" vgpu-run -- vgpu-probe
  contains "$scratch/out" 'NVIDIA H100'
  ends 0 inside "${as[@]}" vgpu-run --emulate a100:2 -- env -i /bin/sh -c '/usr/bin/vgpu-probe; exit $?'
  contains "$scratch/out" 'NVIDIA A100'
  ends 0 inside "${as[@]}" vgpu-run -- vgpu-probe --runner
  ends 0 inside "${as[@]}" vgpuctl check -- true
  ends 0 inside "${as[@]}" vgpuctl verify --wait 1 -- sleep 60
  contains "$scratch/out" holds
done
# Without vgpu-run there is no GPU: the answers above are the shims'.
ends 1 inside vgpu-probe

# The shims are those of the multiarch directory, the 32-bit one beside them.
ends 0 inside vgpu-run --dry-run --format=json true
for path in $(json '" ".join(d["preload"])' <"$scratch/out"); do
  [[ $(inside realpath "$path") == "/usr/lib/$triplet/vgpu/"* ]] || fail "preloads $path"
done
[[ ! -e $build/lib/vgpu/32/libvgpu-exec.so ]] || inside test -e "$(dirname "$path")/32/libvgpu-exec.so" || fail "no 32-bit libvgpu-exec beside $path"
[[ ! -e $build/lib/vgpu/either ]] || for name in "$triplet" i386-linux-gnu lib32; do  # scope namespace: a path for both classes
  name=/usr/lib/vgpu/either/${name/#*-linux-gnu/lib\/$name}/libvgpu-exec.so
  inside test -e "$name" || fail "no $name"
done
if command -v strace >/dev/null; then  # what the build wrote down about the shims holds for the packed ones
  strace -o "$scratch/trace" chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/bin:/bin /usr/bin/vgpu-run true
  sed '1,/^execve("\/usr\/bin\/vgpu-run"/d' "$scratch/trace" | sed '/^execve/,$d' >"$scratch/calls"
  calls=$(wc -l <"$scratch/calls")
  ((calls > 0 && calls <= 30)) || fail "$calls system calls"$'\n'"$(cat "$scratch/calls")"
  ! grep -q 'open.*libvgpu' "$scratch/calls" || fail "the seal does not hold: $(cat "$scratch/calls")"
fi
ends 0 inside vgpuctl schema plan
ends 0 inside vgpuctl doctor --explain preload-order
ends 0 inside vgpuctl cdi generate
ends 0 inside vgpuctl list devices
contains "$scratch/out" h100

# A manifest of another package, where pkg-config says that it goes.
mkdir "$root/usr/share/vgpu-run/manifest.d"
echo '{"version": 1, "profiles": [{"name": "theirs", "shims": []}]}' >"$root/usr/share/vgpu-run/manifest.d/theirs.json"
ends 0 inside vgpu-run --profile theirs true
rm -r "$root/usr/share/vgpu-run/manifest.d"

ends 0 inside dpkg --purge vgpu-run-dbgsym vgpu-run
files >"$scratch/after"
diff "$scratch/before" "$scratch/after" >"$scratch/left" || fail "left behind, or gone: $(cat "$scratch/left")"
