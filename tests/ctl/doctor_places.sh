#!/usr/bin/env bash
# vgpuctl doctor about what else is on a machine: security modules, snaps and flatpaks, Ollama, drivers, services, sessions.
# Trees stand for machines that this one is not; sessions, services' hardening and processes are real.
source "$(dirname "$0")/../systemd/common.sh"
vgpu_test_systemd=$here
source "$(dirname "$0")/doctor_common.sh"
tree
chmod 755 "$scratch"
put() { # PATH [MODE] <text
  mkdir -p "$tree$(dirname "$1")"
  cat >"$tree$1"
  chmod "${2:-644}" "$tree$1"
}
examined() { # STATUS ID COMMAND...
  local status=$1 id=$2
  shift 2
  diagnosed "$status" "$id" "${at[@]}" "$@"
}
well() { # ID COMMAND...
  local id=$1
  shift
  healthy "$id" "${at[@]}" "$@"
}
mkdir -p "$tree/usr/bin"
program -o "$tree/usr/bin/app"
ends 0 "$vgpuctl" doctor "${at[@]}" -- app
contains "$scratch/out" "holds: "

# AppArmor: the profile that names the program, not one that is disabled, complains, or speaks of the shims.
printf 'Y\n' | put /sys/module/apparmor/parameters/enabled
printf '# one\nprofile app /{usr/,}bin/app flags=(attach_disconnected) {\n  /usr/bin/app mr,\n}\n' | put /etc/apparmor.d/usr.bin.app
examined 0 warning:apparmor-confined -- app
shows "/etc/apparmor.d/usr.bin.app:2: app"
printf 'app (enforce)\nother (complain)\n' | put /sys/kernel/security/apparmor/profiles
examined 0 warning:apparmor-confined -- app
shows "app (enforce)"
printf 'app (complain)\n' | put /sys/kernel/security/apparmor/profiles
well apparmor-confined -- app
rm -r "$tree/sys/kernel"
printf '@{bin}/app {\n  /opt/vgpu/lib/vgpu/** mr,\n}\n' | put /etc/apparmor.d/usr.bin.app
well apparmor-confined -- app
printf '@{bin}/app {\n}\n' | put /etc/apparmor.d/usr.bin.app
examined 0 apparmor-confined -- app
mkdir -p "$tree/etc/apparmor.d/disable" && ln -s /etc/apparmor.d/usr.bin.app "$tree/etc/apparmor.d/disable/usr.bin.app"
well apparmor-confined -- app
rm -r "$tree/etc/apparmor.d"
printf 'profile stub /usr/bin/app flags=(unconfined) {\n}\n' | put /etc/apparmor.d/stub
well apparmor-confined -- app
rm -r "$tree/etc/apparmor.d" "$tree/sys"

# SELinux.
printf '1' | put /sys/fs/selinux/enforce
printf 'system_u:system_r:ollama_t:s0\0' | put /proc/self/attr/current
examined 0 warning:selinux-confined -- app
shows "/sys/fs/selinux/enforce:1: 1" "system_u:system_r:ollama_t:s0"
printf 'unconfined_u:unconfined_r:unconfined_t:s0' | put /proc/self/attr/current
well selinux-confined -- app
printf '0' | put /sys/fs/selinux/enforce
printf 'system_u:system_r:ollama_t:s0' | put /proc/self/attr/current
well selinux-confined -- app
rm -r "$tree/sys" "$tree/proc"

