# For each rule a small library built wrong on purpose: the gate must refuse it, for that reason.

# vgpu_small_library(NAME [DEFINE name] [MAP file] [SONAME name] [LINK option...])
function(vgpu_small_library name)
  cmake_parse_arguments(arg "" "DEFINE;MAP;SONAME" "LINK" ${ARGN})
  if(NOT arg_MAP)
    set(arg_MAP broken.map)
  endif()
  if(NOT arg_SONAME)
    set(arg_SONAME libsmall.so.1)
  endif()
  add_library(gate_${name} MODULE broken.c)
  target_link_libraries(gate_${name} PRIVATE vgpu_warnings)
  target_compile_options(gate_${name} PRIVATE -fvisibility=hidden -O1)
  if(arg_DEFINE)
    target_compile_definitions(gate_${name} PRIVATE ${arg_DEFINE})
  endif()
  target_link_options(gate_${name} PRIVATE -nostartfiles -Wl,--as-needed -Wl,-soname,${arg_SONAME}
    -Wl,--version-script,${CMAKE_CURRENT_SOURCE_DIR}/${arg_MAP} ${arg_LINK})
  set_target_properties(gate_${name} PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/gates)
endfunction()

set(vgpu_small_rules --soname libsmall.so.1 ${VGPU_GATE_LIBC})

# vgpu_rejected(NAME COMPLAINT ...as above): against the rules for shims that need libc
function(vgpu_rejected name complaint)
  vgpu_small_library(${name} ${ARGN})
  add_test(NAME gates.rejects_${name} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/rejects.sh ${complaint}
    $<TARGET_FILE:abi_tool> gate $<TARGET_FILE:gate_${name}> ${vgpu_small_rules})
endfunction()

# vgpu_unlisted(NAME COMPLAINT ...as above): against the export list
function(vgpu_unlisted name complaint)
  vgpu_small_library(${name} ${ARGN})
  add_test(NAME gates.rejects_${name} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/rejects.sh ${complaint}
    $<TARGET_FILE:abi_tool> check $<TARGET_FILE:gate_${name}> ${CMAKE_CURRENT_SOURCE_DIR}/broken.txt)
endfunction()

# What keeps the rules passes, or the rest would prove nothing.
vgpu_small_library(good)
add_test(NAME gates.accepts_good_rules COMMAND abi_tool gate $<TARGET_FILE:gate_good> ${vgpu_small_rules})
add_test(NAME gates.accepts_good_exports COMMAND abi_tool check $<TARGET_FILE:gate_good> ${CMAKE_CURRENT_SOURCE_DIR}/broken.txt)

vgpu_rejected(soname "SONAME is 'libother.so.1', not 'libsmall.so.1'" SONAME libother.so.1)
vgpu_rejected(needed "DT_NEEDED libm.so.6" DEFINE BREAK_NEEDED LINK -Wl,--no-as-needed -lm)
vgpu_rejected(glibc "needs dlsym@GLIBC_2.34" DEFINE BREAK_GLIBC)
vgpu_rejected(moved "needs dlsym of libc.so.6, which older ones do not have" DEFINE BREAK_MOVED)
vgpu_rejected(undefined "undefined symbol without a version: nobody_has_this" DEFINE BREAK_UNDEFINED LINK -Wl,-z,undefs)
vgpu_rejected(constructor "has 1 constructors instead of 0" DEFINE BREAK_CONSTRUCTOR)
vgpu_rejected(destructor "has 1 destructors" DEFINE BREAK_DESTRUCTOR)
vgpu_rejected(textrel "has text relocations" DEFINE BREAK_TEXTREL LINK -Wl,-z,notext)
# Newer linkers warn of what this one is there for.
include(CheckLinkerFlag)
check_linker_flag(C -Wl,--no-warn-rwx-segments VGPU_LINKER_WARNS_RWX)
vgpu_rejected(writable_code "has a segment that is writable and executable" DEFINE BREAK_WRITABLE_CODE
  LINK $<$<BOOL:${VGPU_LINKER_WARNS_RWX}>:-Wl,--no-warn-rwx-segments>)
vgpu_rejected(executable_stack "asks for an executable stack" LINK -Wl,-z,execstack)
vgpu_rejected(runpath "has a run path: /somewhere" LINK -Wl,-rpath,/somewhere)
vgpu_rejected(rpath "has a run path: /somewhere" LINK -Wl,-rpath,/somewhere -Wl,--disable-new-dtags)

vgpu_unlisted(visible "not_in_the_list@@GATE_1 is visible and not in the list" DEFINE BREAK_VISIBLE)
vgpu_unlisted(missing "answer@@GATE_1 is missing" DEFINE BREAK_MISSING)
vgpu_unlisted(node "answer@@GATE_1 stands under 'GATE_2' instead" MAP broken_node.map)
vgpu_unlisted(kind "variable@@GATE_1 is a function instead of a variable" DEFINE BREAK_KIND)

# Freestanding shims need not even libc.
vgpu_small_library(freestanding DEFINE BREAK_FREESTANDING)
foreach(complaint "DT_NEEDED libc.so.6" "needs getpid@GLIBC_2.2.5")
  string(REGEX MATCH "libc|getpid" name ${complaint})
  add_test(NAME gates.rejects_freestanding_with_${name} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/rejects.sh ${complaint}
    $<TARGET_FILE:abi_tool> gate $<TARGET_FILE:gate_freestanding> --soname libsmall.so.1)
endforeach()
