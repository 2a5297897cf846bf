#!/usr/bin/env bash
# vgpuctl verify --unit, --container and -- COMMAND: how the process is found, started and ended.
source "$(dirname "$0")/processes.sh"

tools=$scratch/tools
mkdir "$tools"
tool() { # NAME STATUS OUTPUT [COMPLAINT]: a stand-in that notes how it was called
  printf '#!/bin/bash\nprintf "%%s\\n" "$@" >%q\nprintf %%s %q\necho %q >&2\nexit %s\n' "$scratch/$1.words" "$3" "${4:-}" "$2" >"$tools/$1"
  chmod +x "$tools/$1"
}
with_tools() { PATH=$tools "$@"; }
absolute=$(readlink -f "$vgpuctl")
shimmed 1 "$stay"

# systemd.
ends 125 with_tools "$absolute" verify --unit ollama
contains "$scratch/err" "systemctl is not there"
tool systemctl 0 "LoadState=loaded"$'\n'"ActiveState=active"$'\n'"MainPID=$pid"$'\n'
ends 0 with_tools "$absolute" verify --unit ollama
contains "$scratch/out" "holds: it carries"
contains "$scratch/systemctl.words" "ollama"
[[ $(tail -2 "$scratch/systemctl.words") == "--"$'\n'"ollama" ]] || fail "the words: $(cat "$scratch/systemctl.words")"
tool systemctl 0 "LoadState=not-found"$'\n'"MainPID=0"
ends 125 with_tools "$absolute" verify --unit olama
contains "$scratch/err" "there is no such unit"
tool systemctl 0 "LoadState=loaded"$'\n'"ActiveState=inactive"$'\n'"MainPID=0"
ends 2 with_tools "$absolute" verify --json --unit ollama
[[ $(json "d['verdict'], d['processes'], d['notes']" <"$scratch/out") == "('cannot-tell', [], ['the unit ollama has no main process, it is inactive'])" ]] ||
  fail "a unit that does not run: $(cat "$scratch/out")"
tool systemctl 1 "" "System has not been booted with systemd"
ends 125 with_tools "$absolute" verify --unit ollama
contains "$scratch/err" "System has not been booted with systemd"

# Containers: podman first, then docker.
ends 125 with_tools "$absolute" verify --container web
contains "$scratch/err" "neither podman nor docker is there"
tool docker 0 "$pid"$'\n'
ends 0 with_tools "$absolute" verify --container web
[[ $(tail -2 "$scratch/docker.words") == "--"$'\n'"web" ]] || fail "the words: $(cat "$scratch/docker.words")"
tool podman 125 "" 'no such container "web"'
ends 0 with_tools "$absolute" verify --container web
tool docker 1 "" "No such container: web"
ends 125 with_tools "$absolute" verify --container web
contains "$scratch/err" 'podman: no such container "web"; docker: No such container: web'
tool docker 0 "0"
ends 2 with_tools "$absolute" verify --container web
contains "$scratch/out" "the container web does not run"
tool docker 0 "rubbish"
ends 125 with_tools "$absolute" verify --container web
contains "$scratch/err" "it answers rubbish"
end_all

# A command: started, judged with its children, ended.
left() { ps -eo args= | grep -cF "$scratch/" | cat; }
before=$(left)
verified 0 -- "$stay" clean "$stay"
contains "$scratch/out" "holds: all 2 processes"
contains "$scratch/err" "up $stay"
cp "$stay" "$scratch/stubborn"
ends 0 "$vgpuctl" verify -- sh -c "trap '' TERM; \"$scratch/stubborn\" & while :; do sleep 1; done"
# One that leaves its children behind, and one that makes them all the time.
ends 0 "$vgpuctl" verify -- sh -c "(\"$scratch/stubborn\" &) ; sleep 60"
"$vgpuctl" verify --wait 1 -- sh -c "trap '' TERM; while :; do sh -c 'sleep 60; : $scratch/' & sleep 0.05; done" >"$scratch/out" 2>&1 ||
  (($? == 2)) || fail "one that starts children all the time: $(cat "$scratch/out")"  # 2: the last one was just being started
(($(left) <= before)) || fail "something is left: $(ps -eo pid=,args= | grep -F "$scratch/")"

# Options go to vgpu-run, and the command's own stay its own.
fixture
verified 0 --manifest "$manifest" -- "$stay"
[[ $(json "len(d['processes'][0]['carried'])" <"$scratch/json") == 1 ]] || fail "--manifest: $(cat "$scratch/out")"
ends 0 "$vgpuctl" verify --json -- sh -c 'sleep 5 & wait' --json --wait

# It ends by itself, ends before anything could be seen, or does not start.
# How long it must live to be seen, and yet end before it is stopped, depends on how busy the machine is.
for seconds in 0.2 0.3 0.4 0.5 0.6 0.8 0.2 0.3 0.4 0.5; do
  "$vgpuctl" verify -- sh -c "sleep $seconds; exit 3" >"$scratch/out" 2>&1 && status=0 || status=$?
  ((status == 2)) || grep -q "it ended by itself with status 3" "$scratch/out" && ((status == 0)) && break
done
((status == 0)) || fail "status $status: $(cat "$scratch/out")"
contains "$scratch/out" "it ended by itself with status 3"
"$vgpuctl" verify -- true >"$scratch/out" 2>&1 && status=0 || status=$?
((status == 0 || status == 2)) || fail "true: status $status: $(cat "$scratch/out")"
ends 1 "$vgpuctl" verify -- "$scratch/no-such-program"
contains "$scratch/err" "target-missing"
contains "$scratch/out" "does not hold: vgpu-run did not start it, status 127"
