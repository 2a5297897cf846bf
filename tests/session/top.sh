#!/usr/bin/env bash
# vgpuctl top: what it shows of sessions, in each of its forms, and which of them it removes.
source "$(dirname "$0")/visit.sh"

# Nothing yet. Sessions of others may be on the machine: these tests look at their own only.
ends 0 "$vgpuctl" top --format prometheus
ends 0 "$vgpuctl" top --json
ours='[s for s in d["sessions"] if s["path"].startswith("'$XDG_RUNTIME_DIR'")]'
[[ $(sessions "$ours") == "[]" ]] || fail "sessions in an empty directory: $(cat "$scratch/top.json")"
ends 2 "$vgpuctl" top --session nothing

visit one --memory 8GiB -- alloc=$((3 * gib)) say=up wait
one=$pid
path=$(sessions "${ours}[0]['path']")
VGPU_SESSION=$path visit other -- alloc=$gib say=up wait
child=$pid
visit two --memory 1GiB --emulate t4:2 -- say=up wait
two=$pid

# The table, for people: the same columns in every line, and plain where it is no terminal.
ends 0 "$vgpuctl" top --session "$one" --session "$two" --session "$one"
lacks "$scratch/out" $'\e'
first=$(sessions "[s['id'] for s in d['sessions'] if s['launcher_pid'] == $one][0]")
second=$(sessions "[s['id'] for s in d['sessions'] if s['launcher_pid'] == $two][0]")
me=$(id -un)
squeezed=$(sed -E 's/ +/ /g' "$scratch/out")
[[ $squeezed == "SESSION USER DEVICE PID NAME USED LIMIT USE
${first:0:8} $me 0 - NVIDIA H100 80GB HBM3 4 GiB 8 GiB 50% [##########..........]
${first:0:8} $me 0 $one session_driver 3 GiB - 37% [#######.............]
${first:0:8} $me 0 $child session_driver 1 GiB - 12% [##..................]
${second:0:8} $me 0 - Tesla T4 0 B 1 GiB 0% [....................]
${second:0:8} $me 0 $two session_driver 0 B - 0% [....................]
${second:0:8} $me 1 - Tesla T4 0 B 1 GiB 0% [....................]" ]] || fail "the table:"$'\n'"$(cat "$scratch/out")"
[[ $(sed 's/\[.*//' "$scratch/out" | awk '{ print index($0, "%") }' | sed 1d | sort -u | wc -l) == 1 ]] || fail "columns: $(cat "$scratch/out")"

# Programs read JSON, to the byte.
[[ $(sessions "[(e['limit_bytes'], e['used_bytes'], e['free_bytes']) for s in $ours for e in s['devices'] if s['launcher_pid'] == $one]") == \
  "[($((8 * gib)), $((4 * gib)), $((4 * gib)))]" ]] || fail "$(cat "$scratch/top.json")"
[[ $(sessions "sorted((p['pid'], p['command'], p['used_bytes']) for s in $ours for p in s['processes'] if s['launcher_pid'] == $one)") == \
  "$(python3 -c "print(sorted([($one, 'session_driver', [$((3 * gib))]), ($child, 'session_driver', [$gib])]))")" ]] || fail "$(cat "$scratch/top.json")"

# Options.
for words in "--format xml" "--interval 0" "--interval x" "--json --format json" "--sesion x" "x"; do
  # shellcheck disable=SC2086
  ends 125 "$vgpuctl" top $words
done
status=0
"$vgpuctl" top --json >/dev/full 2>"$scratch/err" || status=$?
((status == 125)) || fail "status $status where the answer cannot be written"

# kill -9: at the next look the memory is free and the process gone, whoever else is there; with the last one the session goes,
# and its file, unless its vgpu-run is there or a process that was told of it.
kill -9 "$child"
wait "$child" 2>/dev/null || true
[[ $(sessions "[(e['used_bytes'], len(s['processes'])) for s in $ours for e in s['devices'] if s['launcher_pid'] == $one]") == "[($((3 * gib)), 1)]" ]] || fail "after kill -9"
kill -9 "$one" "$two"
wait "$one" "$two" 2>/dev/null || true
VGPU_SESSION=$path sleep 60 &
told=$!
pids+=("$told")
[[ $(sessions "[s['state'] for s in $ours]") == "['idle']" ]] || fail "one is still told of its session: $(cat "$scratch/top.json")"
[[ $(json 'd["reclaimed"]' <"$scratch/top.json") -ge 1 ]] || fail "the other is not removed"
kill -9 "$told"
wait "$told" 2>/dev/null || true
ends 0 "$vgpuctl" top
[[ -z $(ls "$XDG_RUNTIME_DIR") ]] || fail "left behind: $(ls "$XDG_RUNTIME_DIR")"

# What is no session is told, and harms nobody.
visit one --memory 8GiB -- say=up wait
good=$(sessions "${ours}[0]['path']")
size=$(stat -c %s "$good")
name=$XDG_RUNTIME_DIR/vgpu-session-1
fs=${good##*-}  # the file system's number, at the end of each name
head -c "$size" /dev/urandom >"$name-a1-$fs"
mkfifo -m 600 "$name-a2-$fs"
ln -s "$good" "$name-a3-$fs"
: >"$name-a4-$fs"
mkdir "$name-a5-$fs"
: >"$name-a6-$fs.5.6"  # a working name
printf x >"$name-"$'\e[2J"\\\n'"-$fs"
chmod -R go= "$XDG_RUNTIME_DIR"
ends 0 timeout 20 "$vgpuctl" top
lacks "$scratch/out" $'\e'
contains "$scratch/out" "a1-$fs is not a session"
ends 0 timeout 20 "$vgpuctl" top --json
[[ $(json 'len(d["unreadable"])' <"$scratch/out") -ge 6 ]] || fail "$(cat "$scratch/out")"
grep -q a6- "$scratch/out" && fail "a session that is being made is shown"
rm -r "$name"-*
VGPU_SESSION= ends 0 "$vgpuctl" top --session "$pid"

# A session of the same name in two directories keeps its samples apart, and a name may hold anything.
cp -p "$good" "$scratch/runtime/vgpu-session-$pid-00-$fs"
cp -p "$good" "$scratch/runtime/vgpu-session-1-00-$fs"
cp "$driver" "$scratch/"$'dr"\\\n\xff'
mkfifo "$scratch/odd.in"
"$vgpu_run" --memory 8GiB -- "$scratch/"$'dr"\\\n\xff' alloc=$gib say=up wait <"$scratch/odd.in" >"$scratch/odd.out" &
odd=$!
pids+=("$odd")
exec {keys[odd]}>"$scratch/odd.in"
said odd up
ends 0 "$vgpuctl" top --format prometheus
cp "$scratch/out" "$scratch/metrics"
python3 "$(dirname "$0")/metrics.py" "$scratch/metrics" vgpu_process_memory_used_bytes "pid=$odd" 'command=dr"\\x0a\xff' "$gib" ||
  fail "the metrics: $(cat "$scratch/metrics")"
if command -v promtool >/dev/null; then promtool check metrics <"$scratch/metrics" || fail "promtool"; fi

# Every form of JSON satisfies the schema.
if python3 -c 'import jsonschema' 2>/dev/null; then
  "$vgpuctl" top --json >"$scratch/all.json"
  "$vgpuctl" limit --json "$odd" 2GiB >"$scratch/limit.json"
  python3 - "$source_dir/config/schema/sessions-1.json" "$scratch"/{all,limit,top}.json <<'PY' || fail "against the schema"
import json, sys
import jsonschema
schema, *documents = (json.load(open(path, encoding="utf-8")) for path in sys.argv[1:])
jsonschema.Draft7Validator.check_schema(schema)
for document in documents:
    jsonschema.Draft7Validator(schema).validate(document)
    for one in document["sessions"]:
        assert set(one) == set(schema["definitions"]["session"]["properties"])
PY
fi
end_all
rm -f "$XDG_RUNTIME_DIR"/*

# A container's own /dev/shm: no directory of ours leads there, but a process in it does.
unshare --mount true 2>/dev/null || absent "mount namespaces are not ours to make"
mkfifo "$scratch/apart.in"
unshare --mount sh -c 'mount -t tmpfs -o mode=700 none "$XDG_RUNTIME_DIR" && exec "$@"' sh \
  "$vgpu_run" --memory 8GiB -- "$driver" alloc=$gib say=up wait total <"$scratch/apart.in" >"$scratch/apart.out" 2>"$scratch/apart.err" &
apart=$!
pids+=("$apart")
exec {keys[apart]}>"$scratch/apart.in"
said apart up
ends 0 "$vgpuctl" top --once
lacks "$scratch/out" " $apart "
ends 0 "$vgpuctl" top --session "$apart"
contains "$scratch/out" " $apart "
ends 0 "$vgpuctl" limit "$apart" 4GiB
contains "$scratch/out" "limit 4 GiB (was 8 GiB)"
go_on apart
said apart "total $((4 * gib))"

# A pid namespace below ours: the session's process has our number, too. It is looked at from both sides.
unshare --pid --fork --mount-proc true 2>/dev/null || absent "pid namespaces are not ours to make"
visit far --memory 8GiB -- say=up wait
path=$(sessions "${ours}[0]['path']")
mkfifo "$scratch/inner.in"
VGPU_SESSION=$path unshare --pid --fork --mount-proc --kill-child "$vgpu_run" -- "$driver" alloc=$gib say=up wait say=bye <"$scratch/inner.in" >"$scratch/inner.out" &
pids+=($!)
exec {keys[inner]}>"$scratch/inner.in"
said inner up
inner=$(pgrep -P "$!")
[[ $(sessions "[(p['pid'], p['namespace_pid'], p['command'], p['used_bytes']) for p in ${ours}[0]['processes'] if p['used_bytes'] != [0]]") == \
  "[($inner, 1, 'session_driver', [$gib])]" ]] || fail "pid $inner: $(cat "$scratch/top.json")"
ends 0 "$vgpuctl" limit "$inner" 4GiB
contains "$scratch/out" "limit 4 GiB (was 8 GiB)"
# From inside, the other one is somebody we cannot see.
VGPU_SESSION=$path unshare --pid --fork --mount-proc "$vgpuctl" top >"$scratch/out"
grep -Eq '  \?[0-9]+  \?  ' "$scratch/out" || fail "from inside: $(cat "$scratch/out")"
