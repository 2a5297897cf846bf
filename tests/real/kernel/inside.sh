#!/bin/sh
# The init of the booted kernel, in front of apparmor_inside.sh and selinux_inside.sh. Output is the console's.
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t securityfs securityfs /sys/kernel/security
mount -t devtmpfs dev /dev
trap 'poweroff -f' EXIT
export PATH=/opt/vgpu/bin:/bin:/usr/bin
fail() {
  echo "FAILED: $*"
  dmesg | grep -iE 'apparmor|avc:' | sed 's/^/  /'
  exit 1
}
# started COMMAND...: under vgpu-run, with /proc/self/maps as the last argument; maps in $maps, stderr in $errors.
started() {
  errors=$(vgpu-run -- "$@" /proc/self/maps 2>&1 >/tmp/maps) || fail "$*: status $?: $errors"
  maps=$(cat /tmp/maps)
}
carries() { case $maps in *libvgpu-cuda.so*) ;; *) fail "$1: the shims are not mapped: $errors" ;; esac; }
lost() { case $maps in *libvgpu*) fail "$1: a shim is mapped" ;; esac; }
silent() { [ -z "$errors" ] || fail "$1: not silent: $errors"; }
complains() { case $errors in *"libvgpu-cuda.so' from LD_PRELOAD cannot be preloaded ("*) ;; *) fail "$1: ld.so says: $errors" ;; esac; }
# doctor TEXT COMMAND...: it says that.
doctor() {
  text=$1
  shift
  vgpuctl doctor -- "$@" >/tmp/doctor 2>&1
  case $(cat /tmp/doctor) in *"$text"*) ;; *) fail "doctor -- $*: no '$text' in: $(cat /tmp/doctor)" ;; esac
}
