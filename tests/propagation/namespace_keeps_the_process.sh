#!/usr/bin/env bash
# Scope namespace: who the process is, where it stands and what it holds are what they were.
source "$(dirname "$0")/namespace_common.sh"
chmod 755 "$scratch"
cd "$scratch"

# Everything about this process that the kernel tells, once without us and once in the namespace. The namespaces differ, and
# that is all.
cat >"$scratch/self.py" <<'PY'
import os, signal, sys
status = dict(line.rstrip("\n").split(":\t", 1) for line in open("/proc/self/status"))
for name in ("Uid", "Gid", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Umask", "SigIgn", "SigBlk"):
    print(name, status[name])
if sys.argv[1] == "groups":
    print("groups", status["Groups"])
print("group", os.getpgrp(), "session", os.getsid(0))
print("cwd", os.getcwd(), os.stat(".").st_ino, "root", os.readlink("/proc/self/root"), "exe", os.readlink("/proc/self/exe"))
print("descriptors", sorted(fd for fd in os.listdir("/proc/self/fd") if int(fd) < 200 and os.path.exists("/proc/self/fd/" + fd)))
print("own files of /proc", os.stat("/proc/self/environ").st_uid == os.getuid())
import ctypes
libc = ctypes.CDLL(None)
print("dumpable", libc.prctl(3), "securebits", libc.prctl(27), "keepcaps", libc.prctl(7))
PY
# compare NAME WORD COMMAND...: COMMAND becomes somebody.
compare() {
  local name=$1 word=$2
  shift 2
  # shellcheck disable=SC2016
  "$@" sh -c 'exec "$@"' sh "$python" "$scratch/self.py" "$word" 2>&1 >"$scratch/plain" || fail "$name: $(cat "$scratch/plain")"
  # shellcheck disable=SC2016
  "$@" sh -c 'exec "$0" --scope namespace -- "$@"' "$vgpu_run" "$python" "$scratch/self.py" "$word" 2>&1 >"$scratch/inside" || fail "$name: $(cat "$scratch/inside")"
  diff "$scratch/plain" "$scratch/inside" || fail "$name: it is another process inside"
}
if ((EUID == 0)); then
  compare "root" groups env
  compare "root with fewer capabilities" groups setpriv --bounding-set=-net_raw,-sys_time
  compare "root with an open descriptor" groups bash -c 'exec 7</dev/null; trap "" HUP; umask 27; exec "$@"' sh
fi
if nobody_can; then
  compare "an ordinary user" "" as_nobody
  # no capability in the bounding set that was not there before
  compare "an ordinary user with a bounding set" "" setpriv --bounding-set=-net_raw,-sys_time --reuid=65534 --regid=65534 --clear-groups env XDG_CONFIG_HOME=/nonexistent
  # The kernel goes on to grant what a group may, though getgroups shows the overflow group.
  mkdir "$scratch/group"
  chgrp 4 "$scratch/group" && chmod 070 "$scratch/group"
  printf 'for the group\n' >"$scratch/group/file"
  same "a supplementary group" "for the group" "$(as_nobody "$vgpu_run" --scope namespace -- cat "$scratch/group/file")"
  # A user namespace of nobody's own has no root to become.
  ! as_nobody "$vgpu_run" --scope namespace -- mount -t tmpfs x "$scratch/group" 2>/dev/null || fail "a capability leaks"
fi

# cwd within /etc: the same directory by name, with our view of it.
same "cwd /etc" /etc "$(cd /etc && in_namespace sh -c 'pwd -P')"
same "cwd /etc shows our file" yes "$(cd /etc && in_namespace sh -c 'test -s ld.so.preload && echo yes')"
below=$(find /etc -mindepth 1 -maxdepth 1 -type d | head -n 1)
same "cwd below /etc" "$below" "$(cd "$below" && in_namespace sh -c 'pwd -P')"
same "cwd below /etc, the same directory" "$(stat -c '%d %i' "$below")" "$(cd "$below" && in_namespace stat -c '%d %i' .)"

# The command's own status, and a signal's.
ends 7 in_namespace sh -c 'exit 7'
ends 127 in_namespace no-such-command
ends 126 in_namespace "$scratch"
ends 143 in_namespace sh -c 'kill $$'

# A vgpu-run inside makes no second one where it would be the same, and another one where it would not.
same "mounts of a nested launch" "$(in_namespace sh -c 'wc -l </proc/self/mountinfo')" \
  "$(in_namespace "$vgpu_run" "$vgpu_run" -- sh -c 'wc -l </proc/self/mountinfo')"
same "the namespace of a nested launch" same "$(in_namespace sh -c 'a=$(readlink /proc/self/ns/mnt); b=$("$1" -- readlink /proc/self/ns/mnt); [ "$a" = "$b" ] && echo same' sh "$vgpu_run")"
in_namespace "$vgpu_run" --emulate a100 -- env -i /bin/cat /etc/ld.so.preload >"$scratch/out"
contains "$scratch/out" "id=a100"
same "without shims inside" "" "$(in_namespace "$vgpu_run" --profile none -- env -i /bin/sh -c "$mapped")"

# What is shown.
"$vgpu_run" --scope namespace --dry-run -- true >"$scratch/out"
contains "$scratch/out" "/etc/ld.so.preload"
"$vgpu_run" --scope namespace --explain -- true >"$scratch/out"
contains "$scratch/out" "static programs stay without shims"
"$vgpu_run" --scope namespace --dry-run --format=sh -- true >"$scratch/out" 2>"$scratch/err"
contains "$scratch/err" "the line cannot carry the mount namespace"
[[ $("$vgpu_run" --scope namespace --dry-run --format=json -- true | json 'd["mount_namespace"]["files"]') == "['/etc/ld.so.preload', '/etc/ld.so.cache']" ]] || fail "json"
[[ $("$vgpu_run" --dry-run --format=json -- true | json 'd["mount_namespace"]') == None ]] || fail "json without"
