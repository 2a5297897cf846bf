#!/usr/bin/env bash
# A systemd that was booted runs the Ollama stand-in under the drop-ins that install wrote: inside.sh does the asking.
source "$(dirname "$0")/../real/ollama/bundle.sh"
here=$(cd "$(dirname "$0")" && pwd)
for tool in systemd-nspawn setpriv; do command -v "$tool" >/dev/null || skip "there is no $tool"; done
status=0
lower=$("$here/root_file_system") || status=$?
((status == 0)) || { printf '%s\n' "$lower"; exit "$status"; }
here_real=$source_dir/tests/real
here=$here_real bundle 13
modules=$(here=$here_real fetched cuda13)
here=$source_dir/tests/systemd

# Nothing is written to the cached tree: an overlay of it, in memory.
work=$scratch/work
mkdir -p "$work"
unshare --mount true 2>/dev/null || absent "no mounts may be made here"
mount -t tmpfs tmpfs "$work"
trap 'umount "$work/root" 2>/dev/null || true; umount "$work" 2>/dev/null || true; rm -rf "$scratch"' EXIT
mkdir "$work"/{upper,inner,root}
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$work/upper,workdir=$work/inner" "$work/root" || absent "no overlay may be mounted here"
root=$work/root

nspawn=(systemd-nspawn --quiet -D "$root" --register=no --keep-unit --private-network --console=pipe)
"${nspawn[@]}" /bin/true </dev/null >/dev/null 2>&1 || absent "systemd-nspawn starts nothing here"

mkdir -p "$root/opt/vgpu/bin" "$root/opt/vgpu/lib" "$root/usr/local/bin" "$root/usr/local/lib" "$root/opt/test"
cp "$build"/bin/{vgpu-run,vgpuctl} "$root/opt/vgpu/bin/"
cp -r "$build/share" "$root/opt/vgpu/"
cp -r "$build/lib/vgpu" "$root/opt/vgpu/lib/"
cp "$ollama" "$root/usr/local/bin/ollama"
cp -r --no-dereference "$lib" "$root/usr/local/lib/ollama"
cp "$here/inside.sh" "$root/opt/test/"
cp -r "$here"/units/. "$root/etc/systemd/system/"
# A shim that wants an executable stack, for a service with MemoryDenyWriteExecute=.
echo 'int value;' | ${CC:-cc} -shared -fPIC -x c - -Wl,-z,execstack -o "$root/opt/test/libstack.so" 2>/dev/null
cat >"$root/opt/test/stack.json" <<'JSON'
{"version": 1, "shims": [{"name": "stack", "library": "/opt/test/libstack.so"}], "profiles": [{"name": "default", "shims": ["stack"]}]}
JSON
# A second Ollama where the snap has its own. Its `snap` does what snapd's does in the end: it starts the program of the snap.
mkdir -p "$root/snap/bin" "$root/snap/ollama/x1/bin" "$root/snap/ollama/x1/lib"
cp "$ollama" "$root/snap/ollama/x1/bin/ollama"
cp -r --no-dereference "$lib" "$root/snap/ollama/x1/lib/ollama"
ln -s x1 "$root/snap/ollama/current"
ln -s /usr/bin/snap "$root/snap/bin/ollama"
printf '#!/bin/sh\nexec /snap/ollama/current/bin/ollama serve\n' >"$root/usr/bin/snap"
chmod 755 "$root/usr/bin/snap"
# The links of the bundle lead into the cache of downloads, which its users may not enter.
mkdir -p "$root/opt/modules"
find "$root/usr/local/lib/ollama" "$root/snap/ollama/x1/lib" -type l | while read -r link; do
  target=$(readlink "$link")
  ln -sf "/opt/modules${target#"$modules"}" "$link"
done
echo 'ollama:x:901:901::/nonexistent:/bin/false' >>"$root/etc/passwd"
echo 'ollama:x:901:' >>"$root/etc/group"
chmod -R go-w "$root/opt/vgpu"
rm -f "$root/etc/machine-id"
: >"$root/etc/machine-id"
mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
ln -sf /etc/systemd/system/vgpu-test.service "$root/etc/systemd/system/multi-user.target.wants/vgpu-test.service"

# Offline, before it is booted.
at=(--root "$root" --vgpu-run /opt/vgpu/bin/vgpu-run)
for unit in ollama ollama-hardened ollama-socket inst@; do "$build/bin/vgpuctl" systemd install "${at[@]}" "$unit" 2>"$scratch/err" || fail "install $unit: $(cat "$scratch/err")"; done
"$build/bin/vgpuctl" systemd install "${at[@]}" --style environment ollama-environment >/dev/null

mkdir "$work/result"
timeout --kill-after=5 150 "${nspawn[@]}" --bind-ro="$modules:/opt/modules" --bind="$work/result:/result" -b </dev/null >"$scratch/console" 2>&1 || true
if ! grep -q '^PASSED$' "$work/result/log" 2>/dev/null; then
  tail -n 30 "$scratch/console" >&2
  fail "inside:"$'\n'"$(cat "$work/result/log" 2>/dev/null)"
fi
cat "$work/result/log"
