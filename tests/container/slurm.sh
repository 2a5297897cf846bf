#!/usr/bin/env bash
# Slurm's own srun starts tasks behind vgpu-run: each has the device, and the batch script's example is what is started.
# munged, slurmctld and slurmd are this test's: files, ports and keys of their own, ended with it.
if [[ ${PRIVATE_MOUNTS:-} != 1 ]]; then
  ((EUID == 0)) || { echo "SKIPPED: only root can start slurmd"; exit 77; }
  unshare --mount true 2>/dev/null || { echo "SKIPPED: no mounts may be made here"; exit 77; }
  PRIVATE_MOUNTS=1 exec unshare --mount "$0" "$@"
fi
here=$(cd "$(dirname "$0")" && pwd)
source "$here/../common.sh"
for tool in munged slurmctld slurmd srun sbatch; do command -v "$tool" >/dev/null || skip "there is no $tool"; done
mount -t tmpfs tmpfs /run
slurm=/run/slurm-test
mkdir -p "$slurm"/{state,spool,munge}
chmod 711 "$slurm" "$slurm/munge"

daemons=()
leave() {
  ((${#daemons[@]} == 0)) || kill "${daemons[@]}" 2>/dev/null || true
  [[ ! -s $slurm/munge/pid ]] || kill "$(cat "$slurm/munge/pid")" 2>/dev/null || true
  wait
  rm -rf "$scratch"
}
trap leave EXIT

(umask 077 && head -c 1024 /dev/urandom >"$slurm/munge/key")
munged --force --key-file="$slurm/munge/key" --socket="$slurm/munge/socket" --pid-file="$slurm/munge/pid" \
  --seed-file="$slurm/munge/seed" --log-file="$slurm/munge/log" || fail "munged"
# Two ports that nobody has.
read -r controller node < <(python3 -c '
import socket
pair = [socket.socket() for _ in range(2)]
for one in pair: one.bind(("127.0.0.1", 0))
print(*[one.getsockname()[1] for one in pair])')
host=$(hostname -s)
cat >"$slurm/slurm.conf" <<CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$controller
SlurmdPort=$node
AuthType=auth/munge
AuthInfo=socket=$slurm/munge/socket
SlurmUser=root
SlurmdUser=root
StateSaveLocation=$slurm/state
SlurmdSpoolDir=$slurm/spool
SlurmctldPidFile=$slurm/slurmctld.pid
SlurmdPidFile=$slurm/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SlurmdParameters=config_overrides
MpiDefault=none
NodeName=$host NodeAddr=127.0.0.1 CPUs=4 RealMemory=1000 State=UNKNOWN
PartitionName=test Nodes=ALL Default=YES State=UP
CONF
export SLURM_CONF=$slurm/slurm.conf
slurmctld -D >"$slurm/slurmctld.log" 2>&1 &
daemons+=($!)
slurmd -D >"$slurm/slurmd.log" 2>&1 &
daemons+=($!)
for ((i = 0; i < 150; i++)); do
  ! sinfo --noheader --format=%T 2>/dev/null | grep -q '^idle' || break
  sleep 0.1
done
sinfo --noheader --format=%T 2>/dev/null | grep -q '^idle' || fail "no node: $(tail -n 5 "$slurm"/*.log)"

export PATH=$build/bin:$PATH
ends 0 timeout 60 srun -n4 vgpu-run --emulate a100:2 -- sh -c 'echo "$SLURM_PROCID $LD_PRELOAD $(vgpu-probe --json | tr -d "\n")"'
[[ $(cut -d' ' -f1 "$scratch/out" | sort | tr -d '\n') == 0123 ]] || fail "tasks: $(cat "$scratch/out")"
while read -r task preload probe; do
  [[ $preload == */libvgpu-exec.so:*/libvgpu-cudart13.so ]] || fail "task $task: LD_PRELOAD=$preload"
  [[ $(json "d['verdict'], [x['name'] for x in d['devices']]" <<<"$probe") == "('agree', ['NVIDIA A100-SXM4-80GB', 'NVIDIA A100-SXM4-80GB'])" ]] ||
    fail "task $task: $probe"
done <"$scratch/out"
# As the issue of every user has it, and the other way round: Slurm's own commands are no GPU programs, their tasks are.
ends 0 timeout 60 srun -n4 vgpu-run vgpu-probe
[[ $(grep -c '^agree' "$scratch/out") == 4 ]] || fail "$(cat "$scratch/out")"
# A task's refusal and a task's own status are what srun ends with.
ends 7 timeout 60 srun -n1 vgpu-run -- sh -c 'exit 7'
ends 125 timeout 60 srun -n2 vgpu-run --emulate nothing -- true

# The example, as it stands.
job=$(sbatch --parsable --wait --output="$scratch/job" "$source_dir/config/slurm/job.sh" vgpu-probe) || fail "sbatch: $(cat "$scratch/job" "$slurm"/*.log)"
[[ $(grep -c '^agree' "$scratch/job") == 4 ]] || fail "job $job: $(cat "$scratch/job")"
