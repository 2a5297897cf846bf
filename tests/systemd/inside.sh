#!/bin/bash
# Runs as a service in the booted root file system; its output is /result/log, its last line PASSED.
exec >/result/log 2>&1
trap 'systemctl --no-block poweroff' EXIT
set -uo pipefail
fail() {
  echo "FAILED: $*"
  journalctl --no-pager -n 60 -o short-monotonic
  exit 1
}
# has UNIT TEXT: its journal, since it was last looked at.
has() {
  journalctl --sync
  journalctl --no-pager -u "$1" -o cat | grep -qF -- "$2" || fail "$1: no '$2' in its journal"
}
property() { systemctl show -P "$2" "$1"; }

# Type=notify with a watchdog: systemd hears the main process, and it is Ollama itself.
systemctl start ollama || fail "ollama does not start"
pid=$(property ollama MainPID)
[[ $(readlink "/proc/$pid/exe") == /usr/local/bin/ollama ]] || fail "the main process is $(readlink "/proc/$pid/exe")"
[[ $(stat -c %U "/proc/$pid") == ollama ]] || fail "it is not the user's: $(stat -c %U "/proc/$pid")"
has ollama "library=CUDA"
has ollama "initial_count=1"
journalctl --no-pager -t ollama -o cat | grep -q 'library=CUDA' || fail "the journal calls it something else"
/opt/vgpu/bin/vgpuctl verify --unit ollama || fail "verify --unit ollama: $?"
sleep 5 # WatchdogSec=2
[[ $(property ollama MainPID) == "$pid" && $(property ollama NRestarts) == 0 ]] || fail "the watchdog has ended it"
echo "ok: notify, watchdog, journal"

systemctl restart ollama || fail "restart"
[[ $(property ollama MainPID) != "$pid" ]] || fail "restart changed nothing"
journalctl --sync
(($(journalctl --no-pager -u ollama -o cat | grep -c 'library=CUDA') == 2)) || fail "after the restart there is no second library=CUDA"
begin=$(date +%s%N)
systemctl stop ollama
took=$((($(date +%s%N) - begin) / 1000000))
[[ $(property ollama Result) == success ]] || fail "stop: $(property ollama Result)"
((took < 3000)) || fail "stop took $took ms"
has ollama "signal=terminated"
echo "ok: restart, stop in $took ms"

systemctl start ollama-hardened || fail "ollama-hardened does not start"
has ollama-hardened "library=CUDA"
grep -q 'NoNewPrivs:.*1' "/proc/$(property ollama-hardened MainPID)/status" || fail "no no_new_privs"
systemctl stop ollama-hardened
echo "ok: the common hardening set"

systemctl start ollama-socket.socket || fail "the socket"
exec 3<>/dev/tcp/127.0.0.1/11500 || fail "nobody listens"
answer=$(timeout 60 cat <&3)
[[ $answer == "CUDA0 "*" MiB free" ]] || fail "the socket answered: $answer"
exec 3<&-
has ollama-socket "library=CUDA"
systemctl stop ollama-socket.socket ollama-socket
echo "ok: socket activation: $answer"

systemctl start ollama-environment || fail "ollama-environment does not start"
has ollama-environment "library=CUDA"
systemctl stop ollama-environment
echo "ok: --style environment"

# A template's drop-in counts for each instance.
systemctl start inst@one || fail "inst@one"
[[ $(tr '\0' '|' </run/inst-one) == 'the name|/proc/self/cmdline|one|5 $x|' ]] || fail "inst@one: $(tr '\0' '|' </run/inst-one)"
echo "ok: a template, argv[0], specifiers, dollars"

# What install and check say of the machine they run on; the arguments of a wrapped command are those of the bare one.
export PATH=/opt/vgpu/bin:$PATH
systemctl start words && mv /run/words /run/bare
vgpuctl systemd check words && fail "words has no shims yet"
vgpuctl systemd install words || fail "install words"
vgpuctl systemd check words || fail "check words"
systemctl daemon-reload
systemctl start words || fail "words"
cmp /run/bare /run/words || fail "other arguments: $(od -c /run/bare | head -20) $(od -c /run/words | head -20)"
vgpuctl systemd remove words
[[ ! -e /etc/systemd/system/words.service.d ]] || fail "remove left something"
for unit in ollama ollama-hardened ollama-socket ollama-environment; do vgpuctl systemd check "$unit" || fail "check $unit"; done
echo "ok: install, check and remove on the running machine"

# What MemoryDenyWriteExecute= does to a library with an executable stack, and doctor about it.
systemctl start stack || fail "stack"
has stack "cannot enable executable stack as shared object requires"
grep -q libc.so.6 /run/stack-maps || fail "no maps: $(cat /run/stack-maps)"
grep -q libstack /run/stack-maps && fail "libstack.so was loaded all the same"
vgpuctl doctor >/run/doctor && fail "doctor has nothing to say"
grep -q '^error: hardening-write-execute: stack.service: /opt/test/libstack.so ' /run/doctor || fail "doctor: $(cat /run/doctor)"
grep -q '^  evidence: /etc/systemd/system/stack.service:6: MemoryDenyWriteExecute=yes$' /run/doctor || fail "doctor: $(cat /run/doctor)"
sed -i '/^MemoryDeny/d' /etc/systemd/system/stack.service
systemctl daemon-reload
systemctl start stack
grep -q libstack /run/stack-maps || fail "libstack.so is not loaded without it either"
vgpuctl doctor >/run/doctor
grep -q hardening-write-execute /run/doctor && fail "doctor: $(cat /run/doctor)"
echo "ok: an executable stack under MemoryDenyWriteExecute="

# Two installations of Ollama: the snap's, which nobody put on a virtual GPU, has the port that the other one wants.
mkdir -p /run/systemd/system/ollama.service.d
printf '[Service]\nEnvironment=OLLAMA_HOST=127.0.0.1:11434\nRestart=no\n' >/run/systemd/system/ollama.service.d/99-port.conf
systemctl daemon-reload
systemctl start snap.ollama.listener || fail "the snap's Ollama"
for ((i = 0; i < 300; i++)); do
  ! journalctl --no-pager -u snap.ollama.listener -o cat | grep -q 'Listening on 127.0.0.1:11434' || break
  sleep 0.1
done
has snap.ollama.listener "library=cpu"
systemctl start ollama && fail "both listen on one port"
has ollama "address already in use"
vgpuctl doctor >/run/doctor && fail "doctor has nothing to say"
grep -q '^error: ollama-installed-twice: /usr/local/bin/ollama: .*/snap/bin/ollama' /run/doctor || fail "doctor: $(cat /run/doctor)"
grep -q '^  evidence: /etc/systemd/system/snap.ollama.listener.service: the unit of the snap$' /run/doctor || fail "doctor: $(cat /run/doctor)"
# As the fix says: what `snap remove ollama` takes away.
systemctl stop snap.ollama.listener
rm -r /etc/systemd/system/snap.ollama.listener.service /snap/ollama /snap/bin/ollama
systemctl daemon-reload
systemctl reset-failed ollama
systemctl start ollama || fail "ollama alone"
exec 3<>/dev/tcp/127.0.0.1/11434 || fail "nobody listens"
[[ $(timeout 60 cat <&3) == "CUDA0 "*" MiB free" ]] || fail "the one that answers has no GPU"
exec 3<&-
vgpuctl doctor >/run/doctor
grep -q ollama-installed-twice /run/doctor && fail "doctor: $(cat /run/doctor)"
systemctl stop ollama
echo "ok: two installations of Ollama"
echo PASSED
