#!/usr/bin/env bash
# vgpuctl systemd check: the seed's drop-in before its fix, every finding with its place, what is no finding, and --fix.
source "$(dirname "$0")/common.sh"
tree
check() { "$vgpuctl" systemd check "${at[@]}" "$@"; }
# finds STATUS ID UNIT: the check ends so, and names the fault; so does doctor about the machine, where the unit has to do with us.
finds() {
  ends "$1" check "$3"
  contains "$scratch/out" "$2: "
  if grep -rqs -e vgpu-run -e libvgpu- "$tree/etc/systemd/system/$3.service" "$tree/etc/systemd/system/$3.service.d"; then
    doctor_names "$2" "$vgpuctl" doctor --json "${at[@]}"
    [[ $(json 'd[0]["where"]' <"$scratch/finding") == "$3.service" ]] || fail "doctor says it of $(cat "$scratch/finding")"
  fi
}
# service NAME LINE...: a unit whose [Service] has these lines and a command behind vgpu-run.
service() {
  local name=$1
  shift
  { printf '[Service]\nExecStart=/opt/vgpu/bin/vgpu-run -- /usr/local/bin/ollama serve\n'; printf '%s\n' "$@"; } | unit "$name.service"
}

finds 1 not-on-a-virtual-gpu ollama
ends 0 "$vgpuctl" systemd install "${at[@]}" ollama
ends 0 check ollama
contains "$scratch/out" "runs: /opt/vgpu/bin/vgpu-run -- /usr/local/bin/ollama"
contains "$scratch/out" "holds: ollama.service starts with its shims"
ends 0 "$vgpuctl" systemd install "${at[@]}" ollama --style environment
ends 0 check ollama
ends 0 "$vgpuctl" systemd remove --root "$tree" ollama
ends 2 check nowhere

# The seed.
mkdir -p "$tree/etc/systemd/system/ollama.service.d"
seed=$tree/etc/systemd/system/ollama.service.d/vgpu.conf
cp "$here/seed/vgpu.conf" "$seed"
finds 1 no-service-section ollama
sed -i '1i[Service]' "$seed"
for id in preload-order preload-lacks-shim preload-file-missing environment-dollar exec-not-reset environment-unquoted; do finds 1 "$id" ollama; done
contains "$scratch/out" "nvml stands in front of cuda"
contains "$scratch/out" "the shim syscall is not in LD_PRELOAD"
contains "$scratch/out" "vgpu.conf:3"
ends 1 check --json ollama
[[ $(json 'd["verdict"], d["preload"]["computed"][1][-18:]' <"$scratch/out") == "('does not hold', 'libvgpu-syscall.so')" ]] || fail "$(cat "$scratch/out")"

# --fix prints it, --write writes it and keeps the old one; what comes out holds.
cp "$here/seed/vgpu.conf" "$seed"
ends 0 check --fix "/etc/systemd/system/ollama.service.d/vgpu.conf"
diff "$here/golden/seed_repaired.conf" "$scratch/out" || fail "not the golden repair"
cmp -s "$here/seed/vgpu.conf" "$seed" || fail "--fix alone wrote"
ends 0 check --fix --write "/etc/systemd/system/ollama.service.d/vgpu.conf"
diff "$here/golden/seed_repaired.conf" "$seed"
diff "$here/seed/vgpu.conf" "$seed.bak"
ends 0 check ollama
ends 0 check --fix --write ollama
contains "$scratch/out" "nothing to write"
# On its own, of a unit that is not known.
cp "$here/seed/vgpu.conf" "$scratch/tree/loose.conf"
ends 1 check /loose.conf
contains "$scratch/out" "no-service-section"
rm -r "$tree/etc/systemd/system/ollama.service.d"

