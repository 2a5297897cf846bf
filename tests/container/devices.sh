#!/usr/bin/env bash
# podman gives containers the devices that `vgpuctl cdi generate` describes: one, some, all, and an image that has a LD_PRELOAD.
source "$(dirname "$0")/common.sh"
containers
glibc_root /run/test/root
launched='ENTRYPOINT ["/usr/bin/vgpu-run","--"]'
image launched /run/test/root "$launched"
image plain /run/test/root
image owned /run/test/root "$launched" 'ENV LD_PRELOAD=/opt/own.so'
image owned-plain /run/test/root 'ENV LD_PRELOAD=/opt/own.so'
uuids="[d['uuid'] for d in d['devices']]"
"$vgpu_run" --emulate a100:3 "$vgpu_probe" --json >"$scratch/host"
host=$(json "$uuids" <"$scratch/host")

# finds INDICES PODMAN_WORD...: vgpu-probe in the container sees those of the host's devices, through every door.
finds() {
  local indices=$1
  shift
  podman run --rm "$@" vgpu-probe --json >"$scratch/probe" 2>"$scratch/err" || fail "$*: $(cat "$scratch/probe" "$scratch/err")"
  [[ $(json "$uuids" <"$scratch/probe") == "$(json "[d['devices'][i]['uuid'] for i in $indices]" <"$scratch/host")" ]] ||
    fail "$*: not $indices of $host, but $(json "$uuids" <"$scratch/probe")"
  [[ $(json "d['verdict']" <"$scratch/probe") == agree ]] || fail "$*: the doors do not agree: $(cat "$scratch/probe")"
}
# preloaded PODMAN_WORD...: what LD_PRELOAD is in a shell of the container, then the files that it has mapped.
preloaded() { podman run --rm "$@" sh -c 'echo "$LD_PRELOAD"; while read -r line; do echo "$line"; done </proc/self/maps'; }

generate --emulate a100:3
finds '[0]' --device vgpu.dev/gpu=gpu0 launched
finds '[1]' --device vgpu.dev/gpu=gpu1 launched
finds '[0, 2]' --device vgpu.dev/gpu=gpu2 --device vgpu.dev/gpu=gpu0 launched
finds '[0, 1, 2]' --device vgpu.dev/gpu=all launched
# The program need not be the entrypoint of the image.
finds '[1]' --device vgpu.dev/gpu=gpu1 plain vgpu-run --
# In a user namespace, as rootless containers have one, the host's files are nobody's.
finds '[1]' --uidmap 0:100000:5000 --gidmap 0:100000:5000 --device vgpu.dev/gpu=gpu1 launched
# Nothing of it without a device, and what comes with one cannot be written.
ends 127 podman run --rm launched vgpu-probe
for file in /usr/bin/vgpu-run /usr/share/vgpu-run/manifest.json /usr/lib/vgpu/libvgpu-exec.so; do
  ends 2 podman run --rm --device vgpu.dev/gpu=gpu0 plain sh -c ": >>$file"
  contains "$scratch/err" "Read-only file system"
done
ends 126 podman run --rm --device vgpu.dev/gpu=gpu3 plain sh -c :

# The image's own LD_PRELOAD stays, behind ours.
preloaded --device vgpu.dev/gpu=gpu0 owned >"$scratch/maps"
[[ $(head -n 1 "$scratch/maps") == /usr/lib/vgpu/libvgpu-exec.so:*:/opt/own.so ]] || fail "LD_PRELOAD is $(head -n 1 "$scratch/maps")"
contains "$scratch/maps" " /opt/own.so"
contains "$scratch/maps" " /usr/lib/vgpu/libvgpu-cuda.so"

# Device preload needs no vgpu-run in the container, and replaces the image's.
finds '[0, 1, 2]' --device vgpu.dev/gpu=preload plain
preloaded --device vgpu.dev/gpu=preload owned-plain >"$scratch/maps"
contains "$scratch/maps" " /usr/lib/vgpu/libvgpu-cuda.so"
sed 1d "$scratch/maps" >"$scratch/mapped"
lacks "$scratch/mapped" "/opt/own.so"
generate --emulate a100:3 --image-preload /opt/own.so
preloaded --device vgpu.dev/gpu=preload owned-plain >"$scratch/maps"
contains "$scratch/maps" " /usr/lib/vgpu/libvgpu-cuda.so"
contains "$scratch/maps" " /opt/own.so"

# Options of the launch reach the vgpu-run in the container.
generate --memory 2GiB --set GREETING='good day'
podman run --rm --device vgpu.dev/gpu=gpu0 launched sh -c 'echo "$GREETING"; exec vgpu-probe --json' >"$scratch/probe"
[[ $(head -n 1 "$scratch/probe") == "good day" ]] || fail "--set: $(head -n 1 "$scratch/probe")"
[[ $(sed 1d "$scratch/probe" | json "d['devices'][0]['memory']") == $((2 << 30)) ]] || fail "--memory: $(cat "$scratch/probe")"
