#!/usr/bin/env bash
# vgpu-run --memory: every process of the launch sees one device of that size and shares it, on the emulated device.
source "$(dirname "$0")/../common.sh"
driver=$build/tests/programs/session_driver
export XDG_RUNTIME_DIR=$scratch/runtime
mkdir -m 700 "$XDG_RUNTIME_DIR"
gib=1073741824
all=$("$vgpu_run" -- "$driver" total)  # without a limit
all=${all#total }

# gives EXPECTED COMMAND...: what it prints, line by line.
gives() {
  local expected=$1
  shift
  "$@" >"$scratch/out" 2>"$scratch/err" || true
  [[ $(paste -sd' ' "$scratch/out") == "$expected" ]] ||
    fail "$*"$'\n'"gave  $(paste -sd' ' "$scratch/out")"$'\n'"not   $expected"$'\n'"$(cat "$scratch/err")"
}

# One process: the limit is what the device has, to the byte, and 2 is CUDA_ERROR_OUT_OF_MEMORY.
gives "total $((8 * gib)) info 0 $((8 * gib)) of $((8 * gib)) alloc 0 alloc 2 info 0 $((3 * gib)) of $((8 * gib))" \
  "$vgpu_run" --memory 8GiB -- "$driver" total info alloc=$((5 * gib)) alloc=$((4 * gib)) info
gives "total 40000000000" "$vgpu_run" --memory 40GB -- "$driver" total
gives "total $((all / 2))" "$vgpu_run" --memory 50% -- "$driver" total
# More than there is, is all there is.
gives "total $all" "$vgpu_run" --memory 9TiB -- "$driver" total
VGPU_RUN_MEMORY=1GiB gives "total $gib" "$vgpu_run" "$vgpu_run" "$driver" total
[[ $(ls "$XDG_RUNTIME_DIR" | wc -l) -le 1 ]] || fail "sessions pile up: $(ls "$XDG_RUNTIME_DIR")"

# A child shares it, also one whose environment was emptied, and what a dead process had is free for the next.
gives "alloc 0 alloc 2 info 0 $((3 * gib)) of $((8 * gib)) alloc 0" \
  "$vgpu_run" --memory 8GiB -- "$driver" alloc=$((5 * gib)) spawn alloc=$((4 * gib)) info alloc=$((3 * gib))
gives "alloc 0 alloc 0" "$vgpu_run" --memory 8GiB -- \
  sh -c "$driver alloc=$((5 * gib)); exec env -i $driver alloc=$((5 * gib))"
# A child of fork has no CUDA of its own (3, not initialised), and takes nothing with it.
gives "alloc 0 alloc 3" "$vgpu_run" --memory 8GiB -- "$driver" alloc=$gib fork alloc=$gib

# NVML lists both of two processes, each with its own bytes; nobody else, and nobody who is dead or holds nothing.
gives "alloc 0 processes 0 1 own $gib others 0 alloc 0 processes 0 2 own $((2 * gib)) others $gib" \
  "$vgpu_run" --memory 8GiB -- "$driver" alloc=$gib processes spawn alloc=$((2 * gib)) processes
gives "alloc 0 processes 0 1 own 0 others $gib" "$vgpu_run" --memory 8GiB -- "$driver" alloc=$gib spawn processes
gives "alloc 0 processes 0 0 own 0 others 0" "$vgpu_run" --memory 8GiB -- sh -c "$driver alloc=$gib; $driver processes; true"
gives "alloc 0 processes 0 1 own $gib others 0" "$vgpu_run" -- "$driver" alloc=$gib processes

# Killed with memory in hand, under a neighbour who needs it.
"$vgpu_run" --memory 8GiB -- bash -c '
  coproc hog { exec '"$driver"' alloc='$((5 * gib))' say=held wait; }
  while read -r word <&"${hog[0]}"; do [[ $word != held ]] || break; done
  '"$driver"' alloc='$((5 * gib))'
  kill -9 "$hog_PID"
  wait "$hog_PID" 2>/dev/null
  '"$driver"' alloc='$((8 * gib))'' >"$scratch/out" 2>"$scratch/err" || true
[[ $(paste -sd' ' "$scratch/out") == "alloc 2 alloc 0" ]] || fail "kill -9: $(cat "$scratch/out" "$scratch/err")"

# Inside a session: joined, not left, unless asked.
gives "total $((2 * gib))" "$vgpu_run" --memory 2GiB -- "$vgpu_run" -- "$driver" total
gives "total $((4 * gib))" "$vgpu_run" --memory 2GiB -- "$vgpu_run" --new-session --memory 4GiB -- "$driver" total
gives "total $all" "$vgpu_run" --memory 2GiB -- "$vgpu_run" --new-session -- "$driver" total
ends 125 "$vgpu_run" --memory 2GiB -- "$vgpu_run" --memory 4GiB -- "$driver" total
contains "$scratch/err" "--new-session"

# Without the session no device, and the reason once; --quota=best-effort goes on.
printf 'no session' >"$scratch/wrong"
chmod 600 "$scratch/wrong"
gives "cuInit 304" env VGPU_SESSION="$scratch/wrong" "$vgpu_run" -- "$driver" total
[[ $(grep -c "has the wrong size for a session" "$scratch/err") == 1 ]] || fail "the reason: $(cat "$scratch/err")"
gives "total $all" env VGPU_SESSION="$scratch/wrong" "$vgpu_run" --quota best-effort -- "$driver" total

# Sizes that are none.
for size in 0 8Gigs -1 101% 8GiB, '' 1e9 99999999999TiB; do
  ends 125 "$vgpu_run" --memory "$size" -- true
done
ends 125 "$vgpu_run" --memory 1GiB --quota always -- true

# A program without CUDA leaves no file.
rm -f "$XDG_RUNTIME_DIR"/*
"$vgpu_run" --memory 1GiB -- true
[[ -z $(ls "$XDG_RUNTIME_DIR") ]] || fail "a file without need: $(ls "$XDG_RUNTIME_DIR")"

# To name a session costs a launch two system calls: which directory, and our pid.
command -v strace >/dev/null || skip "no strace"
count() { # OPTION...
  strace -o "$scratch/trace" "$vgpu_run" "$@" true
  sed -n '2,$p' "$scratch/trace" | sed '/^execve/,$d' | wc -l
}
plain=$(count)
limited=$(count --memory 1GiB)
((limited <= plain + 2)) || fail "$limited system calls before execve, $plain without a session"
