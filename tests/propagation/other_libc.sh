#!/usr/bin/env bash
# usage: other_libc.sh WHICH SHIM_DIRECTORY SOURCE_PROGRAMS
# The matrix with the C library of another release of Debian: its own dynamic linker, libc and shell in a root of their own,
# and the test's programs linked against that libc (execveat, for one, is not in every one).
set -euo pipefail
which=$1 shims=$2 programs=$3
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# A package of sid is replaced every few weeks and then no longer to be had: no failure, in CI neither.
[[ $which == glibc2.31 ]] || unset CI
fetched=$("$here/../real/fetch" "$which") || exit $?
[[ $(id -u) == 0 ]] || unshare --mount --map-root-user true 2>/dev/null || { echo "SKIPPED: no mount namespace for an ordinary user"; exit 77; }

root=$scratch/root
mkdir "$root"
(cd "$fetched" && cp -a --parents $(ls -d bin lib lib64 usr/bin usr/lib usr/lib64 2>/dev/null) "$root")
rm -rf "$root"/usr/lib/x86_64-linux-gnu/gconv "$root"/lib/x86_64-linux-gnu/gconv
for name in bin lib lib64; do [[ -e $root/$name ]] || ln -s "usr/$name" "$root/$name"; done
libc=$root/lib/x86_64-linux-gnu

cat >"$scratch/compat.h" <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
static inline int execveat_if_there(int directory, const char* path, char* const* argv, char* const* envp, int flags) {
  int (*const there)(int, const char*, char* const*, char* const*, int) =
      (int (*)(int, const char*, char* const*, char* const*, int))dlsym(RTLD_DEFAULT, "execveat");
  return there != NULL ? there(directory, path, argv, envp, flags) : (int)syscall(SYS_execveat, directory, path, argv, envp, flags);
}
#define execveat execveat_if_there
#define strerrorname_np strerror
END
mkdir "$scratch/programs"
for program in spawner child; do
  "${CC:-gcc}" -O1 -w -include "$scratch/compat.h" -o "$scratch/programs/$program" "$here/$program.c" -nodefaultlibs \
    -Wl,--allow-shlib-undefined "$libc/libc.so.6" "$libc/libdl.so.2" -lgcc
done
printf '#include <gnu/libc-version.h>\n#include <stdio.h>\nint main(void) { return puts(gnu_get_libc_version()) < 0; }\n' >"$scratch/version.c"
"${CC:-gcc}" -o "$scratch/programs/version" "$scratch/version.c" -nodefaultlibs -Wl,--allow-shlib-undefined "$libc/libc.so.6" -lgcc
mv "$scratch/programs/child" "$scratch/programs/propagation_child"
cp "$programs/libown.so" "$scratch/programs/"

# What the test has at hand is seen at the same places inside.
private=(unshare --mount)
((EUID == 0)) || private+=(--map-root-user)
mkdir -p "$root/proc" "$root/dev" "$root$scratch" "$root$shims"
TMPDIR=$scratch INSIDE="chroot $root" "${private[@]}" sh -c '
  root=$1 scratch=$2 shims=$3 here=$4
  mount --rbind /proc "$root/proc" && mount --rbind /dev "$root/dev" && mount --bind "$shims" "$root$shims" &&
    mount --bind "$scratch" "$root$scratch" || exit 77
  version=$(chroot "$root" "$scratch/programs/version")
  [ "glibc$version" = "$5" ] || { echo "FAILED: this is glibc $version"; exit 1; }
  sh "$here/matrix.sh" "$shims" "$scratch/programs"' sh "$root" "$scratch" "$shims" "$here" "$which"
