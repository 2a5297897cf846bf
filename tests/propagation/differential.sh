#!/bin/sh
# usage: differential.sh SHIM_DIRECTORY PROGRAM_DIRECTORY
# Each call with and without the shim: answers, error numbers, arguments, environment and signals are the same bytes.
. "$(dirname "$0")/common.sh"

child=$programs/propagation_child
mkdir "$scratch/bin" "$scratch/denied" "$scratch/directory"
cp "$child" "$scratch/bin/found"
cp "$child" "$scratch/denied/refused"
chmod -x "$scratch/denied/refused"
printf '#!%s all\n' "$child" >"$scratch/bin/script"
printf '#!  %s  all  \necho\n' "$child" >"$scratch/bin/spaced"
printf '#!/bin/sh\nexec "%s" all "$@"\n' "$child" >"$scratch/bin/shell_script"
printf '#!/no/such/interpreter\n' >"$scratch/bin/orphan"
printf '#!\n' >"$scratch/bin/no_interpreter"
printf '"%s" all "$0" "$@"\n' "$child" >"$scratch/bin/no_header"
: >"$scratch/bin/empty"
printf '\177ELF' >"$scratch/bin/cut_off"
head -c 100 "$child" >"$scratch/bin/cut_header"
head -c 400 /dev/zero >"$scratch/bin/zeros"
printf '#!%s/bin/loop_b\n' "$scratch" >"$scratch/bin/loop_a"
printf '#!%s/bin/loop_a\n' "$scratch" >"$scratch/bin/loop_b"
chmod +x "$scratch"/bin/*
ln -s "$child" "$scratch/bin/link"
ln -s self "$scratch/bin/self"
mkfifo "$scratch/bin/fifo"
chmod +x "$scratch/bin/fifo"
: >"$scratch/not_executable"
name_too_long=$(head -c 5000 /dev/zero | tr '\0' a)

cases=0
# compare WHAT VARIABLE=VALUE... COMMAND: without and with, in the same directory and with the same standard input.
compare() {
  what=$1
  shift
  cases=$((cases + 1))
  (cd "$scratch" && env "$@" >"$scratch/out.bare" 2>"$scratch/err.bare" </dev/null; echo "status $?" >>"$scratch/out.bare")
  (cd "$scratch" && with_shims "$@" >"$scratch/out.shim" 2>"$scratch/err.shim" </dev/null; echo "status $?" >>"$scratch/out.shim")
  for stream in out err; do
    cmp -s "$scratch/$stream.bare" "$scratch/$stream.shim" && continue
    fail "$what"
    diff "$scratch/$stream.bare" "$scratch/$stream.shim" | head -20
  done
}

execs='execve execv execvp execvpe execl execlp execle fexecve fexecve_cloexec fexecve_path execveat execveat_empty
       execveat_nofollow posix_spawn posix_spawnp posix_spawn_actions'
for entry in $execs; do
  for target in "$scratch/bin/found" "$scratch/bin/script" "$scratch/bin/spaced" "$scratch/bin/shell_script" \
                "$scratch/bin/orphan" "$scratch/bin/no_interpreter" "$scratch/bin/no_header" "$scratch/bin/empty" \
                "$scratch/bin/cut_off" "$scratch/bin/cut_header" "$scratch/bin/zeros" "$scratch/bin/loop_a" "$scratch/bin/link" \
                "$scratch/bin/self" "$scratch/not_executable" "$scratch/directory" "$scratch/nothing" \
                "$scratch/bin/found/below" bin/found ./bin/found '' "$name_too_long" found refused nothing; do
    compare "$entry $target" PATH="$scratch/denied:$scratch/nowhere:$scratch/bin:/usr/bin:/bin" \
      "$programs/spawner" "$entry" none "$target" all
  done
  for saboteur in unset empty clear no_envp no_argv odd many closed; do
    # Without a first argument glibc's execl functions read on behind what they were given.
    case $entry:$saboteur in execl*:no_argv) continue ;; esac
    compare "$entry after $saboteur" "$programs/spawner" "$entry" $saboteur "$scratch/bin/shell_script" all
  done
done
# Bad pointers are for the kernel to refuse, with EFAULT and not with our end.
for entry in execve execvpe fexecve execveat posix_spawn posix_spawnp; do
  for bad in low high protected unclosed variable preload; do
    compare "$entry, environment $bad" "$programs/spawner" "$entry" "bad_$bad" "$child" all
    compare "$entry, environment $bad, rules" VGPU_CHILDREN='leave,a=nothing' "$programs/spawner" "$entry" "bad_$bad" "$child" all
  done
done
compare 'execve, bad argument' "$programs/spawner" execve bad_argv "$child" all
compare 'execve, bad argument, rules' VGPU_CHILDREN='leave,a=nothing' "$programs/spawner" execve bad_argv "$child" all
compare 'execve, bad path' "$programs/spawner" execve_bad_path none "$child" all
compare 'execveat, bad path' VGPU_LOG=debug "$programs/spawner" execveat_bad_path none "$child" all
# A FIFO that may be executed is not opened: there is nobody to write into it.
for entry in execve execvp posix_spawn; do
  compare "$entry of a FIFO" timeout 10 "$programs/spawner" $entry none "$scratch/bin/fifo"
done
for entry in execvp execvpe execlp posix_spawnp; do
  compare "$entry, empty element of PATH" PATH=:/usr/bin "$programs/spawner" $entry none bin/found all
  compare "$entry, empty PATH" PATH= "$programs/spawner" $entry none found all
  compare "$entry, EACCES remembered" PATH="$scratch/denied:/nowhere" "$programs/spawner" $entry none refused
  compare "$entry, a directory of that name" PATH="$scratch:/nowhere" "$programs/spawner" $entry none directory
  compare "$entry, no PATH" env -u PATH "$programs/spawner" $entry none true
  compare "$entry, no PATH, nothing" env -u PATH "$programs/spawner" $entry none "no-such-program"
done
for entry in system popen popen_e popen_w popen_bad wordexp wordexp_nocmd; do
  for command in true 'exit 3' 'kill -9 $$' "$child all x" 'no-such-program' '' 'echo "$0 $*"' "echo a'b" 'exec 2>&1; cat /nothing'; do
    for saboteur in none clear many odd; do
      compare "$entry '$command' after $saboteur" "$programs/spawner" $entry $saboteur "$command"
    done
  done
done
echo "$cases cases, $failures differences"
finish