# A snap's command is a link to snap; a flatpak's is a script, or flatpak itself.
program -o "$tree/usr/bin/snap"
mkdir -p "$tree/snap/bin" && ln -s /usr/bin/snap "$tree/snap/bin/app"
examined 1 error:target-in-snap -- /snap/bin/app
shows "/snap/bin/app:None: a link to /usr/bin/snap"
examined 1 target-in-snap -- snap run app
well target-in-snap -- snap list
cp /bin/sh "$tree/bin/sh" 2>/dev/null || { mkdir -p "$tree/bin" && cp -L /bin/sh "$tree/bin/sh"; }
printf '#!/bin/sh\n\nexec /usr/bin/flatpak run --branch=stable --arch=x86_64 org.example.App "$@"\n' | put /var/lib/flatpak/exports/bin/org.example.App 755
examined 1 error:target-in-flatpak -- /var/lib/flatpak/exports/bin/org.example.App
shows "/var/lib/flatpak/exports/bin/org.example.App:3: exec /usr/bin/flatpak run"
program -o "$tree/usr/bin/flatpak"
examined 1 target-in-flatpak -- flatpak run org.example.App
well target-in-flatpak -- flatpak list
# What such a sandbox does to a preload, for real: the directory of the shims is not there.
if in_private_files true 2>/dev/null; then
  cp -r "$build/lib/vgpu" "$scratch/hidden"
  in_private_files sh -c 'LD_PRELOAD=$1/libvgpu-exec.so; export LD_PRELOAD; mount -t tmpfs none "$1"; exec cat /proc/self/maps' sh "$scratch/hidden" \
    >"$scratch/real" 2>"$scratch/real.err"
  lacks "$scratch/real" libvgpu-exec
  contains "$scratch/real.err" "cannot be preloaded"
fi

# Ollama twice: the snap beside the unit, a second one in PATH.
well ollama-installed-twice
ln -s /usr/bin/snap "$tree/snap/bin/ollama"
printf '[Service]\nExecStart=/usr/bin/snap run ollama.listener\n' | put /etc/systemd/system/snap.ollama.listener.service
examined 1 error:ollama-installed-twice
shows "/usr/lib/systemd/system/ollama.service:6: ExecStart=/usr/local/bin/ollama serve" "/snap/bin/ollama" "snap.ollama.listener.service"
rm "$tree/snap/bin/ollama" "$tree/etc/systemd/system/snap.ollama.listener.service"
cp "$tree/usr/local/bin/ollama" "$tree/usr/bin/ollama"
examined 0 warning:ollama-installed-twice
rm "$tree/usr/bin/ollama"
ln -s /usr/local/bin/ollama "$tree/usr/bin/ollama"
well ollama-installed-twice

# Libraries that Ollama does not scan: it looks beside its own program.
: | put /usr/lib/ollama/cuda_v13/libggml-cuda.so
examined 1 error:ollama-directory-not-scanned -- /usr/local/bin/ollama serve
shows "/usr/local/bin/ollama:None: scans /usr/local/bin" "/usr/lib/ollama/cuda_v13:None: has a CUDA backend, libggml-cuda.so"
: | put /usr/local/lib/ollama/cuda_v12/libggml-cuda.so
examined 0 warning:ollama-directory-not-scanned -- /usr/local/bin/ollama serve
shows "scans /usr/local/lib/ollama, /usr/local/lib/ollama/cuda_v12"
rm -r "$tree/usr/lib/ollama"
well ollama-directory-not-scanned -- /usr/local/bin/ollama serve
ln -s /usr/local/lib/ollama "$tree/usr/lib/ollama"
well ollama-directory-not-scanned -- /usr/local/bin/ollama serve

# A driver that is older than the runtime needs: the real one of a slice, the described one of an emulated device.
echo 'int cudaRuntimeGetVersion(int* v) { return v == 0; }' | library -Wl,-soname,libcudart.so.13 -o "$scratch/libcudart.so.13"
echo 'int cudaRuntimeGetVersion(int*); int main(void) { int v; return cudaRuntimeGetVersion(&v); }' |
  $compiler -x c - -o "$tree/usr/bin/runs13" -x none "$scratch/libcudart.so.13"
