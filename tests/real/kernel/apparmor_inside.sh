profile() { # NAME PROGRAM RULE...
  name=$1
  {
    printf 'abi <abi/3.0>,\ninclude <tunables/global>\nprofile %s %s {\n' "$name" "$2"
    shift 2
    printf '  %s\n' "$@" '@{PROC}/** r,' '/etc/ld.so.* r,' '/{usr/,}lib{,64}/** mr,' "include if exists <local/$name>"
    echo '}'
  } >"/etc/apparmor.d/$name"
  apparmor_parser -r "/etc/apparmor.d/$name" || fail "apparmor_parser does not take the profile $name: $(cat "/etc/apparmor.d/$name")"
}

started /usr/bin/app
carries "without a profile"
doctor "holds: " /usr/bin/app

profile app /usr/bin/app '/usr/bin/app mr,'
started /usr/bin/app
lost "a profile without the shims"
complains "a profile without the shims"
dmesg | grep -q 'apparmor="DENIED" operation="open" profile="app" name="/opt/vgpu/lib/vgpu/libvgpu-exec.so"' || fail "the kernel has not refused it"
doctor "warning: apparmor-confined: /usr/bin/app: the AppArmor profile app confines it" /usr/bin/app
doctor "evidence: /sys/kernel/security/apparmor/profiles: app (enforce)" /usr/bin/app
doctor "fix: in /etc/apparmor.d/local allow /opt/vgpu/lib/vgpu/** mr," /usr/bin/app
echo "ok: a profile without the shims"

# As the fix says.
echo '/opt/vgpu/lib/vgpu/** mr,' >/etc/apparmor.d/local/app
apparmor_parser -r /etc/apparmor.d/app || fail "the fix is no rule"
started /usr/bin/app
carries "the fix"
silent "the fix"
doctor "holds: nothing is wrong" /usr/bin/app
echo "ok: the fix"

# A rule of the profile's own that covers them; one that only lets them be read.
profile app /usr/bin/app '/** r,'
: >/etc/apparmor.d/local/app
apparmor_parser -r /etc/apparmor.d/app
started /usr/bin/app
lost "r without m"
doctor "warning: apparmor-confined: " /usr/bin/app
profile app /usr/bin/app '/** mr,'
started /usr/bin/app
carries "/** mr"
doctor "holds: nothing is wrong" /usr/bin/app
echo "ok: a rule for everything"

# Px cleans the environment, px does not.
profile outer /usr/bin/outer '/** mr,' '/usr/bin/app Px,'
started /usr/bin/outer -c '/usr/bin/app "$0"'
lost "Px"
silent "Px"
doctor "warning: apparmor-confined: /usr/bin/outer: the AppArmor profile outer starts /usr/bin/app with AT_SECURE" /usr/bin/outer
profile outer /usr/bin/outer '/** mr,' '/usr/bin/app px,'
started /usr/bin/outer -c '/usr/bin/app "$0"'
carries px
doctor "holds: nothing is wrong" /usr/bin/outer
echo "ok: Px and px"
echo PASSED
