# shellcheck shell=bash
# Sourced by the tests of this folder: Debian's own kernel, with the security modules that the kernel of this machine may not have,
# booted by qemu without hardware support. What runs in it is a small root file system in memory, with the build in /opt/vgpu.
source "$(dirname "${BASH_SOURCE[0]}")/../common.sh"
for tool in qemu-system-x86_64 busybox; do command -v $tool >/dev/null || skip "there is no $tool"; done
kernel=$(fetched kernel) || exit
root=$scratch/root

# root_file_system PROGRAM...: $root, with these programs and what they link to, and inside/$1.sh as its init.
root_file_system() {
  local library applet
  mkdir -p "$root"/{bin,usr/bin,sbin,proc,sys,dev,tmp,etc,opt/vgpu/bin,opt/vgpu/lib}
  install "$(command -v busybox)" "$root/bin/busybox"
  for applet in sh mount mkdir cat cp ls poweroff grep sed dmesg cut tr; do ln -s busybox "$root/bin/$applet"; done
  install "$build"/bin/{vgpu-run,vgpuctl} "$root/opt/vgpu/bin/"
  cp -r "$build/share" "$root/opt/vgpu/"
  cp -r "$build/lib/vgpu" "$root/opt/vgpu/lib/"
  # A program whose name says nothing to anybody: it shows what is mapped into it.
  install "$(command -v cat)" "$root/usr/bin/app"
  install "$(readlink -f /bin/sh)" "$root/usr/bin/outer"
  local programs=("$build"/bin/{vgpu-run,vgpuctl} "$root"/usr/bin/{app,outer} "$@")
  for library in $(ldd "${programs[@]}" 2>/dev/null | grep -o '/[^ ]*\.so[^ ]*' | sort -u); do install -D "$(readlink -f "$library")" "$root$library"; done
  for library in "$@"; do install -D "$library" "$root/bin/$(basename "$library")"; done
}

# boots MODULE: what the console says, in $scratch/console, is to end with PASSED.
boots() {
  (cd "$root" && find . | busybox cpio -o -H newc 2>/dev/null | gzip -1) >"$scratch/initrd"
  timeout 300 qemu-system-x86_64 -machine pc,accel=tcg -cpu qemu64 -m 512 -nodefaults -no-reboot -nographic -serial stdio -kernel "$kernel" \
    -initrd "$scratch/initrd" -append "console=ttyS0 quiet panic=-1 lsm=$1" </dev/null >"$scratch/raw" 2>&1 || fail "qemu: $?: $(tail -n 20 "$scratch/raw")"
  tr -d '\r' <"$scratch/raw" | sed 's/\x1b\[[?0-9;]*[a-zA-Z]//g; /^ok: \|^FAILED\|^PASSED$/!s/^/  /' >"$scratch/console"
  grep -q '^PASSED$' "$scratch/console" || fail "in $(basename "$kernel"):"$'\n'"$(cat "$scratch/console")"
  grep '^ok: ' "$scratch/console"
}
