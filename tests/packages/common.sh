# shellcheck shell=bash
# Sourced by the tests of this folder. packages.made has made the packages.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../common.sh"
version=$(sed -n 's/^vgpu-run (\(.*\)) .*/\1/p;q' "$source_dir/packages/debian/changelog")
architecture=$(dpkg --print-architecture 2>/dev/null || echo none)
made=$build/packages
package=$made/vgpu-run_${version}_$architecture.deb
symbols=$made/vgpu-run-dbgsym_${version}_$architecture.deb
