# lib/vgpu/either: the shims under a path that programs of both classes resolve, each to something that it can load.
#
# /etc/ld.so.preload of scope "namespace" counts for 32-bit programs, too, and their ld.so would complain about each 64-bit
# library there. It replaces $LIB in a path by its own directory's name: "lib/x86_64-linux-gnu" and "lib/i386-linux-gnu"
# (Debian; "lib32" with libc6-i386), "lib64" and "lib" (others); ld.so(8), dynamic string tokens. So "either/$LIB/NAME" is
# the shim itself or, for a 32-bit program, its 32-bit build or a library with nothing in it.
set(either ${VGPU_SHIM_OUTPUT}/either)
file(MAKE_DIRECTORY ${either}/lib ${either}/lib32)
execute_process(COMMAND ${CMAKE_C_COMPILER} -m32 -shared -nostdlib -Wl,--build-id=none -s -x assembler /dev/null
  -o ${either}/lib32/nothing.so RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
if(failed)
  message(STATUS "no 32-bit assembler or linker: ld.so will complain in 32-bit programs of scope namespace")
  file(REMOVE_RECURSE ${either})
  return()
endif()
file(CREATE_LINK .. ${either}/lib64 SYMBOLIC)
file(CREATE_LINK ../.. ${either}/lib/x86_64-linux-gnu SYMBOLIC)
file(CREATE_LINK ../lib32 ${either}/lib/i386-linux-gnu SYMBOLIC)
get_property(shims GLOBAL PROPERTY VGPU_SHIMS)
foreach(shim IN LISTS shims)
  set(twin nothing.so)
  if(TARGET ${shim}32)
    set(twin ../../32/${shim}.so)
  endif()
  file(CREATE_LINK ${twin} ${either}/lib32/${shim}.so SYMBOLIC)
  file(CREATE_LINK ../lib32/${shim}.so ${either}/lib/${shim}.so SYMBOLIC)
endforeach()
install(DIRECTORY ${either} DESTINATION ${VGPU_LIB_DIR} USE_SOURCE_PERMISSIONS)
