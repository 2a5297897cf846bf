#!/usr/bin/env bash
# Scope namespace: the host sees nothing of it. No file is written, no mount appears, also when it fails half way.
source "$(dirname "$0")/namespace_common.sh"

# The host for this test: an /etc of its own in a mount namespace that stands for the host's, with everything in it that
# may be met: a bound file (as in containers), a bound directory, links, a directory nobody else may enter.
if [[ ${1:-} != inside ]]; then
  ((EUID == 0)) || absent "needs root"
  for preload in without with; do
    # Private first: nothing of what follows may reach the true host. Then shared, as a host's mounts are.
    unshare --mount --propagation private sh -ec 'mount --make-rshared /; exec "$@"' sh env VGPU_BUILD="$build" "$0" inside "$preload"
  done
  exit 0
fi
mount -t tmpfs -o mode=755 etc "$scratch"
cp -a /etc/. "$scratch"
rm -f "$scratch/ld.so.preload"
mount --bind "$scratch" /etc
mkdir -p /etc/private /etc/bound
chmod 700 /etc/private
printf 'secret\n' >/etc/private/file
printf 'nameserver 192.0.2.1\n' >"$scratch/.resolv"
touch /etc/resolv.bound
mount --bind "$scratch/.resolv" /etc/resolv.bound
mount -t tmpfs bound /etc/bound
printf 'in the bound directory\n' >/etc/bound/file
ln -s nowhere /etc/dangling
libc=$(ldd /bin/true | sed -n 's/.*=> \(.*libc\.so\.6\).*/\1/p')
libm=$(dirname "$libc")/libm.so.6
[[ $2 == without ]] || printf '# the host has one\n%s\n' "$libm" >/etc/ld.so.preload

# names, kinds, modes, owners, sizes, targets, contents
picture() { (cd /etc && find . -path ./bound -prune -o -printf '%p %y %m %U %G %s %T@ %l\n' | sort && find . -type f -exec sha256sum {} + | sort -k 2); }
# As seen: the same without times, and without what is ours.
seen='cd /etc && { find . -mindepth 1 ! -path ./ld.so.preload ! -path ./ld.so.cache -printf "%p %y %m %U %G %l\n"; find . -type f ! -path ./ld.so.preload ! -path ./ld.so.cache -exec sha256sum {} +; } | sort'
trap 'rm -f /tmp/vgpu.$$.*' EXIT
picture >/tmp/vgpu.$$.before
cat /proc/self/mountinfo >/tmp/vgpu.$$.mounts
sh -c "$seen" >/tmp/vgpu.$$.seen

in_namespace env -i PATH="$PATH" sh -c "$seen" >/tmp/vgpu.$$.seen-inside
diff /tmp/vgpu.$$.seen /tmp/vgpu.$$.seen-inside || fail "/etc is another one inside ($2)"
same "a bound file" "nameserver 192.0.2.1" "$(in_namespace cat /etc/resolv.bound)"
same "a bound directory" "in the bound directory" "$(in_namespace cat /etc/bound/file)"
[[ $2 == without ]] || same "what the host preloads, last" "$libm" "$(in_namespace tail -n 1 /etc/ld.so.preload)"
[[ $2 == without ]] || in_namespace env -i /bin/grep -q "$(basename "$(readlink -f "$libm")")" /proc/self/maps || fail "the host's preload is gone"
same "owner and mode of /etc" "$(stat -c '%u %g %a' /etc)" "$(in_namespace stat -c '%u %g %a' /etc)"
if as_nobody test -x "$vgpu_run" && as_nobody unshare --user --mount true 2>/dev/null; then
  as_nobody "$vgpu_run" --scope namespace -- true || fail "as nobody ($2)"
  as_nobody "$vgpu_run" --scope namespace -- cat /etc/resolv.bound /etc/bound/file >/tmp/vgpu.$$.nobody || fail "bound files as nobody ($2)"
  contains /tmp/vgpu.$$.nobody 192.0.2.1
fi

picture >/tmp/vgpu.$$.after
diff /tmp/vgpu.$$.before /tmp/vgpu.$$.after || fail "/etc has changed ($2)"
diff /tmp/vgpu.$$.mounts /proc/self/mountinfo || fail "the host's mounts have changed ($2)"
[[ $2 == with || ! -e /etc/ld.so.preload ]] || fail "the host has an ld.so.preload now"

# What may be written below: directories of /etc are the true ones. Files directly in /etc are where the host has no
# ld.so.preload to be covered, only to be read.
in_namespace sh -c 'echo new >/etc/private/new' || fail "a directory in /etc cannot be written ($2)"
same "written through" new "$(cat /etc/private/new)"
if [[ $2 == without ]]; then
  ! in_namespace sh -c 'echo x 2>/dev/null >/etc/vgpu-new' || fail "the top of /etc takes a file, and loses it"
else
  in_namespace sh -c 'echo x >/etc/vgpu-new' || fail "the top of /etc is read-only although there was a file to cover"
  same "a new file in /etc" x "$(cat /etc/vgpu-new)"
fi
! in_namespace sh -c 'echo x 2>/dev/null >>/etc/ld.so.preload' || fail "our file can be written"

# What the host does later: mounts, also in /etc's directories; files that are replaced there.
mkfifo "/tmp/vgpu.$$.go" "/tmp/vgpu.$$.ready"
mkdir -p "$scratch/later" /etc/private/later
# shellcheck disable=SC2016
in_namespace sh -c 'echo up >"$1"; read -r go <"$2"; cat "$3/later/file" /etc/private/later/file /etc/private/file' \
  sh "/tmp/vgpu.$$.ready" "/tmp/vgpu.$$.go" "$scratch" >/tmp/vgpu.$$.later &
read -r _ <"/tmp/vgpu.$$.ready"
mount -t tmpfs later "$scratch/later"
echo "mounted later" >"$scratch/later/file"
mount -t tmpfs later /etc/private/later
echo "mounted later in etc" >/etc/private/later/file
printf 'replaced\n' >/etc/private/.file && mv /etc/private/.file /etc/private/file
echo go >"/tmp/vgpu.$$.go"
wait $! || fail "later mounts do not arrive ($2): $(cat /tmp/vgpu.$$.later)"
same "later" $'mounted later\nmounted later in etc\nreplaced' "$(cat /tmp/vgpu.$$.later)"