# One fault each.
service a 'Environment=A=1 B' && finds 1 environment-unquoted a
service a 'Environment="A=1' && finds 1 environment-syntax a
service a 'Environment=A=\q' && finds 1 environment-syntax a
service a 'Environment=A=100%2' && finds 1 environment-percent a
service a 'Environment=LD_LIBRARY_PATH=/x:$LD_LIBRARY_PATH' && finds 1 environment-dollar a
service a 'Environment=LD_LIBRARY_PATH=/x' 'Environment=LD_LIBRARY_PATH=/y' && finds 1 environment-duplicate a
service a 'Environment=A=1' 'Environment=A=2' && finds 0 environment-duplicate a
service a 'nonsense' && finds 1 line-ignored a
service a '[Install]' 'Environment=A=1' && finds 1 no-service-section a
service a 'ExecStart=/usr/local/bin/ollama' && finds 1 exec-not-reset a
service a 'ExecStart=' 'ExecStart=/opt/vgpu/bin/vgpu-run ollama "x' && finds 1 exec-syntax a
service a 'ExecStart=' 'ExecStart=/opt/vgpu/bin/vgpu-run ollama 5%%%' && finds 1 exec-percent a
service a 'ExecStart=' 'ExecStart=/opt/vgpu/bin/vgpu-run ollama $nowhere' && finds 0 exec-variable-unset a
service a 'ExecStart=' 'ExecStart=LD_PRELOAD=/x /usr/local/bin/ollama' && finds 1 program-missing a
service a 'ExecStart=' 'ExecStart=/opt/vgpu/bin/vgpu-run --no-such /usr/local/bin/ollama' && finds 1 usage a
service a 'ExecStart=' 'ExecStart=/opt/vgpu/bin/vgpu-run /usr/local/bin/gone' && finds 1 target-missing a
service a 'TemporaryFileSystem=/opt' && finds 1 hidden-by-hardening a
service a 'InaccessiblePaths=-/opt/vgpu/lib' && finds 1 hidden-by-hardening a
service a 'RootDirectory=/srv' && finds 1 hidden-by-hardening a
service a 'RootImage=/srv/image.raw' && finds 1 hidden-by-hardening a
service a 'NoExecPaths=/' 'ExecPaths=/usr' && finds 1 hardening-noexec a
service a 'SystemCallFilter=~@file-system' && finds 1 hardening-system-calls a
chmod 700 "$tree/opt/vgpu/lib" && service a 'DynamicUser=yes' && finds 1 user-cannot-read a
service a 'User=ollama' && finds 1 user-cannot-read a
chmod 755 "$tree/opt/vgpu/lib"
service a && sed -i 's/vgpu-run --/vgpu-run --scope namespace --/' "$tree/etc/systemd/system/a.service"
echo 'RestrictNamespaces=yes' >>"$tree/etc/systemd/system/a.service" && finds 1 hardening-namespaces a
mkdir -p "$tree/home/u" && cp -r "$tree/opt/vgpu" "$tree/home/u/"
service a 'ProtectHome=yes' && sed -i 's|/opt/vgpu|/home/u/vgpu|' "$tree/etc/systemd/system/a.service" && finds 1 hidden-by-hardening a
sed -i 's/ProtectHome=yes/ProtectHome=read-only/' "$tree/etc/systemd/system/a.service" && ends 0 check a
service a 'EnvironmentFile=/etc/a.env' && echo 'LD_PRELOAD=/x.so' >"$tree/etc/a.env" && finds 0 environment-file-wins a
printf '[Service]\nExecStart=/usr/local/bin/ollama\nEnvironment=LD_PRELOAD=/opt/vgpu/lib/vgpu/libvgpu-exec.so\nUnsetEnvironment=LD_PRELOAD\n' | unit a.service
finds 1 environment-unset a
ln -s /dev/null "$tree/etc/systemd/system/m.service" && finds 1 unit-masked m

# A drop-in of ours whose unit is masked, is not there, or cannot be read.
for name in m gone shut; do
  mkdir "$tree/etc/systemd/system/$name.service.d"
  printf '[Service]\nExecStart=\nExecStart=/opt/vgpu/bin/vgpu-run -- /usr/local/bin/ollama\n' >"$tree/etc/systemd/system/$name.service.d/50-vgpu-run.conf"
done
finds 1 unit-masked m
finds 2 unit-missing gone
mkdir "$tree/etc/systemd/system/shut.service"
finds 2 unit-unreadable shut
rm -r "$tree"/etc/systemd/system/{m,gone,shut}.service*

# A service that is to have a slice and does not see the GPU.
mkdir -p "$tree/dev" "$tree/usr/lib/x86_64-linux-gnu"
: >"$tree/dev/nvidiactl"
cp "$build/tests/fake_driver/libcuda.so.1" "$tree/usr/lib/x86_64-linux-gnu/"
service a 'PrivateDevices=yes' && finds 0 hardening-devices a
rm "$tree/dev/nvidiactl" "$tree/usr/lib/x86_64-linux-gnu/libcuda.so.1"

# What keeps nothing from working is not mentioned, and the common hardening set holds.
service a NoNewPrivileges=yes AmbientCapabilities=CAP_NET_BIND_SERVICE ProtectSystem=strict ProtectHome=yes PrivateTmp=yes PrivateDevices=yes \
  MemoryDenyWriteExecute=yes SystemCallFilter=@system-service RestrictNamespaces=yes User=ollama
ends 0 check a
[[ $(wc -l <"$scratch/out") == 2 ]] || fail "it says more than it should:"$'\n'"$(cat "$scratch/out")"

ends 125 check
ends 125 check --write ollama
ends 125 check /no/such/file.conf
