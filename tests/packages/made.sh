#!/usr/bin/env bash
# cpack makes three packages, from what is built and without building anything.
source "$(dirname "$0")/common.sh"
for tool in cpack dpkg-deb dpkg-shlibdeps; do command -v "$tool" >/dev/null || skip "no $tool"; done
rm -f "$made"/*.deb "$made"/*.tar.gz
(cd "$build" && flock packages cpack) >"$scratch/log" 2>&1 || fail "cpack: $(tail -n 20 "$scratch/log")"
! grep -qi 'building\|linking' "$scratch/log" || fail "it built: $(cat "$scratch/log")"
tarball=$(echo "$made"/vgpu-run-"$version"-linux-*.tar.gz)
for file in "$package" "$symbols" "$tarball"; do [[ -s $file ]] || fail "not made: $file"; done

# The programs' libraries are the package's dependencies, the versions those of this machine's libraries.
dpkg-deb -f "$package" >"$scratch/control"
for library in libc6 libstdc++6 libgcc-s1; do grep -q "^Depends:.*$library (>= " "$scratch/control" || fail "$(cat "$scratch/control")"; done
[[ $(dpkg-deb -f "$package" Version) == "$version" && $(dpkg-deb -f "$symbols" Depends) == "vgpu-run (= $version)" ]] || fail "$(cat "$scratch/control")"
[[ "vgpu-run $version" == "$("$vgpu_run" --version)" ]] || fail "version $version of the package, and $("$vgpu_run" --version)"

# The shims stand where Debian has this machine's libraries, each found by name.
triplet=$(dpkg-architecture -q DEB_HOST_MULTIARCH)
dpkg-deb -c "$package" >"$scratch/files"
for file in bin/vgpu-run lib/"$triplet"/vgpu/libvgpu-exec.so lib/"$triplet"/vgpu/link/libcuda.so.1 share/man/man1/vgpu-run.1.gz \
  share/man/man5/vgpu-run-manifest.5.gz share/bash-completion/completions/vgpuctl share/zsh/vendor-completions/_vgpu-run \
  share/fish/vendor_completions.d/vgpuctl.fish share/pkgconfig/vgpu-run.pc share/doc/vgpu-run/copyright share/doc/vgpu-run/changelog.gz; do
  contains "$scratch/files" "./usr/$file"
done
! grep -v ' root/root ' "$scratch/files" || fail "not root's"

# Symbols for every program and library of ours, under its build ID, and with the lines of the source.
dpkg-deb -x "$package" "$scratch/package"
dpkg-deb -x "$symbols" "$scratch/symbols"
while read -r file; do
  id=$(readelf -n "$file" 2>/dev/null | sed -n 's/^ *Build ID: //p')
  debug=$scratch/symbols/usr/lib/debug/.build-id/${id:0:2}/${id:2}.debug
  [[ -n $id && -e $debug ]] || fail "no symbols of $file ($id)"
  readelf -S "$debug" >"$scratch/sections" 2>/dev/null
  contains "$scratch/sections" .debug_line
  readelf -S "$file" >"$scratch/sections"
  lacks "$scratch/sections" .symtab
  lacks "$scratch/sections" .debug_
done < <(find "$scratch/package/usr/bin" "$scratch/package/usr/lib" -type f ! -name nothing.so)  # there is nothing in that
! grep -rqaF -e "$source_dir" "$scratch/package" || fail "a path of this machine is in the package: $(grep -rlaF -e "$source_dir" "$scratch/package")"
