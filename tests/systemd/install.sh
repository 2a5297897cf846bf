#!/usr/bin/env bash
# vgpuctl systemd install: what it writes, byte for byte, and what it refuses. On an offline tree.
source "$(dirname "$0")/common.sh"
tree
drop_in() { cat "$tree/etc/systemd/system/$1.d/50-vgpu-run.conf"; }

# golden NAME UNIT OPTION...: the drop-in is the one in golden/NAME.conf, mode 0644, with nothing beside it.
golden() {
  local name=$1 unit=$2 directory
  shift 2
  ends 0 "$vgpuctl" systemd install "${at[@]}" "$unit" "$@"
  directory=$tree/etc/systemd/system/$unit.d
  diff "$here/golden/$name.conf" "$directory/50-vgpu-run.conf" || fail "$name: not the golden file"
  [[ $(stat -c %a "$directory/50-vgpu-run.conf") == 644 ]] || fail "$name: mode"
  [[ $(ls "$directory") == 50-vgpu-run.conf ]] || fail "$name: $(ls "$directory")"
}

golden ollama ollama.service
cp "$scratch/out" "$scratch/first"
golden ollama ollama.service # again: nothing is wrapped twice
diff "$source_dir/config/systemd/ollama.service.d/50-vgpu-run.conf" <(sed 's|/opt/vgpu/bin|/usr/bin|' "$here/golden/ollama.conf") ||
  fail "the example in config/systemd is not what install writes"
golden options ollama.service --emulate a100:4 --device 1,3 --set 'A=100% $x' --profile none
golden environment ollama.service --style environment
contains "$here/golden/environment.conf" "libvgpu-exec.so:/opt/vgpu/lib/vgpu/libvgpu-syscall.so:/opt/vgpu/lib/vgpu/libvgpu-cuda.so:/opt/vgpu/lib/vgpu/libvgpu-nvml.so:/opt/vgpu/lib/vgpu/libvgpu-cudart12.so"

# Prefixes, argv[0], several lines and several commands a line, specifiers, variables, names without a path.
cp "$tree/usr/local/bin/ollama" "$tree/usr/local/bin/with space"
cp "$tree/usr/local/bin/ollama" "$tree/usr/local/bin/pri\$ce"
unit many.service <<'UNIT'
[Service]
Type=oneshot
Environment=A=1
ExecStart=/gone
ExecStart=
ExecStart=-@/usr/local/bin/ollama "the name" %i $A ${A}x $$5 "a b" \
  c
ExecStart=:ollama $A '%%' ; +/usr/local/bin/ollama \; x
ExecStart="/usr/local/bin/with space" ""
ExecStart=/usr/local/bin/pri$ce
ExecStart=-/not/there
ExecStartPre=/bin/true
UNIT
golden many many.service
unit 'inst@.service' <<'UNIT'
[Service]
ExecStart=/usr/local/bin/ollama serve --name %i
UNIT
golden template inst@.service
ends 1 "$vgpuctl" systemd install "${at[@]}" inst@one # the template's drop-in counts for each instance
contains "$scratch/err" "behind vgpu-run already"
ends 0 "$vgpuctl" systemd remove --root "$tree" inst@
golden instance inst@one.service

# A drop-in of a later name that sets ExecStart= anew would undo ours: ours gets a name behind it.
mkdir -p "$tree/etc/systemd/system/late.service.d"
cp "$tree/usr/lib/systemd/system/ollama.service" "$tree/etc/systemd/system/late.service"
printf '[Service]\nExecStart=\nExecStart=/usr/local/bin/ollama late\n' >"$tree/etc/systemd/system/late.service.d/override.conf"
ends 0 "$vgpuctl" systemd install "${at[@]}" late
contains "$tree/etc/systemd/system/late.service.d/zz-vgpu-run.conf" "ExecStart=/opt/vgpu/bin/vgpu-run -- /usr/local/bin/ollama late"
ends 0 "$vgpuctl" systemd check "${at[@]}" late
ends 0 "$vgpuctl" systemd remove --root "$tree" late
[[ $(ls "$tree/etc/systemd/system/late.service.d") == override.conf ]] || fail "remove took what is not ours"

