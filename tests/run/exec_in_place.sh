#!/usr/bin/env bash
# Exec, never supervise: same pid, parent, descriptors, signal dispositions and mask, working directory; nothing left behind.
source "$(dirname "$0")/../common.sh"

# One process, whose pid the shell knew before.
ends 0 sh -c 'echo $$; exec "$0" -- sh -c "echo \$\$"' "$vgpu_run"
[[ $(sed -n 1p "$scratch/out") == "$(sed -n 2p "$scratch/out")" ]] || fail "the pid changed: $(cat "$scratch/out")"

# Descriptors: those that were open are, and none of ours.
exec 9<"$0"
ends 0 "$vgpu_run" -- ls -1 /proc/self/fd
ls -1 /proc/self/fd >"$scratch/plain"
diff "$scratch/plain" "$scratch/out" || fail "other descriptors than without vgpu-run"
exec 9<&-

# Ignored signals stay ignored, blocked ones blocked.
ends 0 sh -c 'trap "" HUP USR1; exec "$0" -- grep -E "^Sig(Ign|Blk|Cgt)" /proc/self/status' "$vgpu_run"
sh -c 'trap "" HUP USR1; exec grep -E "^Sig(Ign|Blk|Cgt)" /proc/self/status' >"$scratch/plain"
diff "$scratch/plain" "$scratch/out" || fail "other signal dispositions than without vgpu-run"

# argv[0] as the caller wrote it, umask, limits and directory untouched.
cd "$scratch"
for command in 'tr "\\0" "|" </proc/$$/cmdline' 'umask' 'ulimit -a' 'pwd' 'nice'; do
  ends 0 sh -c 'umask 077; exec "$0" -- sh -c "$1"' "$vgpu_run" "$command"
  (umask 077; sh -c "$command") >"$scratch/plain"
  diff "$scratch/plain" "$scratch/out" || fail "'$command' differs"
done
