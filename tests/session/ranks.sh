#!/usr/bin/env bash
# Ranks: processes of one launch, each with a CUDA_VISIBLE_DEVICES of its own, share the session of all the launch's devices. On the
# emulated device and on a slice of the fake driver's GPUs, with the same answers.
source "$(dirname "$0")/visit.sh"
unset VGPU_DEVICE
fake=$build/tests/fake_driver
[[ -e $fake/libcuda.so.1 ]] || fail "no fake driver"
mib=1048576

# gives EXPECTED COMMAND...: what it prints, line by line.
gives() {
  local expected=$1
  shift
  "$@" >"$scratch/out" 2>"$scratch/err" || true
  [[ $(paste -sd' ' "$scratch/out") == "$expected" ]] ||
    fail "$mode: $*"$'\n'"gave  $(paste -sd' ' "$scratch/out")"$'\n'"not   $expected"$'\n'"$(cat "$scratch/err")"
}
# told: the devices of the session of process $1 as vgpuctl tells them: number, first digits of the UUID, limit, used.
told() {
  sessions '" ".join("%d:%s:%d:%d" % (e["index"], e["uuid"][4:12], e["limit_bytes"] >> 20, e["used_bytes"] >> 20)
    for s in d["sessions"] if s["launcher_pid"] == '"$1"' for e in s["devices"])'
}

