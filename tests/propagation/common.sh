# For the tests of this folder: programs, a scratch directory, and the environment that a launch would set.
# $1: directory of the built shims, $2: directory of the programs.
shims=$1 programs=$2
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
export LC_ALL=C
failures=0
fail() { echo "FAILED: $*"; failures=$((failures + 1)); }
finish() { [ "$failures" = 0 ] && exit 0; echo "$failures failures"; exit 1; }

exec_shim=$shims/libvgpu-exec.so
cp "$programs/libown.so" "$scratch/libown.so" || exit 2
export OWN_PRELOAD=$scratch/libown.so

# with_shims VARIABLE=VALUE... COMMAND
with_shims() {
  env VGPU_PRELOAD="$exec_shim" VGPU_LIBRARY_PATH="$shims/link" VGPU_LIBRARY_PATH_LAST=/usr/lib/last \
    LD_PRELOAD="$exec_shim" LD_LIBRARY_PATH="$shims/link:/usr/lib/last" "$@"
}
