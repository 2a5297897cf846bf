# shellcheck shell=bash
# Sourced by namespace_*.sh.
source "$(dirname "${BASH_SOURCE[0]}")/../common.sh"

unshare --mount true 2>/dev/null || absent "no mount namespace may be made here"

# In the namespace of the test itself: what it mounts is gone when it ends.
in_namespace() { "$vgpu_run" --scope namespace -- "$@"; }

# as_nobody COMMAND...: an ordinary user, who must be able to reach the build tree.
as_nobody() {
  setpriv --reuid=65534 --regid=65534 --groups=65534,4 env HOME="$scratch" XDG_CONFIG_HOME="$scratch/none" "$@"
}
nobody_can() {
  ((EUID == 0)) || return 1
  as_nobody test -x "$vgpu_run" && as_nobody unshare --user --mount true 2>/dev/null
}

# One that everybody may start, whatever PATH begins with.
python=$(PATH=/usr/bin:/bin command -v python3) || skip "no python3"

# A shell that prints what it has mapped.
readonly mapped='grep -o "libvgpu-[a-z0-9]*\.so" /proc/self/maps | sort -u | tr "\n" " "'
shims=$("$vgpu_run" -- sh -c "$mapped")
[[ $shims == *libvgpu-cuda.so* ]] || fail "no shims at all: $shims"

# same NAME WANTED GOT
same() { [[ $2 == "$3" ]] || fail "$1: '$3' instead of '$2'"; }

# What `sh` below COMMAND... has mapped must be all shims. COMMAND... ends in an emptied environment.
has_shims() {
  local what=$1
  shift
  same "$what" "$shims" "$("$@" /bin/sh -c "$mapped")"
}