# suite: with ${run[@]}, a launch of three devices with limits of 1, 2 and 3 GiB, in the order of --device.
suite() {
  local order rank value i
  read -r _ _ u0 u1 u2 <<<"$("$vgpu_run" "${run[@]}" -- "$driver" devices)"
  local u=("$u0" "$u1" "$u2")
  [[ $u2 =~ ^[0-9a-f]{8}$ ]] || fail "$mode: devices: $u0 $u1 $u2"

  # Whoever is first: each has its own device, and that one's limit.
  for order in "0 1 2" "2 1 0" "1 2 0"; do
    wanted=
    for rank in $order; do wanted+=" devices 1 ${u[rank]} total $(((rank + 1) * gib))"; done
    # shellcheck disable=SC2016
    gives "${wanted# }" "$vgpu_run" "${run[@]}" -- \
      sh -c 'for rank in $2; do CUDA_VISIBLE_DEVICES=$rank "$1" devices total; done' - "$driver" "$order"
  done

  # As the driver reads the variable.
  while IFS='|' read -r value wanted; do
    CUDA_VISIBLE_DEVICES=$value gives "$wanted" "$vgpu_run" "${run[@]}" -- "$driver" devices
  done <<END
|cuInit 100
-1|cuInit 100
9|cuInit 100
none|cuInit 100
GPU-00112233,GPU-$u0|cuInit 100
GPU-|cuInit 100
gpu-$u0|cuInit 100
1,1|cuInit 101
0,1,0,x|cuInit 101
GPU-$u1,GPU-${u1:0:6}|cuInit 101
0,-1,1|devices 1 $u0
2,9,1,1|devices 1 $u2
2,0|devices 2 $u2 $u0
0, 2|devices 2 $u0 $u2
1,0,2|devices 3 $u1 $u0 $u2
+1a,4294967296|devices 2 $u1 $u0
GPU-$u1|devices 1 $u1
GPU-${u2^^},GPU--$u0|devices 2 $u2 $u0
GPU-$u2,0|devices 1 $u2
0,GPU-$u2|devices 1 $u0
END

  # At the same time: each its own quota, nobody another's, and what is asked about is the rank's own device. NVML shows all.
  local all
  mkfifo "$scratch/ranks.in"
  # shellcheck disable=SC2016
  "$vgpu_run" "${run[@]}" -- bash -c 'for rank in 2 0 1; do
      CUDA_VISIBLE_DEVICES=$rank "$1" nvml alloc=$(((rank + 1) * 1024 * 1048576 - 65536)) alloc=1048576 info say="up $rank" wait <&0 &
    done; wait' - "$driver" <"$scratch/ranks.in" >"$scratch/ranks.out" 2>&1 &
  all=$!
  pids+=("$all")
  exec {keys[ranks]}>"$scratch/ranks.in"
  for rank in 0 1 2; do said ranks "up $rank"; done
  [[ $(sort "$scratch/ranks.out" | uniq -c | sed 's/^ *//' | paste -sd' ') == \
    "3 alloc 0 3 alloc 2 1 info 0 65536 of $gib 1 info 0 65536 of $((2 * gib)) 1 info 0 65536 of $((3 * gib)) 3 nvml 3 1 up 0 1 up 1 1 up 2" ]] ||
    fail "$mode: $(cat "$scratch/ranks.out")"
  [[ $(told "$all") == "0:$u0:1024:1023 1:$u1:2048:2047 2:$u2:3072:3071" ]] || fail "$mode: $(told "$all")"
  end_all
  rm "$scratch/ranks.in"

  # A child's own value chooses among the launch's devices, not among its parent's; without one it has its parent's, and shares it.
  CUDA_VISIBLE_DEVICES=1 gives "devices 1 $u1 alloc 0 visible 1 devices 1 $u0 info 0 $gib of $gib visible 0" \
    "$vgpu_run" "${run[@]}" -- "$driver" devices alloc=$gib visible visible=0 spawn devices info visible
  CUDA_VISIBLE_DEVICES=1 gives "devices 1 $u1 alloc 0 devices 1 $u1 info 0 $gib of $((2 * gib))" \
    "$vgpu_run" "${run[@]}" -- "$driver" devices alloc=$gib spawn devices info
  gives "devices 3 $u0 $u1 $u2 visible (unset) devices 2 $u2 $u1 alloc 0 info 0 $((3 * gib - mib)) of $((3 * gib)) devices 1 $u2" \
    "$vgpu_run" "${run[@]}" -- "$driver" devices visible visible=2,1 spawn devices alloc=$mib info visible=2 spawn devices

  # A launch inside that takes fewer devices, and that is the first to use one: numbers and limits stay those of the outer one.
  # shellcheck disable=SC2016
  gives "devices 1 $u1 total $((2 * gib)) devices 2 $u2 $u0 total $((3 * gib)) devices 1 $u0 total $gib devices 3 $u0 $u1 $u2 total $gib" \
    "$vgpu_run" "${run[@]}" -- bash -c '"$1" --device 1 -- "$2" devices total
      "$1" --device 2,0 -- "$1" -- "$2" devices total
      CUDA_VISIBLE_DEVICES=1 "$1" --device 2,0 -- "$2" devices total
      "$2" devices total' - "$vgpu_run" "$driver"
  # What the variable has from outside chooses there and inside.
  CUDA_VISIBLE_DEVICES=1 gives "devices 1 $u1 devices 1 $u2" "$vgpu_run" "${run[@]}" -- \
    bash -c '"$2" devices; "$1" --device 0,2 -- "$2" devices' - "$vgpu_run" "$driver"

  # Ranks that race to make the session: one session, each device in it once, at its place.
  # shellcheck disable=SC2016
  "$vgpu_run" "${run[@]}" -- bash -c 'for round in {1..'"${rounds:-12}"'}; do
      rm -f "$3"/*
      for rank in 1 2 0 2 1 0 0 2 1; do CUDA_VISIBLE_DEVICES=$rank "$1" total alloc=1048576 & done
      wait
      (($(ls "$3" | wc -l) == 1)) || echo "several files"
      "$2" top --json >"$4/top.$round"
    done; echo done' - "$driver" "$vgpuctl" "$XDG_RUNTIME_DIR" "$scratch" >"$scratch/race.out" 2>&1
  [[ $(sort "$scratch/race.out" | uniq -c | sed 's/^ *//' | paste -sd' ') == \
    "$((9 * ${rounds:-12})) alloc 0 1 done $((3 * ${rounds:-12})) total $gib $((3 * ${rounds:-12})) total $((2 * gib)) $((3 * ${rounds:-12})) total $((3 * gib))" ]] ||
    fail "$mode: race: $(cat "$scratch/race.out")"
  for ((i = 1; i <= ${rounds:-12}; i++)); do
    [[ $(json '[(e["index"], e["uuid"][4:12]) for s in d["sessions"] if s["path"].startswith("'"$XDG_RUNTIME_DIR"'") for e in s["devices"]]' <"$scratch/top.$i") == \
      "[(0, '$u0'), (1, '$u1'), (2, '$u2')]" ]] || fail "$mode: race $i: $(cat "$scratch/top.$i")"
  done
}

mode=emulated
run=(--emulate h100:4 --device 2,0,1 --memory 1GiB,2GiB,3GiB)
suite

