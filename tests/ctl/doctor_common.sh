# shellcheck shell=bash
# Sourced by the tests of vgpuctl doctor. Each failure is made for real: what the dynamic linker or the kernel makes of it is
# asked first, then doctor.
[[ -n ${vgpuctl:-} ]] || source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
compiler=${CC:-cc}

# diagnosed STATUS ID OPTION... [-- COMMAND...]: doctor ends so and has that finding, which is in $scratch/finding as JSON; the
# text is in $scratch/out. SEVERITY ID where the severity matters: "error:ID".
diagnosed() {
  local status=$1 id=${2##*:} severity=${2%%:*}
  shift 2
  ends "$status" "$vgpuctl" doctor --json "$@"
  cp "$scratch/out" "$scratch/json"
  python3 - "$scratch/json" "$id" "$severity" >"$scratch/finding" <<'PY' || fail "no $severity $id:"$'\n'"$(cat "$scratch/json")"
import json, sys
found = [one for one in json.load(open(sys.argv[1]))["findings"] if one["id"] == sys.argv[2] and sys.argv[3] in (one["id"], one["severity"])]
print(json.dumps(found[:1]))
sys.exit(not found)
PY
  ends "$status" "$vgpuctl" doctor "$@"
  contains "$scratch/out" ": $id: "
  contains "$scratch/out" "see: vgpuctl doctor --explain $id"
}
# shows TEXT...: the finding's evidence has each of these.
shows() {
  local text
  for text; do
    [[ $(json '"\n".join("%s:%s: %s" % (e["file"], e["line"], e["value"]) for e in d[0]["evidence"])' <"$scratch/finding") == *"$text"* ]] ||
      fail "no '$text' in the evidence of $(cat "$scratch/finding")"
  done
}
# healthy ID OPTION... [-- COMMAND...]: doctor does not have that finding.
healthy() {
  local id=$1
  shift
  "$vgpuctl" doctor "$@" >"$scratch/out" 2>"$scratch/err" || true
  [[ -s $scratch/out ]] || fail "no answer: $(cat "$scratch/err")"
  lacks "$scratch/out" ": $id: "
}

# shim FILE [EXTRA]: a manifest with one shim, whose library is FILE.
shim() {
  cat >"$scratch/shim.json" <<JSON
{"version": 1, "shims": [{"name": "shim", "library": "$1" ${2:-}}], "profiles": [{"name": "default", "shims": ["shim"]}]}
JSON
}
library() { $compiler -shared -fPIC -x c - "$@"; }  # on stdin
program() { echo 'int main(void) { return 0; }' | $compiler -x c - "$@"; }

# in_private_files COMMAND...: in a mount namespace of its own, where files can be put over those of the machine.
in_private_files() {
  local unshare=(unshare --mount)
  ((EUID == 0)) || unshare+=(--map-root-user)
  "${unshare[@]}" "$@"
}
