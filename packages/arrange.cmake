# Run by cpack between installing and packing: the installed tree as Debian wants it, or with a README for the tarball.
cmake_minimum_required(VERSION 3.25)

function(gzip)
  foreach(file IN LISTS ARGN)
    execute_process(COMMAND gzip -9n ${file} COMMAND_ERROR_IS_FATAL ANY)
  endforeach()
endfunction()

# Units, container files, manifests of Kubernetes, a job of Slurm.
function(copy_examples directory)
  file(MAKE_DIRECTORY ${directory})
  foreach(folder systemd container kubernetes slurm)
    file(COPY ${CPACK_VGPU_SOURCE}/config/${folder} DESTINATION ${directory})
  endforeach()
endfunction()

set(source ${CPACK_VGPU_SOURCE})
set(top ${CPACK_TEMPORARY_DIRECTORY})
if(NOT CPACK_GENERATOR STREQUAL "DEB")
  file(COPY ${source}/README.md ${source}/LICENSE ${source}/docs DESTINATION ${top})
  copy_examples(${top}/examples)
  return()
endif()

set(usr ${top}/vgpu-run/usr)
set(triplet ${CPACK_VGPU_TRIPLET})

# The shims where Debian has libraries of this machine. The manifest, which says ../../lib/vgpu in every tree, finds them by a
# link: another manifest would be another one than vgpu-run has built in, and would have to be parsed at every launch.
file(MAKE_DIRECTORY ${usr}/lib/${triplet})
file(RENAME ${usr}/lib/vgpu ${usr}/lib/${triplet}/vgpu)
file(CREATE_LINK ${triplet}/vgpu ${usr}/lib/vgpu SYMBOLIC)

file(RENAME ${usr}/share/zsh/site-functions ${usr}/share/zsh/vendor-completions)
file(GLOB pages ${usr}/share/man/man*/*)
gzip(${pages})

set(doc ${usr}/share/doc/vgpu-run)
file(MAKE_DIRECTORY ${doc})
file(COPY ${source}/packages/debian/copyright ${source}/packages/debian/changelog ${source}/README.md ${source}/docs
  DESTINATION ${doc})
gzip(${doc}/changelog)
copy_examples(${doc}/examples)
file(MAKE_DIRECTORY ${usr}/share/lintian/overrides)
configure_file(${source}/packages/debian/lintian-overrides ${usr}/share/lintian/overrides/vgpu-run COPYONLY)

# Debuggers look for the symbols of a file under its build ID.
set(symbols ${top}/debug-symbols/usr)
file(GLOB files ${symbols}/lib/debug/*.debug)
foreach(file IN LISTS files)
  execute_process(COMMAND readelf -n ${file} OUTPUT_VARIABLE notes ERROR_QUIET)  # that there is no code in it
  if(NOT notes MATCHES "Build ID: ([0-9a-f][0-9a-f])([0-9a-f]+)")
    message(FATAL_ERROR "${file} has no build ID")
  endif()
  file(MAKE_DIRECTORY ${symbols}/lib/debug/.build-id/${CMAKE_MATCH_1})
  file(RENAME ${file} ${symbols}/lib/debug/.build-id/${CMAKE_MATCH_1}/${CMAKE_MATCH_2}.debug)
endforeach()
file(MAKE_DIRECTORY ${symbols}/share/doc)
file(CREATE_LINK vgpu-run ${symbols}/share/doc/vgpu-run-dbgsym SYMBOLIC)
