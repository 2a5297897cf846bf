#!/usr/bin/env bash
# vgpuctl verify --container: podman's containers that have their shims, and some that have not; names are the container's.
source "$(dirname "$0")/common.sh"
containers
glibc_root /run/test/root
${CC:-cc} -o /run/test/root/opt/stay "$here/../ctl/stay.c" -ldl
cp "$(command -v busybox)" /run/test/root/opt/
image plain /run/test/root
image launched /run/test/root 'ENTRYPOINT ["/usr/bin/vgpu-run","--"]'
generate --emulate a100

# begin NAME WORD...: a container that stays; it has said that it is up.
begin() {
  local name=$1
  shift
  podman run -d --name "$name" "$@" >"$scratch/id" || fail "$name does not start"
  for ((i = 0; i < 200; i++)); do
    ! podman logs "$name" 2>/dev/null | grep -q ^up || return 0
    sleep 0.05
  done
  fail "$name: $(podman logs "$name" 2>&1)"
}
verified() {
  ends "$1" "$vgpuctl" verify --json "${@:2}"
  cp "$scratch/out" "$scratch/json"
}
finding() { json "[p['finding'] for p in d['processes']]" <"$scratch/json"; }

begin good --device vgpu.dev/gpu=gpu0 launched /opt/stay init 0 clean /opt/stay
for name in good "$(cat "$scratch/id")" "$(cut -c1-12 "$scratch/id")"; do verified 0 --container "$name"; done
[[ $(finding) == "['carries', 'carries']" ]] || fail "$(cat "$scratch/json")"
[[ $(json "[(p['executable'], p['expected'][2], p['carried'][2], p['missing'], p['environment_says']) for p in d['processes']][0]" <"$scratch/json") == \
  "('/opt/stay', '/usr/lib/vgpu/libvgpu-cuda.so', '/usr/lib/vgpu/libvgpu-cuda.so', [], True)" ]] || fail "$(cat "$scratch/json")"
[[ $(json "d['processes'][0]['cuda']['device_count']" <"$scratch/json") == 1 ]] || fail "what it saw: $(cat "$scratch/json")"
ends 0 "$vgpuctl" verify --container good
contains "$scratch/out" "holds: all 2 processes"
# What is started beside it, past the entrypoint and, as podman does it, without the variables of the device: vgpu-run finds them at
# process 1, where it may look.
ends 0 podman exec good /bin/sh -c 'echo "${VGPU_DEVICE-none}"'
contains "$scratch/out" none
ends 0 podman exec good vgpu-run -- vgpu-probe
contains "$scratch/out" "agree: 1 device, NVIDIA A100"
ends 0 podman exec -e VGPU_RUN_EMULATE=l4 good vgpu-run -- vgpu-probe
contains "$scratch/out" "agree: 1 device, NVIDIA L4"
ends 0 podman exec -u 1000 good vgpu-run -- vgpu-probe
contains "$scratch/out" "agree: 1 device, NVIDIA H100"
ends 1 podman exec good vgpu-probe
# Options describe a launch in the container: its manifests and libraries, not those of this machine.
verified 0 --container good --profile default
verified 0 --container good --profile none
[[ $(finding) == "['nothing-to-carry', 'nothing-to-carry']" ]] || fail "$(cat "$scratch/json")"
podman stop --time 0 good >/dev/null 2>&1
verified 2 --container good
[[ $(json "d['notes']" <"$scratch/json") == "['the container good does not run']" ]] || fail "$(cat "$scratch/json")"

# Device preload: no vgpu-run has started it.
begin preloaded --device vgpu.dev/gpu=preload plain /opt/stay init 0
verified 0 --container preloaded
[[ $(finding) == "['carries']" ]] || fail "$(cat "$scratch/json")"

# Past vgpu-run, with a vgpu-run in reach and without one; a child with an emptied environment, made by an instruction that nobody
# sees; a static child.
begin past --device vgpu.dev/gpu=gpu0 plain /opt/stay
verified 1 --container past
[[ $(finding) == "['never-given']" ]] || fail "$(cat "$scratch/json")"
[[ $(json "d['processes'][0]['missing'][0]" <"$scratch/json") == /usr/lib/vgpu/libvgpu-exec.so ]] || fail "names of this machine: $(cat "$scratch/json")"
# What the container's own environment asks for counts.
begin none --device vgpu.dev/gpu=gpu0 -e VGPU_RUN_PROFILE=none plain /opt/stay
verified 0 --container none
begin bare plain /opt/stay
verified 1 --container bare
[[ $(finding) == "['never-given']" ]] || fail "$(cat "$scratch/json")"
begin emptied --device vgpu.dev/gpu=gpu0 launched /opt/stay raw /opt/stay
verified 1 --container emptied
[[ $(finding) == "['carries', 'environment-cleaned']" ]] || fail "$(cat "$scratch/json")"
begin static --device vgpu.dev/gpu=gpu0 launched sh -c 'echo up; /opt/busybox sleep 60 & wait'
for ((i = 0; i < 100; i++)); do verified 1 --container static; [[ $(finding) != "['carries', 'static']" ]] || break; sleep 0.05; done
[[ $(finding) == "['carries', 'static']" ]] || fail "$(cat "$scratch/json")"

ends 125 "$vgpuctl" verify --container no-such-container
contains "$scratch/err" "no such container"
