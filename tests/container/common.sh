# shellcheck shell=bash
# Sourced by the tests of this folder: podman with runc, images made of root file systems of our own, no registry and no network.
# Everything that podman keeps is in /run, of which the test has one of its own; it ends with the test's mount namespace.
if [[ ${PRIVATE_MOUNTS:-} != 1 ]]; then
  ((EUID == 0)) || { echo "SKIPPED: only root may start containers here"; exit 77; }
  unshare --mount true 2>/dev/null || { echo "SKIPPED: no mounts may be made here"; exit 77; }
  PRIVATE_MOUNTS=1 exec unshare --mount "$0" "$@"
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../common.sh"
vgpuctl=$build/bin/vgpuctl

# Containers that are left over do not stay.
leave() {
  [[ ! -e ${CONTAINERS_STORAGE_CONF:-/none} ]] || podman rm --all --force --time 0 >/dev/null 2>&1 || true
  rm -rf "$scratch"
}
trap leave EXIT

# What a container gets must be readable in it, and /tmp is on a file system whose owner it may not know.
private_run() {
  mount -t tmpfs tmpfs /run
  mkdir -p /run/cdi /run/test
}

# podman, or the test ends.
containers() {
  local tool
  for tool in podman runc busybox; do command -v "$tool" >/dev/null || skip "there is no $tool"; done
  private_run
  export CONTAINERS_STORAGE_CONF=/run/test/storage.conf CONTAINERS_CONF=/run/test/containers.conf
  printf '[storage]\ndriver = "vfs"\ngraphroot = "/run/test/graph"\nrunroot = "/run/test/runroot"\n' >"$CONTAINERS_STORAGE_CONF"
  # The limits: without CAP_SYS_RESOURCE nobody may raise them, and podman's own are higher than most.
  cat >"$CONTAINERS_CONF" <<'TOML'
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[containers]
netns = "none"
log_driver = "k8s-file"
default_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]
TOML
  busybox_root /run/test/busybox
  image busybox /run/test/busybox
  if ! podman run --rm busybox /bin/busybox true >"$scratch/out" 2>&1; then
    sed -i '/^\[containers\]/a cgroups = "disabled"' "$CONTAINERS_CONF"
    podman run --rm busybox /bin/busybox true >"$scratch/out" 2>&1 || absent "no container can be started here: $(tail -n 1 "$scratch/out")"
  fi
}

# image NAME ROOT [CHANGE...]: an image with what is in a directory, and lines of a Dockerfile.
image() {
  local name=$1 root=$2 changes=()
  shift 2
  while (($#)); do changes+=(--change "$1"); shift; done
  tar -C "$root" -c . | podman import --quiet "${changes[@]}" - "$name" >/dev/null
}

busybox_root() {
  mkdir -p "$1"/{bin,tmp,proc,dev,sys}
  cp "$(command -v busybox)" "$1/bin/busybox"
  ln -sf busybox "$1/bin/sh"
}

# glibc_root DIRECTORY: the C library, the C++ run time and the shell of this machine, and vgpu-probe.
glibc_root() {
  local root=$1 library
  mkdir -p "$root"/{bin,tmp,proc,dev,sys,opt,usr/bin,usr/lib}
  ldd "$build/bin/vgpu-probe" /bin/dash | grep -o '/[^ ]*\.so[^ ]*' | sort -u | while read -r library; do
    install -D "$(readlink -f "$library")" "$root$library"
  done
  install /bin/dash "$root/bin/sh"
  install "$build/bin/vgpu-probe" "$root/usr/bin/"
  echo 'int vgpu_test_own;' | ${CC:-cc} -shared -fPIC -nostdlib -x c - -o "$root/opt/own.so"
}

# generate OPTION...: this machine's specification, where podman finds it.
generate() {
  "$vgpuctl" cdi generate "$@" >/run/cdi/vgpu.json 2>"$scratch/err" || fail "cdi generate $*: $(cat "$scratch/err")"
}
