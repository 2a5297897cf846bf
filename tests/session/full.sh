#!/usr/bin/env bash
# The session's directory is full, read-only or not ours: a process gets no device and says why in one line, or goes on with
# --quota=best-effort; those that are in go on; nobody dies of SIGBUS.
if [[ ${1-} != inside ]]; then
  # A mount namespace of its own, for file systems of a few pages.
  own=(unshare --mount)
  ((EUID == 0)) || own=(unshare --user --map-root-user --mount)
  "${own[@]}" true 2>/dev/null || { echo "SKIPPED: no mount namespace"; exit 77; }
  exec "${own[@]}" "$0" inside
fi
source "$(dirname "$0")/../common.sh"
driver=$build/tests/programs/session_driver
fake=$build/tests/fake_driver
gib=1073741824
page=$(getconf PAGESIZE)
trap 'umount "$scratch"/* 2>/dev/null || true; rm -rf "$scratch"' EXIT

# pages NAME COUNT: $XDG_RUNTIME_DIR is a file system of so many pages.
pages() {
  export XDG_RUNTIME_DIR=$scratch/$1
  mkdir "$XDG_RUNTIME_DIR"
  mount -t tmpfs -o "mode=700,size=$(($2 * page))${3-}" tmpfs "$XDG_RUNTIME_DIR" || absent "no tmpfs may be mounted"
}
# refuses REASON COMMAND...: no device, and one line says why.
refuses() {
  local reason=$1
  shift
  "$@" >"$scratch/out" 2>"$scratch/err" || true
  [[ $(cat "$scratch/out") == "cuInit 304" && $(wc -l <"$scratch/err") == 1 ]] || fail "$*"$'\n'"$(cat "$scratch/out" "$scratch/err")"
  contains "$scratch/err" "no device: the session $XDG_RUNTIME_DIR/"
  contains "$scratch/err" "$reason"
}
goes_on() {
  [[ $("$vgpu_run" --memory 1GiB --quota best-effort "$@" -- "$driver" total alloc=$gib alloc=512 2>"$scratch/err" | paste -sd' ') == \
    "total $gib alloc 0 alloc 2" ]] || fail "best-effort: $(cat "$scratch/err")"
}

# Nothing is left, then no name: nobody gets a device, and nothing stays behind.
pages full 1
head -c "$page" /dev/zero >"$XDG_RUNTIME_DIR/full"
refuses "has no room to grow, errno 28" "$vgpu_run" --memory 1GiB -- "$driver" total
[[ $(ls "$XDG_RUNTIME_DIR") == full ]] || fail "left: $(ls "$XDG_RUNTIME_DIR")"
goes_on
if [[ -e $fake/libcuda.so.1 ]]; then
  export VGPU_REAL_CUDA=$fake/libcuda.so.1 VGPU_REAL_NVML=$fake/libnvidia-ml.so.1
  refuses "has no room to grow, errno 28" "$vgpu_run" --passthrough --memory 1GiB -- "$driver" total
  goes_on --passthrough
  unset VGPU_REAL_CUDA VGPU_REAL_NVML
fi
pages names 16 ,nr_inodes=2
: >"$XDG_RUNTIME_DIR/full"
refuses "cannot be created, errno 28" "$vgpu_run" --memory 1GiB -- "$driver" total
goes_on

# One page is room for the first three: they go on and share the quota, whoever comes later is refused until one has gone.
pages three 1
cat >"$scratch/more.sh" <<'SH'
driver=$1
for name in a b c; do
  mkfifo "$2.$name"
  "$driver" alloc=268435456 say=in wait alloc=67108864 info <"$2.$name" >"$2.$name.out" 2>&1 &
  exec {fd}>"$2.$name"
  fds+=("$fd")
  until grep -qs in "$2.$name.out"; do sleep 0.02; done
