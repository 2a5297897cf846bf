#!/usr/bin/env bash
# Scope namespace where it cannot be had: 125 before the exec, with the cause and what to do. All or nothing.
source "$(dirname "$0")/namespace_common.sh"
command -v gcc >/dev/null || skip "no gcc"
((EUID == 0)) || absent "needs root"
chmod 755 "$scratch"

# deny CALL... -- COMMAND: each system call answers EPERM.
cat >"$scratch/deny.c" <<'C'
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(int argc, char **argv) {
  int i;
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  for (i = 1; i < argc && strcmp(argv[i], "--") != 0; ++i) {
    const char *colon = strchr(argv[i], ':');
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)atoi(argv[i]), 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (colon != 0 ? (unsigned)atoi(colon + 1) : EPERM)),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog program = {sizeof code / sizeof *code, code};
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) != 0) return 1;
  }
  execvp(argv[i + 1], argv + i + 1);
  return 1;
}
C
gcc -o "$scratch/deny" "$scratch/deny.c"
number() { printf '#include <sys/syscall.h>\nSYS_%s\n' "$1" | gcc -E -P - | tail -n 1; }
unshare=$(number unshare) mount=$(number mount) fsopen=$(number fsopen) move_mount=$(number move_mount) open_tree=$(number open_tree)

# refused WHAT CAUSE COMMAND...: COMMAND ends in vgpu-run's own options.
refused() {
  local what=$1 cause=$2
  shift 2
  ends 125 "$@" --scope namespace -- sh -c 'echo started; echo >"$1"' sh "$scratch/started"
  [[ ! -e $scratch/started && ! -s $scratch/out ]] || fail "$what: the command was started"
  contains "$scratch/err" "scope-unavailable"
  contains "$scratch/err" "$cause"
  contains "$scratch/err" "--scope exec"
}
# With the other scopes nothing of this is asked for.
ends 0 "$scratch/deny" "$unshare" "$mount" -- "$vgpu_run" -- true

refused "root, unshare denied" "CAP_SYS_ADMIN" "$scratch/deny" "$unshare" -- "$vgpu_run"
refused "root without the capability" "CAP_SYS_ADMIN" setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin "$vgpu_run"
refused "mount denied" "mount MS_SLAVE /" "$scratch/deny" "$mount" -- "$vgpu_run"
refused "an old kernel" "older than Linux 5.2" "$scratch/deny" "$open_tree:38" -- "$vgpu_run"
refused "half way" "move_mount" "$scratch/deny" "$move_mount" -- "$vgpu_run"
[[ $(stat -f -c %T /etc) == "$(stat -f -c %T /)" ]] || fail "something is left on /etc"
if nobody_can; then
  refused "a seccomp filter" "seccomp" as_nobody "$scratch/deny" "$unshare" -- "$vgpu_run"
  limit=/proc/sys/user/max_user_namespaces
  # In a user namespace of our own, where the limit is its own.
  as_nobody_at_limit() {
    unshare --user --map-root-user --map-users=65534,65534,1 --map-groups=65534,65534,1 --mount true 2>/dev/null || return 1
  }
  if as_nobody_at_limit; then
    ends 125 unshare --user --map-root-user --map-users=65534,65534,1 --map-groups=65534,65534,1 --mount sh -ec \
      'echo 0 >"$1"; shift; exec setpriv --reuid=65534 --regid=65534 --clear-groups env XDG_CONFIG_HOME=/nonexistent "$@"' sh "$limit" \
      "$vgpu_run" --scope namespace -- true
    contains "$scratch/err" "user.max_user_namespaces is 0"
  fi
  # The other switches, as files in the place of those that this kernel does not have.
  for switch in unprivileged_userns_clone=0 apparmor_restrict_unprivileged_userns=1; do
    name=${switch%=*}
    status=0
    unshare --mount --propagation private sh -ec '
      mkdir -p "$1/sys"; mount -t tmpfs -o mode=755 none "$1/sys"; mkdir "$1/sys/kernel" "$1/sys/user"; echo "$3" >"$1/sys/kernel/$2"; echo 1000 >"$1/sys/user/max_user_namespaces"
      mount --bind "$1/sys" /proc/sys; deny=$4; call=$5; shift 5
      exec setpriv --reuid=65534 --regid=65534 --clear-groups env XDG_CONFIG_HOME=/nonexistent "$deny" "$call" -- "$@"' \
      sh "$scratch" "$name" "${switch#*=}" "$scratch/deny" "$mount" "$vgpu_run" --scope namespace -- true 2>"$scratch/err" || status=$?
    ((status == 125)) || fail "$name: status $status: $(cat "$scratch/err")"
    contains "$scratch/err" "kernel.$name is ${switch#*=}"
  done
fi

# Without the overlay the same is made of single mounts.
ls -A /etc | grep -vx ld.so.preload >"$scratch/names"
ends 0 "$scratch/deny" "$fsopen:19" -- "$vgpu_run" --scope namespace -- sh -c 'ls -A /etc | grep -vx ld.so.preload'
diff "$scratch/names" "$scratch/out" || fail "names without the overlay"
ends 0 "$scratch/deny" "$fsopen:19" -- "$vgpu_run" --scope namespace -- env -i /bin/sh -c "$mapped"
same "shims without the overlay" "$shims" "$(cat "$scratch/out")"
ends 0 "$scratch/deny" "$fsopen:19" -- "$vgpu_run" --scope namespace -- stat -c '%u %g %a' /etc /etc/passwd
stat -c '%u %g %a' /etc /etc/passwd | diff - "$scratch/out" || fail "owners and modes without the overlay"
ends 0 "$scratch/deny" "$fsopen:19" -- "$vgpu_run" --scope namespace -- find /etc -maxdepth 1 -type l -printf '%p %l\n'
find /etc -maxdepth 1 -type l -printf '%p %l\n' | sort | diff - <(sort "$scratch/out") || fail "links without the overlay"
ends 2 "$scratch/deny" "$fsopen:19" -- "$vgpu_run" --scope namespace -- sh -c 'echo x >/etc/vgpu-new'

# A chroot that is no mount point: its mounts could not be kept from the host.
status=0
unshare --mount --propagation private sh -ec '
  root=$1/root; build=$2; shift 2
  for directory in bin lib lib64 usr proc etc dev "${build#/}"; do
    [ -d "/$directory" ] || continue
    mkdir -p "$root/$directory"
    mount --rbind "/$directory" "$root/$directory"
  done
  exec chroot "$root" "$@"' sh "$scratch" "$build" "$vgpu_run" --scope namespace -- true 2>"$scratch/err" || status=$?
((status == 125)) || fail "in a chroot: status $status: $(cat "$scratch/err")"
contains "$scratch/err" "no mount point"
