#!/usr/bin/env bash
# SELinux itself, in a kernel that has it, with a policy of three rules: the shims' type decides, and a transition without noatsecure
# starts a program with AT_SECURE.
source "$(dirname "$0")/common.sh"
command -v secilc >/dev/null || skip "there is no secilc"
cat >"$scratch/label.c" <<'C'
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
int main(int count, char** words) {  // CONTEXT FILE...
  for (int i = 2; i < count; ++i) {
    if (lsetxattr(words[i], "security.selinux", words[1], strlen(words[1]) + 1, 0) != 0) return perror(words[i]), 1;
  }
  return 0;
}
C
${CC:-cc} -static -o "$scratch/label" "$scratch/label.c"
root_file_system "$scratch/label"
for atsecure in '' '(allow unconfined_t app_t (process (noatsecure)))'; do
  { cat "$here/kernel/policy.cil"; echo "$atsecure"; } >"$scratch/policy.cil"
  secilc -o "$root/policy.${atsecure:+no}atsecure" -f /dev/null -c 33 "$scratch/policy.cil" || fail "secilc does not take the policy"
done
cat "$here/kernel/inside.sh" "$here/kernel/selinux_inside.sh" >"$root/init"
chmod 755 "$root/init"
boots selinux
