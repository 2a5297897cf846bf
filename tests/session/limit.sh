#!/usr/bin/env bash
# vgpuctl limit: what a session may use, changed under a program that runs.
source "$(dirname "$0")/visit.sh"

# Lowered below what is used, then raised: the very next question is answered by it, and no error is made of it.
visit one --memory 8GiB -- alloc=$((5 * gib)) say=up wait info alloc=$gib say=low wait info alloc=$gib say=high wait total
one=$pid
ends 0 "$vgpuctl" limit "$one"
contains "$scratch/out" ": limit 8 GiB, the device has 79.1 GiB, used 5 GiB"
ends 0 "$vgpuctl" limit "$one" 4GiB
contains "$scratch/out" ": limit 4 GiB (was 8 GiB), the device has 79.1 GiB, used 5 GiB, 1 GiB above it: nothing more is allocated"
go_on one
said one low
[[ $(tail -n 3 "$scratch/one.out" | paste -sd' ') == "info 0 0 of $((4 * gib)) alloc 2 low" ]] || fail "low: $(cat "$scratch/one.out")"
ends 0 "$vgpuctl" limit "$one" 7GiB
go_on one
said one high
[[ $(tail -n 3 "$scratch/one.out" | paste -sd' ') == "info 0 $((2 * gib)) of $((7 * gib)) alloc 0 high" ]] || fail "high: $(cat "$scratch/one.out")"

# By every name it has.
id=$(sessions 'd["sessions"][0]["id"]')
path=$(sessions 'd["sessions"][0]["path"]')
(cd "$XDG_RUNTIME_DIR" && ends 0 "$vgpuctl" limit "./${path##*/}")
for name in "$id" "${id:0:6}" "$path" "${path##*/}" "vgpu-session-$one-"; do
  ends 0 "$vgpuctl" limit "$name" 3GiB
  [[ $(sessions 'd["sessions"][0]["devices"][0]["limit_bytes"]') == $((3 * gib)) ]] || fail "by $name"
  ends 0 "$vgpuctl" limit "$name" 7GiB
done

# A process that has no device and only knows the session, as a shell does that starts others.
mkfifo "$scratch/shell.in"
"$vgpu_run" --memory 8GiB --emulate h100:2 -- bash -c "$driver total; echo \$\$; read -r; $driver total; read -r" \
  <"$scratch/shell.in" >"$scratch/shell.out" &
shell=$!
pids+=("$shell")
exec {keys[shell]}>"$scratch/shell.in"
said shell "$shell"
ends 0 "$vgpuctl" limit "$shell" 2GiB,1GiB
contains "$scratch/out" "device 0 (NVIDIA H100 80GB HBM3): limit 2 GiB"
contains "$scratch/out" "device 1 (NVIDIA H100 80GB HBM3): limit 1 GiB"
ends 0 "$vgpuctl" limit "$shell" --device 1 50%
lacks "$scratch/out" "device 0"
contains "$scratch/out" "device 1 (NVIDIA H100 80GB HBM3): limit 39.5 GiB (was 1 GiB)"
uuid=$(sessions '[s for s in d["sessions"] if s["launcher_pid"] == '"$shell"'][0]["devices"][0]["uuid"]')
ends 0 "$vgpuctl" limit --json --device "$uuid" "$shell" 3GiB
[[ $(json '[e["limit_bytes"] for e in d["sessions"][0]["devices"]]' <"$scratch/out") == "[$((3 * gib)), 42508877824]" ]] || fail "$(cat "$scratch/out")"
# Nobody is in it at this moment, and it is kept with its limit, because its launcher lives.
[[ $(sessions '[s["state"] for s in d["sessions"] if s["launcher_pid"] == '"$shell"']') == "['idle']" ]] || fail "not idle"
go_on shell
said shell "total $((3 * gib))"

# A slice of a real GPU obeys like the emulated device: the fake driver's, which has 16 GiB.
fake=$build/tests/fake_driver
[[ -e $fake/libcuda.so.1 ]] || fail "no fake driver"
VGPU_REAL_CUDA=$fake/libcuda.so.1 VGPU_REAL_NVML=$fake/libnvidia-ml.so.1 \
  visit slice --passthrough --memory 8GiB -- alloc=$((3 * gib)) say=up wait total alloc=$gib say=low wait alloc=$gib total say=high