mode=slice
export VGPU_REAL_CUDA=$fake/libcuda.so.1 VGPU_REAL_NVML=$fake/libnvidia-ml.so.1 FAKE_GPUS=4
gpu() { echo "GPU-a${1}000000-0000-0000-0000-000000000000"; }
run=(--passthrough --device "$(gpu 2),$(gpu 0),$(gpu 1)" --memory 1GiB,2GiB,3GiB)
suite

# A limit for all devices also holds for one that nobody has seen yet; one for such a device alone has nothing to stand on.
mkfifo "$scratch/shell.in"
# shellcheck disable=SC2016
"$vgpu_run" "${run[@]}" -- bash -c 'CUDA_VISIBLE_DEVICES=1 "$1" total; echo $$; read -r
  for rank in 0 1 2; do CUDA_VISIBLE_DEVICES=$rank "$1" total; done; echo done; read -r' - "$driver" \
  <"$scratch/shell.in" >"$scratch/shell.out" 2>&1 &
shell=$!
pids+=("$shell")
exec {keys[shell]}>"$scratch/shell.in"
said shell "$shell"
ends 0 "$vgpuctl" limit "$shell"
[[ $(wc -l <"$scratch/out") == 1 ]] || fail "not one device: $(cat "$scratch/out")"
contains "$scratch/out" "device 1 (Fake GPU): limit 2 GiB"
ends 125 "$vgpuctl" limit "$shell" --device 0 1GiB
contains "$scratch/err" "those that processes have seen (1)"
ends 0 "$vgpuctl" limit "$shell" 512MiB,256MiB,25%
contains "$scratch/out" "device 1 (Fake GPU): limit 256 MiB (was 2 GiB)"
go_on shell
said shell "done"
[[ $(sed 1,2d "$scratch/shell.out" | paste -sd' ') == "total $((512 * mib)) total $((256 * mib)) total $((4 * gib)) done" ]] ||
  fail "asked for before it was seen: $(cat "$scratch/shell.out")"
end_all

# Without --device every GPU is the launch's, and numbers are the driver's own.
run=(--passthrough --memory 1GiB)
# shellcheck disable=SC2016
gives "devices 1 a3000000 total $gib devices 1 a1000000 total $gib devices 2 a0000000 a3000000 total $gib" "$vgpu_run" "${run[@]}" -- \
  sh -c 'for rank in 3 1 0,3; do CUDA_VISIBLE_DEVICES=$rank "$1" devices total; done' - "$driver"
gives "devices 4 a0000000 a1000000 a2000000 a3000000 nvml 4" "$vgpu_run" "${run[@]}" -- "$driver" devices nvml
# In the order of PCI addresses, as the launcher tells it where the driver does.
export VGPU_SESSION_DEVICES=0000:3d:00.0,0000:3e:00.0,0000:3f:00.0,0000:40:00.0
rm -f "$XDG_RUNTIME_DIR"/*
# shellcheck disable=SC2016
VGPU_SESSION=$XDG_RUNTIME_DIR/mine VGPU_MEMORY=$gib,$((2 * gib)),$((3 * gib)) gives \
  "devices 1 a0000000 total $((3 * gib)) devices 1 a3000000 total $gib devices 2 a1000000 a2000000 total $((3 * gib))" "$vgpu_run" --passthrough -- \
  sh -c 'for rank in 0 3 1,2; do CUDA_VISIBLE_DEVICES=$rank "$1" devices total; done' - "$driver"
unset VGPU_SESSION_DEVICES

# Instances of a GPU, one for each rank; NVML shows the GPU that they are part of.
export FAKE_MIG=3 FAKE_GPUS=2
mig() { echo "MIG-e${1}000000-0000-0000-0000-000000000000"; }
run=(--passthrough --device "$(mig 2),$(mig 0)" --memory 1GiB,2GiB)
# shellcheck disable=SC2016
gives "devices 1 e0000000 total $((2 * gib)) nvml 1 devices 1 e2000000 total $gib nvml 1 devices 1 e0000000 total $((2 * gib)) nvml 1" \
  "$vgpu_run" "${run[@]}" -- sh -c 'for rank in 1 0 MIG-e0; do CUDA_VISIBLE_DEVICES=$rank "$1" devices total nvml; done' - "$driver"
