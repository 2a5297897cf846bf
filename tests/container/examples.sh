#!/usr/bin/env bash
# The examples of config/container and config/kubernetes: the Dockerfile builds an image that works, and what the others name is
# what `vgpuctl cdi generate` calls it and where it puts it.
source "$(dirname "$0")/common.sh"
containers
examples=$source_dir/config

# The context is an installed tree. The layers of a build are made by podman, which needs no RUN for a COPY.
mkdir -p /run/test/tree/bin /run/test/tree/lib
cp "$build/bin/vgpu-run" /run/test/tree/bin/
cp -r "$build/lib/vgpu" /run/test/tree/lib/
cp -r "$build/share" /run/test/tree/
chmod -R go-w /run/test/tree
glibc_root /run/test/root
image base /run/test/root
podman build --quiet --isolation chroot --file "$examples/container/Dockerfile" --build-arg BASE=localhost/base --tag built /run/test/tree >"$scratch/out" 2>&1 ||
  fail "build: $(cat "$scratch/out")"
ends 0 podman run --rm built vgpu-probe
contains "$scratch/out" "agree: 1 device"
ends 0 podman run --rm -e VGPU_RUN_EMULATE=a100:2 built vgpu-probe
contains "$scratch/out" "agree: 2 devices, NVIDIA A100"
ends 0 podman run --rm built
contains "$scratch/out" "LD_PRELOAD=/usr/lib/vgpu/libvgpu-exec.so:"

python3 -c 'import yaml' 2>/dev/null || skip "python3-yaml"
generate --emulate a100:4
python3 - "$examples" /run/cdi/vgpu.json <<'PY' || fail "the examples"
import json, pathlib, re, sys
import yaml
examples, spec = pathlib.Path(sys.argv[1]), json.load(open(sys.argv[2]))
known = {f"{spec['kind']}={device['name']}" for device in spec["devices"]}
places = {mount["containerPath"] for mount in spec["containerEdits"]["mounts"]}
launcher = ["/usr/bin/vgpu-run", "--"]

compose = yaml.safe_load((examples / "container/compose.yaml").read_text())
for name, service in compose["services"].items():
    assert set(service["devices"]) <= known, (name, service)
    assert service.get("entrypoint", launcher) == launcher and ("entrypoint" in service) != ("vgpu.dev/gpu=preload" in service["devices"])

(pod,) = yaml.safe_load_all((examples / "kubernetes/annotation.yaml").read_text())
for key, value in pod["metadata"]["annotations"].items():
    container = re.fullmatch(r"cdi-devices\.noderesource\.dev/container\.(.+)", key).group(1)
    assert set(yaml.safe_load(value)) <= known, value
    (one,) = [c for c in pod["spec"]["containers"] if c["name"] == container]
    assert one["command"] == launcher

plugin, pod = yaml.safe_load_all((examples / "kubernetes/generic-device-plugin.yaml").read_text())
(argument,) = [a for a in plugin["spec"]["template"]["spec"]["containers"][0]["args"] if a.startswith("--device=")]
device = json.loads(argument.removeprefix("--device="))
(one,) = pod["spec"]["containers"]
assert list(one["resources"]["limits"]) == [f"vgpu.dev/{device['name']}"]
assert {m["mountPath"] for m in one["volumeMounts"]} == places and all(m["readOnly"] for m in one["volumeMounts"])
assert {m["name"] for m in one["volumeMounts"]} == {v["name"] for v in pod["spec"]["volumes"]}
PY