# remove leaves nothing, not even the directory, and may be said twice.
for unit in ollama.service many.service inst@one.service; do
  ends 0 "$vgpuctl" systemd remove --root "$tree" "$unit"
  [[ ! -e $tree/etc/systemd/system/$unit.d ]] || fail "$unit.d is left"
  ends 0 "$vgpuctl" systemd remove --root "$tree" "$unit"
  contains "$scratch/out" "nothing to remove"
done

# --dry-run writes nothing; --json is JSON.
ends 0 "$vgpuctl" systemd install "${at[@]}" ollama --dry-run
diff "$here/golden/ollama.conf" "$scratch/out"
[[ ! -e $tree/etc/systemd/system/ollama.service.d ]] || fail "--dry-run wrote"
ends 0 "$vgpuctl" systemd install "${at[@]}" ollama --json
[[ $(json 'd["unit"], d["style"], d["written"], d["path"]' <"$scratch/out") == "('ollama.service', 'wrap', True, '/etc/systemd/system/ollama.service.d/50-vgpu-run.conf')" ]] ||
  fail "JSON: $(cat "$scratch/out")"

# Refused, and nothing is written.
refused() {
  local status=$1 text=$2
  shift 2
  ends "$status" "$vgpuctl" systemd install "${at[@]}" "$@"
  contains "$scratch/err" "$text"
}
refused 1 "there is no such unit" nowhere
refused 125 "it is no service" ollama.socket
refused 125 "no unit can be called so" 'a/b'
ln -s /dev/null "$tree/etc/systemd/system/masked.service"
refused 1 "the unit is masked" masked
unit gone.service <<<$'[Service]\nExecStart=/usr/bin/gone serve'
refused 1 "there is no file /usr/bin/gone" gone
unit percent.service <<<$'[Service]\nExecStart=/usr/local/bin/ollama 100%2'
refused 1 "'%2' is no specifier" percent
unit open.service <<<$'[Service]\nExecStart=/usr/local/bin/ollama "open'
refused 1 "is never closed" open
unit done.service <<<$'[Service]\nExecStart=/opt/vgpu/bin/vgpu-run -- /usr/local/bin/ollama'
refused 1 "behind vgpu-run already" done
refused 1 "an environment cannot carry a mount namespace" ollama --style environment --scope namespace
refused 1 "a limit belongs to one start" ollama --style environment --memory 8GiB
unit hidden.service <<<$'[Service]\nExecStart=/usr/local/bin/ollama\nTemporaryFileSystem=/opt'
refused 1 "hidden-by-hardening" hidden
[[ ! -e $tree/etc/systemd/system/hidden.service.d ]] || fail "it was written all the same"
ends 0 "$vgpuctl" systemd install "${at[@]}" hidden --force
mkdir -p "$tree/etc/systemd/system/foreign.service.d"
cp "$tree/usr/lib/systemd/system/ollama.service" "$tree/etc/systemd/system/foreign.service"
echo '[Service]' >"$tree/etc/systemd/system/foreign.service.d/50-vgpu-run.conf"
refused 125 "it was not written by vgpuctl" foreign
ends 1 "$vgpuctl" systemd remove --root "$tree" foreign
ends 125 "$vgpuctl" systemd install --root "$scratch/nowhere" ollama
ends 125 "$vgpuctl" systemd install --root "$tree" --vgpu-run /no/such ollama
ends 125 "$vgpuctl" systemd instal ollama
contains "$scratch/err" "did you mean install?"
ends 125 "$vgpuctl" systemd

# A link in the tree leads nowhere outside it.
rm -rf "$tree/etc/systemd/system/ollama.service.d"
mkdir "$scratch/outside"
ln -s "$scratch/outside" "$tree/etc/systemd/system/ollama.service.d"
"$vgpuctl" systemd install "${at[@]}" ollama >/dev/null 2>&1 || true
[[ -z $(ls -A "$scratch/outside") ]] || fail "it wrote outside the tree"