slice=$pid
ends 125 "$vgpuctl" limit "$slice" 17GiB
contains "$scratch/err" "has 16 GiB"
ends 0 "$vgpuctl" limit "$slice" 2GiB
go_on slice
said slice low
ends 0 "$vgpuctl" limit "$slice" 4GiB
go_on slice
said slice high
[[ $(sed 1,2d "$scratch/slice.out" | paste -sd' ') == "total $((2 * gib)) alloc 2 low alloc 0 total $((4 * gib)) high" ]] || fail "slice: $(cat "$scratch/slice.out")"

# What cannot be: the limits stay.
before=$(sessions '[e["limit_bytes"] for s in d["sessions"] for e in s["devices"]]')
ends 125 "$vgpuctl" limit "$one" 200GiB
contains "$scratch/err" "has 79.1 GiB (85017755648 bytes), less than 200 GiB"
ends 125 "$vgpuctl" limit "$shell" 1GiB,200GiB
for words in "$one 0" "$one 1x" "$one 101%" "$one 1e9" "$one 100" "$one 1GiB 2GiB" "$one 1GiB --device 1" "$one --device -1 1GiB" \
  "$one --device GPU- 1GiB" "$shell --device 0 1GiB,2GiB" "$one 1GiB," "" "--no-such $one"; do
  # shellcheck disable=SC2086
  ends 125 "$vgpuctl" limit $words
  [[ ! -s $scratch/out && -s $scratch/err ]] || fail "'$words': $(cat "$scratch/out" "$scratch/err")"
done
for name in nothing 4194304 vgpu-session- "$scratch" "$scratch/none" "" $'\e[2J'; do
  ends 2 "$vgpuctl" limit "$name" 1GiB
  lacks "$scratch/err" $'\e'
done
[[ $(sessions '[e["limit_bytes"] for s in d["sessions"] for e in s["devices"]]') == "$before" ]] || fail "a refused limit was set"

# One word, two sessions.
cp "$path" "$XDG_RUNTIME_DIR/${path##*/}0"
mv "$XDG_RUNTIME_DIR/${path##*/}0" "$XDG_RUNTIME_DIR/vgpu-session-1-${id}f-${path##*-}"
ends 2 "$vgpuctl" limit "${id:0:6}"
contains "$scratch/err" "write more of the id"
rm "$XDG_RUNTIME_DIR/vgpu-session-1-${id}f-${path##*-}"

# Before a process has a device there is no file, and the message says so.
"$vgpu_run" --memory 1GiB -- sleep 60 &
pids+=($!)
sleeper=$!
for ((i = 0; i < 200; i++)); do
  [[ $(readlink "/proc/$sleeper/exe") != *sleep && $i -lt 199 ]] || break
  sleep 0.05
done
ends 2 "$vgpuctl" limit "$sleeper" 1GiB
contains "$scratch/err" "nobody in it uses a device yet"

# Files that are none.
cp "$path" "$scratch/copy"
ln -s "$path" "$scratch/link"
mkfifo -m 600 "$scratch/fifo"
head -c 4096 "$path" >"$scratch/short"
head -c "$(stat -c %s "$path")" /dev/urandom >"$scratch/noise"
chmod 600 "$scratch"/{short,noise,copy}
for case in "link:Too many levels" "fifo:is not a regular file" "short:has the wrong size" "noise:is not a session"; do
  ends 2 timeout 10 "$vgpuctl" limit "$scratch/${case%%:*}" 1GiB
  contains "$scratch/err" "${case#*:}"
done
chmod 640 "$scratch/copy"
ends 2 "$vgpuctl" limit "$scratch/copy" 1GiB
contains "$scratch/err" "is accessible to other users"

((EUID == 0)) || absent "the rest needs root"

# Other users: theirs are root's to change, root's are not theirs.
other=(setpriv --reuid 65534 --regid 65534 --clear-groups)
chmod 755 "$scratch"
"${other[@]}" test -x "$vgpuctl" || absent "user 65534 cannot reach $vgpuctl"
ends 2 "${other[@]}" "$vgpuctl" limit "$path" 1GiB
ends 2 "${other[@]}" "$vgpuctl" limit "$one" 1GiB
mkdir -m 700 "$scratch/theirs"
chown 65534:65534 "$scratch/theirs"
mkfifo -m 666 "$scratch/theirs.in"
XDG_RUNTIME_DIR=$scratch/theirs "${other[@]}" "$vgpu_run" --memory 8GiB -- "$driver" say=up wait total <"$scratch/theirs.in" \
  >"$scratch/theirs.out" 2>"$scratch/theirs.err" &
theirs=$!
pids+=("$theirs")
exec {keys[theirs]}>"$scratch/theirs.in"
said theirs up
ends 0 "$vgpuctl" limit "$theirs" 1GiB
go_on theirs
said theirs "total $gib"
