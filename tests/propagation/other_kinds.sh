#!/bin/sh
# usage: other_kinds.sh SHIM_DIRECTORY PROGRAM_DIRECTORY
# Children that cannot carry the 64-bit shims: static, 32-bit, musl, with privilege. They start without a word from ld.so,
# as they are, and what they start in turn has its shims again.
. "$(dirname "$0")/common.sh"

cat >"$scratch/next.c" <<'END'
#include <stdio.h>
#include <string.h>
#include <unistd.h>
extern char** environ;
int main(int argc, char** argv) {  // next PROGRAM...: starts it with an emptied environment; next: says what it has
  char* none[] = {NULL};
  if (argc > 1) execve(argv[1], argv + 1, none), perror(argv[1]);
  int shimmed = 0;
  char line[4096];
  FILE* maps = fopen("/proc/self/maps", "r");
  while (fgets(line, sizeof line, maps)) shimmed |= strstr(line, "/libvgpu-exec.so") != NULL;
  printf("%s, %d bits, uid %d, euid %d, %s\n", shimmed ? "shimmed" : "bare", (int)sizeof(long) * 8, (int)getuid(),
         (int)geteuid(), environ[0] ? "environment" : "empty environment");
  return 0;
}
END
compiler=${CC:-gcc}
$compiler -o "$scratch/next" "$scratch/next.c" || exit 2
says() { # WHAT EXPECTED COMMAND...
  what=$1 expected=$2
  shift 2
  got=$(with_shims "$@" 2>&1)
  case $got in
    $expected) ;;
    *) fail "$what: $got" ;;
  esac
}
next=$scratch/next
says 'the same kind' 'shimmed, 64*' "$next" "$next"

if $compiler -static -o "$scratch/static" "$scratch/next.c"; then
  says 'a static child' 'bare, 64*empty environment' "$next" "$scratch/static"
  says 'the log' '*/static: static, started as it is*' VGPU_LOG=info "$next" "$scratch/static"
  # Looked into through every kind of name: a descriptor that cannot be read from, and a place of PATH of any length.
  says 'a static child by an O_PATH descriptor' '*: static, started as it is*' VGPU_LOG=info \
    "$programs/spawner" fexecve_path none "$scratch/static"
  says 'a static child by a descriptor' '*: static, started as it is*' VGPU_LOG=info \
    "$programs/spawner" fexecve none "$scratch/static"
  long=$scratch
  for letter in a b c d; do long=$long/$(head -c 250 /dev/zero | tr '\0' $letter); done
  mkdir -p "$long"
  ln -s "$scratch/static" "$long/far-away"
  for entry in execvp posix_spawnp; do
    says "a static child in a long place of PATH, by $entry" '*far-away: static, started as it is*' VGPU_LOG=info PATH="/nowhere:$long:$PATH" \
      "$programs/spawner" $entry none far-away
  done
fi
if $compiler -m32 -o "$scratch/next32" "$scratch/next.c" 2>/dev/null; then
  [ -e "$shims/32/libvgpu-exec.so" ] || fail 'gcc-multilib is there, the 32-bit library is not'
  says 'a 32-bit child' 'shimmed, 32*' "$next" "$scratch/next32"
  says 'its 64-bit child' 'shimmed, 64*' "$next" "$scratch/next32" "$next"
  says '32, 32, 64, 32' 'shimmed, 32*' "$next" "$scratch/next32" "$scratch/next32" "$next" "$scratch/next32"
  # Where it is not installed, a 32-bit child starts without LD_PRELOAD, and ld.so has nothing to complain of.
  mkdir "$scratch/without"
  cp "$exec_shim" "$scratch/without/libvgpu-exec.so"
  exec_shim=$scratch/without/libvgpu-exec.so
  says 'a 32-bit child without the library' 'bare, 32*' "$next" "$scratch/next32"
  exec_shim=$shims/libvgpu-exec.so
else
  echo 'SKIPPED: 32-bit children (no gcc-multilib)'
fi
if command -v musl-gcc >/dev/null && musl-gcc -o "$scratch/musl" "$scratch/next.c"; then
  # A shim that needs glibc would end a musl program; a stand-in that nothing can load would, too.
  printf 'no library' >"$scratch/libglibc-only.so"
  with_all() { with_shims VGPU_PRELOAD="$exec_shim:$scratch/libglibc-only.so" "$@" 2>&1; }
  got=$(with_all "$next" "$scratch/musl")
  case $got in shimmed*) ;; *) fail "a musl child: $got" ;; esac
  says 'the child of a musl child' 'shimmed, 64*' "$next" "$scratch/musl" "$next"
  says 'musl, musl' 'shimmed, 64*' "$next" "$scratch/musl" "$scratch/musl" "$next"
else
  echo 'SKIPPED: musl children (no musl-tools)'
fi
says 'the loader by name' 'shimmed*' "$next" /lib64/ld-linux-x86-64.so.2 "$next"

if [ "$(id -u)" = 0 ] && setpriv --reuid=65534 --regid=65534 --clear-groups test -r "$exec_shim" 2>/dev/null; then
  chmod 755 "$scratch"
  cp "$next" "$scratch/privileged"
  chmod u+s "$scratch/privileged"
  says 'set-user-ID keeps its privilege' 'bare, 64*uid 65534, euid 0*' \
    setpriv --reuid=65534 --regid=65534 --clear-groups "$next" "$scratch/privileged"
  says 'set-user-ID, the log' '*/privileged: gains privilege*' VGPU_LOG=info \
    setpriv --reuid=65534 --regid=65534 --clear-groups "$next" "$scratch/privileged"
  chmod 4711 "$scratch/privileged"
  says 'set-user-ID, not to be read' '*/privileged: gains privilege*euid 0*' VGPU_LOG=info \
    setpriv --reuid=65534 --regid=65534 --clear-groups "$next" "$scratch/privileged"
  chmod 4755 "$scratch/privileged"
  says 'set-user-ID root for root is no privilege' 'shimmed, 64*uid 0, euid 0*' "$next" "$scratch/privileged"
  if command -v setcap >/dev/null && cp "$next" "$scratch/capable" && setcap cap_net_raw+ep "$scratch/capable" 2>/dev/null; then
    says 'file capabilities' 'bare, 64*' setpriv --reuid=65534 --regid=65534 --clear-groups "$next" "$scratch/capable"
  fi
else
  echo 'SKIPPED: set-user-ID children (not root, or others cannot reach the build tree)'
fi
finish
