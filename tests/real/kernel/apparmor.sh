#!/usr/bin/env bash
# AppArmor itself, in a kernel that has it: a profile that does not allow the shims, the fix of the page apparmor-confined, and a
# transition that starts a program with AT_SECURE.
source "$(dirname "$0")/common.sh"
parser=$(PATH=$PATH:/sbin:/usr/sbin command -v apparmor_parser) || skip "there is no apparmor_parser"
root_file_system "$parser"
mkdir -p "$root/etc/apparmor.d/local" "$root/etc/apparmor" "$root/usr/share"
cp -r /etc/apparmor.d/{abi,abstractions,tunables} "$root/etc/apparmor.d/"
cp /etc/apparmor/parser.conf "$root/etc/apparmor/"
cp -r /usr/share/apparmor-features "$root/usr/share/"
cat "$here/kernel/inside.sh" "$here/kernel/apparmor_inside.sh" >"$root/init"
chmod 755 "$root/init"
boots apparmor
