#!/bin/sh
# usage: matrix.sh SHIM_DIRECTORY PROGRAM_DIRECTORY
# Every entry point x everything that programs do to their environment: the child has its shims. INSIDE: a command in front
# of each (other_libc.sh).
. "$(dirname "$0")/common.sh"

child=$programs/propagation_child
columns='none unset empty own_only own_first own_last duplicate clear scrub no_envp no_argv odd many chdir closed'
printf '%-16s' ''
for column in $columns; do printf ' %-9s' "$column"; done
echo
for entry in execve execv execvp execvpe __execvpe execl execlp execle fexecve execveat posix_spawn posix_spawnp \
             pidfd_spawn pidfd_spawnp system popen wordexp; do
  printf '%-16s' "$entry"
  for column in $columns; do
    case $entry:$column in
      # No call: there is no argument array in a command line; glibc's posix_spawn reads a null one, its fexecve refuses both.
      system:no_argv | popen:no_argv | wordexp:no_argv | *spawn*:no_argv | fexecve:no_argv | fexecve:no_envp) printf ' %-9s' -; continue ;;
    esac
    with_shims ${INSIDE:-} "$programs/spawner" "$entry" "$column" "$child" >"$scratch/out" 2>"$scratch/err"
    status=$?
    cell=ok
    [ $status = 0 ] && [ ! -s "$scratch/err" ] && grep -q '^shimmed' "$scratch/out" || cell=BARE
    # The child's own preloads stay, before or behind ours, as they were.
    case $column in
      own_*) tr '\n' ' ' <"$scratch/out" | grep -q 'shimmed+own .*libown.so' || cell=OWN ;;
      duplicate) grep -q '^shimmed+own' "$scratch/out" || cell=OWN ;;
    esac
    if [ $cell != ok ]; then
      fail "$entry after $column: status $status"
      cat "$scratch/out" "$scratch/err"
    fi
    printf ' %-9s' $cell
  done
  echo
done
finish
