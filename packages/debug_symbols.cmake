# Debug symbols of what is installed, apart from it: built with -g, split off right behind the link, so that the file in the
# build tree is the one that is sealed (launcher/plan/seal.h), tested, installed and packaged. The symbols are found by build ID.

# For launcher/ and shims/. The paths in it say nothing about where it was built.
set(VGPU_DEBUG_SYMBOLS $<$<CONFIG:Release>:-g> $<$<CONFIG:Release>:-ffile-prefix-map=${PROJECT_SOURCE_DIR}=.>)

# GNU binutils, also with clang: llvm-objcopy 14 refuses a static program (its .rela.plt names no symbol table).
find_program(VGPU_OBJCOPY objcopy REQUIRED)
find_program(VGPU_STRIP strip REQUIRED)

# vgpu_split_debug_symbols(TARGET...): TARGET.debug in the build tree's debug/, for the component debug-symbols. In the target's
# own folder, behind its POST_BUILD commands that need symbols.
function(vgpu_split_debug_symbols)
  if(NOT CMAKE_BUILD_TYPE STREQUAL "Release" OR VGPU_SANITIZE)
    return()  # these keep theirs
  endif()
  file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/debug)
  foreach(target IN LISTS ARGN)
    set(symbols ${PROJECT_BINARY_DIR}/debug/${target}.debug)
    target_link_options(${target} PRIVATE -Wl,--build-id)
    add_custom_command(TARGET ${target} POST_BUILD
      COMMAND ${VGPU_OBJCOPY} --only-keep-debug --compress-debug-sections $<TARGET_FILE:${target}> ${symbols}
      COMMAND ${VGPU_STRIP} --remove-section=.comment $<TARGET_FILE:${target}> VERBATIM)
    install(FILES ${symbols} DESTINATION lib/debug COMPONENT debug-symbols EXCLUDE_FROM_ALL)
  endforeach()
endfunction()
