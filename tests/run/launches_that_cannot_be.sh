#!/usr/bin/env bash
# What a launch is refused for before a shim or a program is looked at: manifests, devices, drivers, scopes, sessions. vgpu-run says
# it with status 125 and starts nothing, doctor says it of the same options.
source "$(dirname "$0")/../common.sh"
command -v python3 >/dev/null || skip "no python3"

# refused CODE OPTION...; before: a command that both are started by.
before=()
refused() {
  local code=$1
  shift
  ends 125 "${before[@]}" "$vgpu_run" "$@" -- touch "$scratch/started"
  [[ ! -e $scratch/started ]] || fail "$code: the command was started"
  contains "$scratch/err" "vgpu-run: $code: "
  contains "$scratch/err" "fix: "
  contains "$scratch/err" "see: vgpuctl doctor --explain $code"
  doctor_names "$code" "${before[@]}" "$vgpuctl" doctor --json "$@" -- true
}
manifest() { # SHIMS [PROFILE-SHIMS]
  printf '{"version": 1, "shims": [%s], "profiles": [{"name": "default", "shims": [%s]}]}' "$1" "$2" >"$scratch/m.json"
}

refused manifest-unreadable --manifest "$scratch/nowhere.json"
manifest '{"name": "a", "library": "/a.so", "provides": ["x"]}, {"name": "b", "library": "/b.so", "provides": ["x"]}' '"a", "b"'
refused manifest-conflict --manifest "$scratch/m.json"
manifest '{"name": "a", "library": "/a.so"}, {"name": "a", "library": "/b.so"}' '"a"'
refused manifest-conflict --manifest "$scratch/m.json"
manifest '{"name": "a", "library": "/a.so", "requires": ["b"]}, {"name": "b", "library": "/b.so"}' '"a"'
refused requirement-unmet --manifest "$scratch/m.json"
refused unknown-profile --profile nobody
refused unknown-shim --with nothing
refused unknown-shim --without nothing

refused device-unknown --emulate nothing
refused device-invalid --emulate h100:17
sed 's/"memory_bytes": [0-9]*/"memory_bytes": 0/' "$build/share/vgpu-run/devices/h100.json" >"$scratch/none.json"
refused device-invalid --emulate "$scratch/none.json"

# A tree whose path LD_PRELOAD cannot hold.
mkdir -p "$scratch/with space/bin" "$scratch/with space/lib"
cp "$vgpu_run" "$vgpuctl" "$scratch/with space/bin/"
cp -r "$build/lib/vgpu" "$scratch/with space/lib/"
cp -r "$build/share" "$scratch/with space/"
vgpu_run="$scratch/with space/bin/vgpu-run" vgpuctl="$scratch/with space/bin/vgpuctl" refused path-not-carriable

# Drivers: none, and half of one.
unset VGPU_DEVICE
if [[ ! -e /dev/nvidiactl ]]; then
  refused driver-missing --passthrough
fi
export VGPU_REAL_CUDA=$build/lib/vgpu/libvgpu-cuda.so
refused driver-broken
export VGPU_REAL_CUDA=$scratch/gone.so
refused driver-broken
unset VGPU_REAL_CUDA
if ((EUID == 0)) && [[ ! -e /dev/nvidiactl ]] && unshare --mount true 2>/dev/null; then
  # shellcheck disable=SC2016
  before=(unshare --mount sh -ec 'mount -t tmpfs -o mode=755 none /dev; : >/dev/nvidiactl; mknod -m 666 /dev/null c 1 3; exec "$@"' sh)
  refused driver-broken
  before=()
fi

# A session without a place for its file; a mount namespace where none may be made.
if ((EUID == 0)) && unshare --mount true 2>/dev/null; then
  # shellcheck disable=SC2016
  before=(env -u XDG_RUNTIME_DIR unshare --mount sh -ec 'mount -t tmpfs -o mode=755 none /dev; mknod -m 666 /dev/null c 1 3; exec "$@"' sh)
  refused session-unavailable --emulate h100 --memory 1GiB
  before=(setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin)
  refused scope-unavailable --emulate h100 --scope namespace
fi
