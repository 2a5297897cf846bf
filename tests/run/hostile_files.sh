#!/usr/bin/env bash
# Files and variables that root must not believe.
source "$(dirname "$0")/../common.sh"
((EUID == 0)) || absent "only root is picky"

chmod 755 "$scratch"
cp "$build/share/vgpu-run/manifest.json" "$scratch/manifest.json"
python3 - "$build/lib/vgpu" "$scratch/manifest.json" <<'PY'
import sys
text = open(sys.argv[2]).read().replace("../../lib/vgpu", sys.argv[1])
open(sys.argv[2], "w").write(text)
PY
distrusted() {
  ends 125 "$vgpu_run" --manifest "$scratch/manifest.json" true
  contains "$scratch/err" "manifest-untrusted"
  doctor_names manifest-untrusted "$vgpuctl" doctor --json --manifest "$scratch/manifest.json" -- true
}
ends 0 "$vgpu_run" --manifest "$scratch/manifest.json" true
chmod 666 "$scratch/manifest.json"
distrusted
chmod 644 "$scratch/manifest.json"
chown 65534 "$scratch/manifest.json"
distrusted
chown 0 "$scratch/manifest.json"
chmod 777 "$scratch"
distrusted
chmod 755 "$scratch"
ends 0 "$vgpu_run" --manifest "$scratch/manifest.json" true

# Not a file at all.
for path in /dev/zero /dev/stdin "$scratch" /proc/self/mem /dev/tty; do
  ends 125 timeout 20 "$vgpu_run" --manifest "$path" true
done
mkfifo "$scratch/pipe"
ends 125 timeout 20 "$vgpu_run" --manifest "$scratch/pipe" true

# A drop-in directory of the user's in root's hands.
mkdir -p "$XDG_CONFIG_HOME/vgpu-run/manifest.d"
echo '{"version": 1}' >"$XDG_CONFIG_HOME/vgpu-run/manifest.d/x.json"
chown -R 65534 "$XDG_CONFIG_HOME"
ends 125 "$vgpu_run" true
contains "$scratch/err" "manifest-untrusted"
rm -r "$XDG_CONFIG_HOME"

# A set-user-ID copy of vgpu-run obeys no variable of its caller (ld.so(8), secure-execution mode).
mkdir -p "$scratch/tree/bin" "$scratch/tree/lib" "$scratch/tree/share"
cp -a "$build/lib/vgpu" "$scratch/tree/lib/"
cp -a "$build/share/vgpu-run" "$scratch/tree/share/"
cp "$vgpu_run" "$scratch/tree/bin/" && chmod 4755 "$scratch/tree/bin/vgpu-run"
echo '{"version": 1, "profiles": [{"name": "default", "shims": []}]}' >"$scratch/evil.json"
status=0
setpriv --reuid=65534 --regid=65534 --clear-groups env VGPU_RUN_MANIFEST="$scratch/evil.json" VGPU_RUN_DRY_RUN=1 VGPU_DEVICE=garbage \
  HOME=/nonexistent "$scratch/tree/bin/vgpu-run" --dry-run --format=json true >"$scratch/out" 2>"$scratch/err" || status=$?
[[ $(json 'd["profile"], len(d["preload"]), d["device"]' <"$scratch/out") == "('default', 6, 'h100')" ]] || fail "it obeyed: $(cat "$scratch/out")"
