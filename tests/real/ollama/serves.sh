#!/usr/bin/env bash
# vgpu-run becomes `ollama serve`: same pid, same signals, same status; a look while it serves finds the GPU again.
source "$(dirname "$0")/bundle.sh"
bundle 13

OLLAMA_HOST=127.0.0.1:0 "$vgpu_run" -- "$ollama" serve 2>"$scratch/log" &
pid=$!
for ((i = 0; i < 600; i++)); do
  grep -q 'msg="Listening on' "$scratch/log" && break
  kill -0 "$pid" 2>/dev/null || fail "serve ended:"$'\n'"$(cat "$scratch/log")"
  sleep 0.1
done
finds 1 h100 "$scratch/log"
[[ $(readlink "/proc/$pid/exe") == "$ollama" ]] || fail "pid $pid is $(readlink "/proc/$pid/exe")"

port=$(sed -n 's/.*msg="Listening on .*:\([0-9]*\)".*/\1/p' "$scratch/log")
exec 3<>"/dev/tcp/127.0.0.1/$port"
cat <&3 >"$scratch/answer"
exec 3<&-
contains "$scratch/answer" "CUDA0 "
contains "$scratch/answer" " MiB free"

kill -TERM "$pid"
wait "$pid" || fail "status $? after SIGTERM:"$'\n'"$(cat "$scratch/log")"
contains "$scratch/log" "signal=terminated"
