#!/bin/sh
# usage: probe.sh CASE VGPU_PROBE SHIM_DIRECTORY LIAR
# vgpu-probe as a user runs it. CASE is one of the names below.
case_name=$1 probe=$2 shims=$3 liar=$4
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT

fail() { echo "FAILED: $*"; cat "$scratch/out" "$scratch/err"; exit 1; }
# Runs the probe and checks the exit status.
expect() { # STATUS COMMAND...
  wanted=$1; shift
  "$@" >"$scratch/out" 2>"$scratch/err"
  got=$?
  [ "$got" = "$wanted" ] || fail "exit status $got instead of $wanted: $*"
}
last_line() { tail -n 1 "$scratch/out"; }

preload=
for library in cuda nvml cudart12 cudart13; do
  [ -e "$shims/libvgpu-$library.so" ] && preload="$preload${preload:+:}$shims/libvgpu-$library.so"
done
shimmed() { env LD_PRELOAD="$preload" LD_LIBRARY_PATH="$1$shims/link:$shims/link-cudart" VGPU_LOG=error "$probe" $2; }

case $case_name in
  without_shims)
    # On a machine with a real GPU there is something to find; the emulated device is not.
    [ -e /dev/nvidiactl ] && { echo "SKIPPED: this machine has a GPU of its own"; exit 77; }
    expect 1 env -u LD_PRELOAD -u LD_LIBRARY_PATH "$probe"
    last_line | grep -q '^no GPU: ' || fail "the last line does not say that there is no GPU"
    ;;
  with_shims)
    expect 0 shimmed "" ""
    last_line | grep -q '^agree: 1 device, NVIDIA .* GiB, GPU-.*, through [0-9]* of [0-9]* doors$' || fail "no verdict"
    grep -q 'runtime 12\.9 *libvgpu-cudart12\.so' "$scratch/out" || fail "runtime 12 did not answer for 12"
    grep -q 'runtime 13\.0 *libvgpu-cudart13\.so' "$scratch/out" || fail "runtime 13 did not answer for 13"
    ! grep closed: "$scratch/out" || fail "a door is closed"
    ;;
  json)
    expect 0 shimmed "" --json
    python3 - "$scratch/out" <<'PYTHON' || fail "the JSON is not what it should be"
import json, sys
report = json.load(open(sys.argv[1]))
assert report["version"] == 1 and report["verdict"] == "agree", report["verdict"]
assert len(report["devices"]) == 1 and report["devices"][0]["memory"] > 1 << 30
doors = {door["door"]: door for door in report["doors"]}
assert len(doors) == len(report["doors"]) == 22, len(doors)
for door in doors.values():
    assert door["answered"] == (door["error"] == ""), door
    if door["answered"]:
        # To the byte, NVML included: one description stands behind all of them.
        assert door["devices"] == report["devices"], door
        assert door["library"].startswith("/"), door
assert doors["runtime12.default"]["library"].endswith("libvgpu-cudart12.so")
assert doors["runtime13.default"]["library"].endswith("libvgpu-cudart13.so")
PYTHON
    ;;
  crash_is_one_door)
    mkdir "$scratch/liar" && cp "$liar" "$scratch/liar/libcuda.so"
    PROBE_LIAR_CRASHES=1 expect 0 shimmed "$scratch/liar:" ""
    grep -q 'dlopen libcuda\.so .*closed: crashed with signal 6' "$scratch/out" || fail "the crash is not told"
    last_line | grep -q '^agree: ' || fail "one crash hid the other answers"
    ;;
  disagreement)
    mkdir "$scratch/liar" && cp "$liar" "$scratch/liar/libcuda.so"
    expect 1 shimmed "$scratch/liar:" ""
    grep -q '^differ *driver\.linked and driver\.development: 1 against 0 devices$' "$scratch/out" || fail "no difference"
    last_line | grep -q '^disagree: ' || fail "the last line does not say so"
    ;;
  usage)
    expect 2 "$probe" --nonsense
    grep -q 'unknown argument' "$scratch/err" || fail "no message"
    expect 0 "$probe" --help
    expect 0 "$probe" --version
    ;;
  *) echo "no case $case_name"; exit 2 ;;
esac
