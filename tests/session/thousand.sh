#!/usr/bin/env bash
# A thousand sessions at once: all are shown, each is found by its id, and when nobody lives in them one look removes all.
source "$(dirname "$0")/visit.sh"
count=1000
mkfifo "$scratch/many.in"
"$build/tests/session_many" "$XDG_RUNTIME_DIR" $count <"$scratch/many.in" >"$scratch/many.out" &
many=$!
pids+=("$many")
exec {keys[many]}>"$scratch/many.in"
said many up

TIMEFORMAT='vgpuctl top, a thousand sessions: %R s'
time ends 0 "$vgpuctl" top
# A line for each of two devices, and one for the process.
(($(grep -c session_many "$scratch/out") == count)) || fail "$(grep -c session_many "$scratch/out") processes"
[[ $(sessions "sorted(e['used_bytes'] // 512 for s in d['sessions'] for e in s['devices'] if s['launcher_pid'] == $many)") == \
  "$(python3 -c "print([0] * $count + list(range(1, $count + 1)))")" ]] || fail "not what they use"
"$vgpuctl" top --format prometheus >"$scratch/metrics"
id=$(printf %016x $((999 * 0x9e3779b97f4a7c15)))
python3 -B "$(dirname "$0")/metrics.py" "$scratch/metrics" vgpu_session_memory_used_bytes "session=$id" device=0 512000 || fail "the metrics"
# As much of each id is shown as tells it from the others.
shown=$(awk '/session_many/ { print $1 }' "$scratch/out" | sort -u | wc -l)
((shown == count)) || fail "$shown ids of $count"
ends 0 "$vgpuctl" limit "${id:0:12}" 524288
ends 2 "$vgpuctl" limit "$many"
contains "$scratch/err" "996 more"

kill -9 "$many"
wait "$many" 2>/dev/null || true
[[ $(sessions "(d['reclaimed'], [s for s in d['sessions'] if s['launcher_pid'] == $many])") == "($count, [])" ]] || fail "not all are removed"
[[ -z $(ls "$XDG_RUNTIME_DIR") ]] || fail "left: $(find "$XDG_RUNTIME_DIR" -type f | wc -l)"
