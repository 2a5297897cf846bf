#!/usr/bin/env bash
# nvtop as Debian has it, which asks NVML by its public functions only: the device with the session's limit, what is used of it, and
# the processes of the session with what each holds.
source "$(dirname "$0")/../common.sh"
nvtop=$(fetched nvtop)/nvtop
driver=$build/tests/programs/session_driver
gib=1073741824

"$vgpu_run" --memory 8GiB -- bash -c '
  coproc holder { exec "$1" alloc='$((3 * gib))' say=held wait; }
  while read -r word <&"${holder[0]}"; do [[ $word != held ]] || break; done
  python3 -B "$2" 3 "$3" >"$4" && status=0 || status=$?
  echo "$holder_PID" >"$4.pid"
  kill "$holder_PID"
  exit "$status"' - "$driver" "$here/nvtop/screen.py" "$nvtop" "$scratch/screen" || fail "nvtop ended with $?: $(cat "$scratch/screen")"

contains "$scratch/screen" 'NVIDIA H100 80GB HBM3'
grep -qE 'MEM.*3\.000Gi/8\.000Gi' "$scratch/screen" || fail "not 3 of 8 GiB:"$'\n'"$(cat "$scratch/screen")"
grep -qE "^ *$(cat "$scratch/screen.pid") .*Compute .*3072MiB +38% .*session_driver" "$scratch/screen" ||
  fail "the process is not there, or not with 3 GiB:"$'\n'"$(cat "$scratch/screen")"
