#!/usr/bin/env bash
# A real flatpak, with a runtime and an application made here and installed from a repository of our own: what vgpu-run in front of
# `flatpak run` does, that doctor names it, and that each fix of the page target-in-flatpak works.
source "$(dirname "$0")/../../ctl/doctor_common.sh"
for tool in flatpak bwrap; do command -v $tool >/dev/null || skip "there is no $tool"; done
bwrap --ro-bind / / --proc /proc --dev /dev --unshare-all true 2>"$scratch/err" || absent "bubblewrap makes no sandbox here: $(cat "$scratch/err")"

# Nothing of the user's, and the tree outside of /tmp, which a sandbox has one of its own of.
export HOME=$scratch/home XDG_DATA_HOME=$scratch/data XDG_RUNTIME_DIR=$scratch/run FLATPAK_USER_DIR=$scratch/flatpak XDG_DATA_DIRS=/usr/share
mkdir -p "$HOME" "$XDG_DATA_HOME"
mkdir -m 700 "$XDG_RUNTIME_DIR"
id=org.example.Probe
usr=$scratch/runtime/usr
mkdir -p "$scratch/runtime/files" "$usr/bin" "$scratch/app/files/bin" "$scratch/app/export"
install "$(readlink -f /bin/sh)" "$usr/bin/sh"
install "$(command -v env)" "$usr/bin/env"
ldd "$usr/bin/sh" "$usr/bin/env" "$vgpu_probe" | grep -o '/[^ ]*\.so[^ ]*' | sort -u | while read -r library; do
  install -D "$(readlink -f "$library")" "$usr/${library#/usr/}"
done
printf '[Runtime]\nname=org.example.Platform\nruntime=org.example.Platform/%s/1\nsdk=org.example.Platform/%s/1\n' x86_64 x86_64 >"$scratch/runtime/metadata"
printf '[Application]\nname=%s\nruntime=org.example.Platform/x86_64/1\nsdk=org.example.Platform/x86_64/1\ncommand=probe\n' $id >"$scratch/app/metadata"
install "$vgpu_probe" "$scratch/app/files/bin/probe"
{
  flatpak build-export --runtime "$scratch/repository" "$scratch/runtime" 1
  flatpak build-export "$scratch/repository" "$scratch/app" stable
  flatpak --user remote-add --no-gpg-verify local "$scratch/repository"
  flatpak --user install -y --noninteractive local $id
} >"$scratch/out" 2>&1 || fail "$(cat "$scratch/out")"
exported=$scratch/flatpak/exports/bin/$id
contains "$exported" "flatpak run"

# finds COMMAND...: the probe in the sandbox has its device; misses: it has none.
finds() {
  ends 0 "$@"
  contains "$scratch/out" "agree: 1 device, NVIDIA A100"
}
misses() {
  ends 1 "$@"
  contains "$scratch/out" "no GPU: "
}
launch=("$vgpu_run" --emulate a100)

# flatpak drops LD_PRELOAD and puts its own LD_LIBRARY_PATH in place, other variables stay.
LD_PRELOAD=/no/such.so LD_LIBRARY_PATH=/nowhere VGPU_TEST=1 flatpak run --command=env $id >"$scratch/out" 2>/dev/null
lacks "$scratch/out" LD_PRELOAD
contains "$scratch/out" LD_LIBRARY_PATH=/app/lib
contains "$scratch/out" VGPU_TEST=1
misses flatpak run $id

# libvgpu-exec carries LD_PRELOAD through flatpak and bubblewrap all the same; the files are what is not there.
misses "${launch[@]}" -- flatpak run $id
contains "$scratch/err" "object '$build/lib/vgpu/libvgpu-exec.so' from LD_PRELOAD cannot be preloaded (cannot open shared object file)"
diagnosed 1 error:target-in-flatpak "${launch[@]:1}" -- flatpak run $id
shows "command line:None: flatpak run $id"
contains "$scratch/out" "fix: flatpak run --filesystem=$build/lib/vgpu:ro"
misses "${launch[@]}" -- "$exported"
diagnosed 1 error:target-in-flatpak "${launch[@]:1}" -- "$exported"
shows "$exported:2: exec "

# The fixes. The directory of the shims, for one run or for good:
finds "${launch[@]}" -- flatpak run --filesystem="$build/lib/vgpu:ro" $id
healthy target-in-flatpak "${launch[@]:1}" -- flatpak run --filesystem="$build/lib/vgpu:ro" $id
misses "${launch[@]}" --scope inherit -- flatpak run --filesystem="$build/lib/vgpu:ro" $id
diagnosed 1 error:target-in-flatpak "${launch[@]:1}" --scope inherit -- flatpak run --filesystem="$build/lib/vgpu:ro" $id
flatpak override --user --filesystem="$build/lib/vgpu:ro" $id
finds "${launch[@]}" -- "$exported"
healthy target-in-flatpak "${launch[@]:1}" -- "$exported"
flatpak override --user --reset $id
misses "${launch[@]}" -- "$exported"
# vgpu-run within the sandbox:
finds flatpak run --filesystem="$build:ro" --command="$vgpu_run" $id --emulate a100 -- probe
# A quota: the session's file is outside of the sandbox, unless that is where vgpu-run is.
ends 0 flatpak run --filesystem="$build:ro" --command="$vgpu_run" $id --emulate a100 --memory 1GiB -- probe
contains "$scratch/out" "agree: 1 device, NVIDIA A100-SXM4-80GB, 1.0 GiB, "
"${launch[@]}" --memory 1GiB -- flatpak run --filesystem="$build/lib/vgpu:ro" $id >"$scratch/out" 2>"$scratch/err" || true
contains "$scratch/err" "libvgpu-cuda: no device: the session $XDG_RUNTIME_DIR/vgpu-session-"
# A tree below /usr, which flatpak does not share under its name.
if in_private_files mount -t tmpfs none /usr/local/src 2>/dev/null; then
  # shellcheck disable=SC2016
  below_usr() {
    in_private_files sh -ec 'mount -t tmpfs none /usr/local/src; mkdir -p /usr/local/src/bin /usr/local/src/lib
      cp "$1/bin/vgpu-run" /usr/local/src/bin/; cp -r "$1/lib/vgpu" /usr/local/src/lib/; cp -r "$1/share" /usr/local/src/; shift; exec "$@"' sh "$build" "$@"
  }
  misses below_usr /usr/local/src/bin/vgpu-run -- flatpak run --filesystem=/usr/local/src:ro $id
  contains "$scratch/err" 'Path "/usr" is reserved by Flatpak'
  finds below_usr flatpak run --filesystem=host-os:ro --command=/run/host/usr/local/src/bin/vgpu-run $id --emulate a100 -- probe
fi
healthy target-in-flatpak -- flatpak list
