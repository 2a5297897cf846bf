#!/usr/bin/env bash
# vgpuctl verify of children that cannot carry the shims, are not meant to, or were started past them.
source "$(dirname "$0")/processes.sh"

# Static: and what it starts in turn, with a cleaned environment, has nobody to give it the shims.
$compiler -static -DSTATIC -o "$scratch/static" "$here/stay.c"
cp "$stay" "$scratch/below"
shimmed 3 "$stay" start "$scratch/static" clean "$scratch/below"
verified 1 "$pid"
says stay carries
says static static "its environment says yes, its link map says no: it is statically linked"
says below environment-cleaned "its parent"
says below environment-cleaned "(static), which is statically linked"
contains "$scratch/out" "does not hold: 2 of 3 processes"
end_all

# A static PIE has a dynamic section and no dynamic linker either.
if $compiler -static-pie -DSTATIC -o "$scratch/pie" "$here/stay.c" 2>/dev/null; then
  shimmed 2 "$stay" start "$scratch/pie"
  verified 1 "$pid"
  says pie static
  end_all
fi

# The environment of an exec that no library sees; its child has nothing to inherit.
cp "$stay" "$scratch/raw"
shimmed 3 "$stay" raw "$scratch/raw" start "$scratch/below"
verified 1 "$pid"
says raw environment-cleaned "by an exec that went past libvgpu-exec and libvgpu-syscall"
says below environment-cleaned "its parent"
says below environment-cleaned "(raw) has no shims to hand on"
end_all

# Left out on purpose.
cp "$stay" "$scratch/off"
shimmed 2 "$stay" only VGPU_EXEC=off "$scratch/off"
verified 0 "$pid"
says off left-out "VGPU_EXEC=off"
end_all
cat >"$scratch/rules.json" <<JSON
{ "version": 1,
  "shims": [{ "name": "exec", "library": "$shims/libvgpu-exec.so", "abi": { "libc": "any" } }],
  "profiles": [{ "name": "default", "shims": ["exec"], "children": [{ "action": "hide", "match": ["off"] }] }] }
JSON
if "$vgpu_run" --manifest "$scratch/rules.json" --dry-run -- true >/dev/null 2>&1; then
  begin 2 "$vgpu_run" --manifest "$scratch/rules.json" -- "$stay" start "$scratch/off"
  verified 0 "$pid"
  says off left-out "a rule of the manifest"
  end_all
fi

# 32-bit: another class, with the 32-bit libvgpu-exec where that is installed.
if $compiler -m32 -o "$scratch/narrow" "$here/stay.c" -ldl 2>/dev/null; then
  shimmed 2 "$stay" start "$scratch/narrow"
  verified 1 "$pid"
  says narrow other-class "32-bit"
  [[ $(member narrow "p['class']") == 32 ]] || fail "the class"
  [[ $(member narrow "(len(p['link_map']) > 2, any('libc.so.6' == o['soname'] for o in p['link_map']))") == "(True, True)" ]] ||
    fail "the link map of a 32-bit process: $(member narrow "p['link_map']")"
  end_all
fi

# musl.
if command -v musl-gcc >/dev/null && musl-gcc -DSTATIC -o "$scratch/other" "$here/stay.c" 2>/dev/null; then
  shimmed 2 "$stay" start "$scratch/other"
  verified 1 "$pid"
  says other other-libc "musl"
  end_all
fi

# Started through the dynamic linker.
loader=$(python3 -c 'import re,sys; print(re.search(rb"/lib[^\0]*ld-linux[^\0]*", open(sys.argv[1], "rb").read()).group().decode())' "$stay")
shimmed 2 "$stay" start "$loader" "$stay"
verified 0 "$pid"
end_all

# Scope namespace reaches below a static program, and past an exec that no library sees: nothing in the environment says so.
if "$vgpu_run" --scope namespace -- true 2>/dev/null; then
  begin 3 "$vgpu_run" --scope namespace -- "$stay" clean "$scratch/static" raw "$scratch/below"
  verified 1 "$pid"
  says static static
  says below carries
  [[ $(member below "p['environment_says']") == False ]] || fail "the environment of below: $(member below p)"
  end_all
fi

# LD_PRELOAD replaced downstream.
cp "$stay" "$scratch/replaced"
VGPU_PRELOAD=$shims/libvgpu-exec.so begin 1 "$scratch/replaced"
verified 1 "$pid"
says replaced environment-cleaned "LD_PRELOAD was taken out or replaced"
end_all

((EUID == 0)) || absent "the rest needs root, for set-user-ID programs and file capabilities"

others_reach || absent "set-user-ID programs and file capabilities"

# Set-user-ID, started by somebody else.
chmod 755 "$scratch"
cp "$stay" "$scratch/setuid"
chmod 4755 "$scratch/setuid"
chmod 755 "$stay"
begin 2 setpriv --reuid 65534 --regid 65534 --clear-groups "$vgpu_run" -- "$stay" start "$scratch/setuid"
verified 1 "$pid"
says setuid secure "AT_SECURE is set"
[[ $(member setuid "p['secure']") == True ]] || fail "secure: $(member setuid p)"
end_all

# File capabilities: its environment says yes, its link map says no.
command -v setcap >/dev/null || skip "setcap (libcap2-bin)"
cp "$stay" "$scratch/capable"
setcap cap_net_raw+ep "$scratch/capable" || absent "no file capabilities on this file system"
begin 2 setpriv --reuid 65534 --regid 65534 --clear-groups "$vgpu_run" -- "$stay" start "$scratch/capable"
verified 1 "$pid"
says capable secure "its environment says yes, its link map says no: AT_SECURE is set"
[[ $(member capable "(p['environment_says'], p['carried'])") == "(True, [])" ]] || fail "$(member capable p)"
grep -qa "LD_PRELOAD=.*libvgpu-exec" "/proc/$(member capable "p['pid']")/environ" || fail "the environment does not say so"
