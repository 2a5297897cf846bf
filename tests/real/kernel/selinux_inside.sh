mount -t selinuxfs selinuxfs /sys/fs/selinux
load() { cat "/policy.$1" >/sys/fs/selinux/load || fail "the kernel does not take the policy $1"; }
load atsecure
# Files on a tmpfs can be labelled once there is a policy. The program is somebody's, the tree a copy from a home directory.
mkdir /opt/tree
mount -t tmpfs none /opt/tree
cp -r /opt/vgpu /opt/tree/vgpu
cp /usr/bin/app /opt/tree/app
PATH=/opt/tree/vgpu/bin:$PATH
types() {
  label "u:object_r:$1" /opt/tree/vgpu/lib/vgpu/*.so || fail "cannot label"
}
label u:object_r:app_exec_t /opt/tree/app || fail "cannot label"

started /opt/tree/app
carries permissive
doctor "holds: nothing is wrong" /opt/tree/app
echo 1 >/sys/fs/selinux/enforce

# A transition, and no noatsecure: ld.so never sees LD_PRELOAD, whatever type the files have.
[ "$(vgpu-run -- /opt/tree/app /proc/self/attr/current | tr -d '\0')" = u:r:app_t ] || fail "there is no transition"
started /opt/tree/app
lost "a transition"
silent "a transition"
dmesg | grep -q 'avc:  denied  { noatsecure }' || fail "the kernel has not refused it"
echo "ok: a transition without noatsecure"

load noatsecure
types lib_t
started /opt/tree/app
carries "noatsecure, lib_t"
types user_home_t
started /opt/tree/app
lost "user_home_t"
complains "user_home_t"
dmesg | grep -q 'avc:  denied  { .* }.*libvgpu-cuda.so.*tcontext=u:object_r:user_home_t' || fail "the kernel has not refused it"
echo "ok: noatsecure, and types"

# What doctor says: in a confined domain, and of a tree outside of /usr and /opt in any.
label u:object_r:app_exec_t /opt/tree/vgpu/bin/vgpuctl
doctor "warning: selinux-confined: SELinux: it is enforcing, and this process runs in a confined domain" /opt/tree/app
doctor "evidence: /proc/self/attr/current:1: u:r:app_t
" /opt/tree/app
label u:object_r:lib_t /opt/tree/vgpu/bin/vgpuctl
doctor "holds: nothing is wrong" /opt/tree/app
mkdir /srv
mount -t tmpfs none /srv
cp -r /opt/tree/vgpu /srv/vgpu
PATH=/srv/vgpu/bin:/bin
doctor "warning: selinux-confined: SELinux: it is enforcing, and /srv/vgpu/lib/vgpu/" /opt/tree/app
echo "ok: doctor"
echo PASSED