: | put /dev/nvidiactl
echo 'int cuInit(unsigned f) { return (int)f; }' | library -Wl,-soname,libcuda.so.1 -o "$tree/lib/x86_64-linux-gnu/libcuda.so.1"
mkdir -p "$tree/usr/lib/x86_64-linux-gnu" && cp "$tree/lib/x86_64-linux-gnu/libcuda.so.1" "$tree/usr/lib/x86_64-linux-gnu/"
driver() { printf 'NVRM version: NVIDIA UNIX x86_64 Kernel Module  %s  Tue Mar  5 22:23:56 UTC 2024\nGCC version:\n' "$1" | put /proc/driver/nvidia/version; }
driver 550.54.15
examined 1 error:driver-too-old -- runs13
shows "/proc/driver/nvidia/version:1: NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15" "DT_NEEDED libcudart.so.13"
driver 580.65.06
well driver-too-old -- runs13
rm -r "$tree/proc" "$tree/dev/nvidiactl" "$tree/lib/x86_64-linux-gnu/libcuda.so.1" "$tree/usr/lib/x86_64-linux-gnu"
python3 - "$source_dir/config/devices/a100.json" "$tree/opt/vgpu/share/vgpu-run/devices/old.json" <<'PY'
import json, sys
device = json.load(open(sys.argv[1]))
device["driver"] = {"version": "550.54.15", "cuda": 12040}
json.dump(device, open(sys.argv[2], "w"))
PY
well driver-too-old --emulate old -- runs13  # our own runtime is preloaded
examined 0 warning:driver-too-old --emulate old --without cudart -- runs13
shows "driver version 550.54.15"
well driver-too-old -- runs13

# Services: what vgpuctl systemd check finds, with its line.
printf '[Service]\nExecStart=/opt/vgpu/bin/vgpu-run -- /usr/bin/app\nTemporaryFileSystem=/opt\n' | put /etc/systemd/system/hidden.service
examined 1 error:hidden-by-hardening
shows "/etc/systemd/system/hidden.service:3: TemporaryFileSystem=/opt"
examined 1 hidden-by-hardening -- app
rm "$tree/etc/systemd/system/hidden.service"
mkdir -p "$tree/etc/systemd/system/ollama.service.d"
cp "$vgpu_test_systemd/seed/vgpu.conf" "$tree/etc/systemd/system/ollama.service.d/"
examined 1 no-service-section
examined 1 no-service-section -- ollama serve
rm -r "$tree/etc/systemd/system/ollama.service.d"
examined 0 warning:not-on-a-virtual-gpu -- ollama serve
shows "/usr/lib/systemd/system/ollama.service:6: ExecStart=/usr/local/bin/ollama serve"

# A session: while somebody is in it nothing is said; when it was killed, its file is what is left. Others may have left theirs.
export XDG_RUNTIME_DIR=$scratch/runtime
mkdir -m 700 "$XDG_RUNTIME_DIR"
$compiler -o "$scratch/stay" "$source_dir/tests/ctl/stay.c" -ldl
"$vgpu_run" --memory 1GiB -- "$scratch/stay" init 0 >"$scratch/up" 2>&1 </dev/null &
pid=$!
trap 'kill -9 "$pid" 2>/dev/null || true; rm -rf "$scratch"' EXIT
for ((i = 0; i < 200; i++)); do
  ! grep -q ^up "$scratch/up" || break
  sleep 0.05
done
session=$(echo "$XDG_RUNTIME_DIR"/vgpu-session-*)
[[ -f $session ]] || fail "no session was made: $(cat "$scratch/up")"
ends 0 "$vgpuctl" doctor -- true
lacks "$scratch/out" "$session"
kill -9 "$pid"
wait "$pid" 2>/dev/null || true
doctor_names session-stale "$vgpuctl" doctor --json -- true
ends 0 "$vgpuctl" doctor -- true
contains "$scratch/out" "warning: session-stale: $session: "
contains "$scratch/out" "evidence: /proc/$pid: there is no such process"
rm "$session"
ends 0 "$vgpuctl" doctor -- true
lacks "$scratch/out" "$session"
