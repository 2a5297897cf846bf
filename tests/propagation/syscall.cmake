# Tests of libvgpu-syscall: libc's syscall() and Go's own system calls.
set(programs ${PROJECT_BINARY_DIR}/tests/propagation)
foreach(name calls exec child sealed stub)
  add_executable(syscall_${name} syscall_${name}.c)
  target_link_libraries(syscall_${name} PRIVATE vgpu_warnings Threads::Threads)
  set_target_properties(syscall_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${programs} C_EXTENSIONS ON)
endforeach()
# Its assembler code calls: what stands below the stack pointer would be written over.
target_compile_options(syscall_stub PRIVATE -mno-red-zone)
# On either side of what the shim takes for too small to hold a runtime that it knows.
foreach(size small=400 large=600)
  string(REPLACE "=" ";" size ${size})
  list(POP_FRONT size name kibibytes)
  add_executable(syscall_${name} syscall_size.c)
  target_compile_definitions(syscall_${name} PRIVATE KIBIBYTES=${kibibytes})
  target_link_libraries(syscall_${name} PRIVATE vgpu_warnings)
  set_target_properties(syscall_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${programs})
endforeach()
add_library(syscall_early MODULE syscall_early.c)
target_link_libraries(syscall_early PRIVATE vgpu_warnings Threads::Threads)
set_target_properties(syscall_early PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${programs} C_EXTENSIONS ON)

foreach(case freestanding answers inherit off named small musl large execve execveat descriptor null environ vfork fork thread
             thread_vfork handler joined)
  add_test(NAME propagation.syscall_${case}
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/syscall.sh ${case} $<TARGET_FILE:libvgpu-syscall> ${programs})
  set_tests_properties(propagation.syscall_${case} PROPERTIES SKIP_RETURN_CODE 77)
endforeach()

# vgpu_add_spawn(NAME option...): one build of tests/propagation/go with the distribution's Go.
find_program(VGPU_GO go)
set(spawns "")
function(vgpu_add_spawn name)
  set(result ${programs}/spawn_${name})
  add_custom_command(OUTPUT ${result}
    COMMAND ${CMAKE_COMMAND} -E env CGO_ENABLED=1 GOPROXY=off GOTOOLCHAIN=local GOWORK=off CC=${CMAKE_C_COMPILER}
      ${VGPU_GO} build -buildvcs=false ${ARGN} -o ${result} .
    WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/go DEPENDS go/main.go go/execveat.go go/go.mod
    COMMENT "Building spawn_${name} with ${VGPU_GO}" VERBATIM)
  set(spawns ${spawns} ${result} PARENT_SCOPE)
endfunction()

if(VGPU_GO)
  vgpu_add_spawn(pie -buildmode=pie -trimpath)
  vgpu_add_spawn(pie_stripped -buildmode=pie -trimpath "-ldflags=-s -w")
  vgpu_add_spawn(exe)
  vgpu_add_spawn(exe_stripped "-ldflags=-s -w")
  vgpu_add_spawn(internal -ldflags=-linkmode=internal)
  vgpu_add_spawn(external -trimpath -ldflags=-linkmode=external)
  add_custom_target(spawns ALL DEPENDS ${spawns})
  foreach(case ways failures storm mixed killed found_by function_table doubt hostile sealed threads breakpoint inherit)
    add_test(NAME propagation.go_${case}
      COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/go.sh ${case} $<TARGET_FILE:libvgpu-syscall> ${programs} ${spawns})
    set_tests_properties(propagation.go_${case} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300)
  endforeach()
endif()

# As a user runs it: vgpu-run, and a manifest of one's own.
if(TARGET vgpu-run AND TARGET vgpu-probe)
  foreach(case manifest libc go)
    add_test(NAME propagation.run_${case} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/syscall_run.sh ${case} ${PROJECT_BINARY_DIR} ${programs})
    set_tests_properties(propagation.run_${case} PROPERTIES SKIP_RETURN_CODE 77)
  endforeach()
endif()

# A newer Go, fetched when the test runs.
foreach(case ways storm doubt)
  add_test(NAME propagation.go124_${case}
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/go_newer.sh ${case} $<TARGET_FILE:libvgpu-syscall> ${programs} go1.24
      "-buildmode=pie -trimpath" "-buildmode=pie -trimpath -ldflags=-s,-w" "-trimpath" "-trimpath -ldflags=-s,-w"
      "-trimpath -ldflags=-linkmode=internal")
  # One after another: they share a cache of compiled packages that the first one fills.
  set_tests_properties(propagation.go124_${case} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 600 RESOURCE_LOCK go124)
endforeach()