done
"$driver" total
echo >&"${fds[0]}"
wait -n
"$driver" total
for fd in "${fds[@]:1}"; do echo >&"$fd"; done
wait
SH
"$vgpu_run" --memory 1GiB -- bash "$scratch/more.sh" "$driver" "$scratch/held" >"$scratch/out" 2>"$scratch/err" || fail "$(cat "$scratch/err")"
[[ $(paste -sd' ' "$scratch/out") == "cuInit 304 total $gib" && $(wc -l <"$scratch/err") == 1 ]] || fail "the fourth: $(cat "$scratch/out" "$scratch/err")"
contains "$scratch/err" "has no room to grow, errno 28"
[[ $(paste -sd' ' "$scratch/held.a.out") == "alloc 0 in alloc 0 info 0 201326592 of $gib" ]] || fail "the first: $(cat "$scratch/held.a.out")"
for name in b c; do
  [[ $(paste -sd' ' "$scratch/held.$name.out") =~ ^"alloc 0 in alloc 0 info 0 "[0-9]+" of $gib"$ ]] || fail "$name: $(cat "$scratch/held.$name.out")"
done

# A storm on a file system that fills up and gets room again: in or refused, nothing else. One page is filled for a while behind the
# first, so that some are refused for certain; then it is full and not full by chance.
pages storm 3
cat >"$scratch/storm.sh" <<'SH'
fill() { head -c 100000 /dev/zero >"$3/filler" 2>/dev/null; }
start() { # DRIVER LOG DIRECTORY COUNT: and waits until each is in or refused
  local i
  for ((i = 0; i < $4; i++)); do
    "$1" alloc=1048576 processes free total wait <"$2.held" {held}>&- >>"$2.out" 2>>"$2.err" &
    pids+=($!)
  done
  ((expected += $4))
  until (($(grep -cs '^total\|^cuInit' "$2.out") == expected)); do sleep 0.02; done
}
mkfifo "$2.held"
expected=0
for round in 1 2 3 4; do
  pids=()
  exec {held}<>"$2.held"
  start "$@" 1
  fill "$@"
  start "$@" 8
  while :; do
    rm -f "$3/filler"
    sleep 0.01
    fill "$@"
    sleep 0.01
  done &
  filling=$!
  start "$@" 15
  kill "$filling"
  wait "$filling"
  exec {held}>&-
  for pid in "${pids[@]}"; do
    wait "$pid"
    echo $? >>"$2.status"
  done
  rm -f "$3"/*
done
SH
"$vgpu_run" --memory 1GiB -- bash "$scratch/storm.sh" "$driver" "$scratch/storm.log" "$XDG_RUNTIME_DIR"
statuses=$(sort "$scratch/storm.log.status" | uniq -c | awk '{ print $2 }' | paste -sd' ')
[[ $statuses == "0 2" ]] || fail "statuses $statuses: $(sort "$scratch/storm.log.status" | uniq -c)"
refused=$(grep -c '^cuInit 304$' "$scratch/storm.log.out" || true)
[[ $(wc -l <"$scratch/storm.log.err") == "$refused" ]] || fail "$refused refused: $(cat "$scratch/storm.log.err")"
[[ $(grep -c "^total $gib\$" "$scratch/storm.log.out") == $((96 - refused)) ]] || fail "not all of the others went on"
((refused >= 24 && refused < 96)) || fail "no storm: $refused of 96 refused"

# Read-only, before there is a session and behind it.
pages readonly 16
mount -o remount,ro "$XDG_RUNTIME_DIR"
refuses "cannot be created, errno 30" "$vgpu_run" --memory 1GiB -- "$driver" total
goes_on
mount -o remount,rw "$XDG_RUNTIME_DIR"
# shellcheck disable=SC2016
refuses "cannot be opened, errno 30" "$vgpu_run" --memory 1GiB -- \
  sh -c '"$1" total >/dev/null; mount -o remount,ro "$XDG_RUNTIME_DIR"; "$1" total' - "$driver"
mount -o remount,rw "$XDG_RUNTIME_DIR"

# Without the right to write there.
others_reach || exit 0
chmod 755 "$scratch" "$XDG_RUNTIME_DIR"
name=$XDG_RUNTIME_DIR/vgpu-session-1-0123456789abcdef-$(printf %x "$(stat -c %d "$XDG_RUNTIME_DIR")")
VGPU_SESSION=$name refuses "cannot be created, errno 13" setpriv --reuid=65534 --regid=65534 --clear-groups "$vgpu_run" -- "$driver" total
VGPU_SESSION=$name "$vgpu_run" -- "$driver" total >"$scratch/out"
VGPU_SESSION=$name refuses "cannot be opened, errno 13" setpriv --reuid=65534 --regid=65534 --clear-groups "$vgpu_run" -- "$driver" total
