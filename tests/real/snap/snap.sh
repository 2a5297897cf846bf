#!/usr/bin/env bash
# snapd's own programs. A snap's command is a link to `snap`, into which the shims are loaded; what it starts for the snap is
# snap-confine, which is set-user-ID root: ld.so forgets LD_PRELOAD there, without a word. There is no snap to install without the
# store, so snap-confine is started as snap would start it.
source "$(dirname "$0")/../../ctl/doctor_common.sh"
snapd=$(fetched snapd) || exit
others_reach || exit 77
chmod 755 "$scratch"
mkdir -p "$scratch"/bin "$scratch"/libexec
cp "$snapd/usr/bin/snap" "$scratch/libexec/snap"
cp --preserve=mode "$snapd/usr/lib/snapd/snap-confine" "$scratch/libexec/snap-confine"
ln -s "$scratch/libexec/snap" "$scratch/bin/app"
[[ $(stat -c '%a %u' "$scratch/libexec/snap-confine") == "4755 0" ]] || fail "snap-confine is no set-user-ID program any more"

# A shim that says where it is.
cat >"$scratch/loud.c" <<'C'
#include <unistd.h>
__attribute__((constructor)) static void loud(void) {
  char path[256];
  const ssize_t length = readlink("/proc/self/exe", path, sizeof path);
  (void)!write(2, "loaded into ", 12);
  (void)!write(2, path, length > 0 ? (size_t)length : 0);
  (void)!write(2, "\n", 1);
}
C
$compiler -shared -fPIC -o "$scratch/loud.so" "$scratch/loud.c"
shim "$scratch/loud.so"
as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups env "XDG_CONFIG_HOME=/nonexistent" "HOME=$scratch")
"${as_nobody[@]}" "$vgpu_run" --manifest "$scratch/shim.json" -- "$scratch/libexec/snap" --help >"$scratch/out" 2>&1 || true
contains "$scratch/out" "loaded into $scratch/libexec/snap"

confine=("$scratch/libexec/snap-confine" --version)
LD_PRELOAD=$scratch/loud.so "${as_nobody[@]}" "${confine[@]}" >"$scratch/out" 2>&1 || absent "snap-confine does not start here: $(cat "$scratch/out")"
contains "$scratch/out" "snap-confine 2"
lacks "$scratch/out" "$scratch/libexec/snap-confine"
# It is the bit that does it.
chmod 755 "$scratch/libexec/snap-confine"
LD_PRELOAD=$scratch/loud.so "${as_nobody[@]}" "${confine[@]}" >"$scratch/out" 2>&1
contains "$scratch/out" "loaded into $scratch/libexec/snap-confine"
chmod 4755 "$scratch/libexec/snap-confine"

diagnosed 1 error:target-in-snap -- "$scratch/bin/app"
shows "$scratch/bin/app:None: a link to $scratch/libexec/snap"
diagnosed 1 error:target-in-snap -- "$scratch/libexec/snap" run app
healthy target-in-snap -- "$scratch/libexec/snap" list
doctor_names target-secure "${as_nobody[@]}" "$vgpuctl" doctor --json -- "$scratch/libexec/snap-confine"
