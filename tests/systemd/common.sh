# shellcheck shell=bash
# Sourced by the tests of this folder. `tree` makes an offline tree with a unit in it and the build's vgpu-run beside it.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../common.sh"
vgpuctl=$build/bin/vgpuctl

# tree: $tree has the programs, manifests and shims of the build at /opt/vgpu, an `ollama` and ollama.service.
tree() {
  tree=$scratch/tree
  mkdir -p "$tree/opt/vgpu/bin" "$tree/usr/local/bin" "$tree/usr/lib/systemd/system" "$tree/etc/systemd/system" "$tree/lib64" "$tree/lib/x86_64-linux-gnu"
  cp "$build/bin/vgpu-run" "$tree/opt/vgpu/bin/"
  cp -r "$build/share" "$tree/opt/vgpu/"
  mkdir -p "$tree/opt/vgpu/lib"
  cp -r "$build/lib/vgpu" "$tree/opt/vgpu/lib/"
  cp -L /bin/true "$tree/usr/local/bin/ollama"
  local library
  for library in /lib64/ld-linux-x86-64.so.2 /lib/x86_64-linux-gnu/lib{c,m,dl,pthread,rt}.so.*; do
    [[ ! -e $library ]] || cp -L "$library" "$tree${library}"
  done
  cat >"$tree/usr/lib/systemd/system/ollama.service" <<'UNIT'
[Unit]
Description=Ollama Service
After=network-online.target

[Service]
ExecStart=/usr/local/bin/ollama serve
User=ollama
Group=ollama
Restart=always
RestartSec=3
Environment="PATH=/usr/local/bin:/usr/bin:/bin"

[Install]
WantedBy=default.target
UNIT
  printf 'root:x:0:0::/root:/bin/sh\nollama:x:998:998::/usr/share/ollama:/bin/false\n' >"$tree/etc/passwd"
  chmod -R go-w "$tree"
  chmod 755 "$scratch"
  at=(--root "$tree" --vgpu-run /opt/vgpu/bin/vgpu-run)
}

# unit NAME <text: a unit file of the administrator's in the tree.
unit() { cat >"$tree/etc/systemd/system/$1"; }
