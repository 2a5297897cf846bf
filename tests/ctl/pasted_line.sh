#!/usr/bin/env bash
# The line of --format=sh, pasted into dash and bash, starts the command with the argv and the environment that vgpu-run gives
# it, byte for byte.
source "$(dirname "$0")/common.sh"
fixture

cat >"$scratch/show.c" <<'C'
#include <stdio.h>
#include <string.h>
extern char** environ;
static int is_shells_own(const char* entry) {
  static const char* const own[] = {"PWD=", "OLDPWD=", "SHLVL=", "_="};
  for (unsigned i = 0; i < sizeof own / sizeof *own; ++i)
    if (strncmp(entry, own[i], strlen(own[i])) == 0) return 1;
  return 0;
}
int main(int argc, char** argv) {
  for (int i = 0; i < argc; ++i) printf("arg %s", argv[i]), putchar(0);
  for (char** e = environ; *e; ++e)
    if (!is_shells_own(*e)) printf("env %s", *e), putchar(0);
  return 0;
}
C
${CC:-cc} -o "$scratch/show" "$scratch/show.c"

same() {
  local expected=$scratch/expected
  "$vgpu_run" --manifest "$manifest" "$@" | sort -z >"$expected"
  [[ -s $expected ]] || fail "vgpu-run $*"
  "$vgpu_run" --dry-run --format=sh --manifest "$manifest" "$@" >"$scratch/line"
  ! LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]' "$scratch/line" || fail "control characters: $(cat -v "$scratch/line")"
  for shell in dash bash; do
    "$shell" "$scratch/line" | sort -z >"$scratch/actual"
    cmp "$expected" "$scratch/actual" || fail "$shell $(cat -v "$scratch/line")"
  done
}

same -- "$scratch/show"
same -- "$scratch/show" "it's" 'a b' '' $'\n' $'tab\there' $'\xff\xfe' '$HOME `x` \' -n --
# A launcher under a sanitizer is dynamic, and does not start behind somebody else's LD_PRELOAD.
[[ $(ldd "$vgpu_run" 2>/dev/null) == *libasan* ]] && had=VGPU_UNUSED || had=LD_PRELOAD
export "$had=libm.so.6"
LD_LIBRARY_PATH=/a::/b VGPU_PRELOAD=/old.so OLD=1 same --set $'A=\x01 b\n' --set "it's=1" -- "$scratch/show"
unset "$had"
ln -s show "$scratch/a=b"
ln -s show "$scratch/-x"
ln -s show "$scratch/-"
same -- "$scratch/a=b" c=d
PATH=$scratch:$PATH same -- -x
PATH=$scratch:$PATH same -- - e
PATH=$scratch:$PATH same -- a=b
