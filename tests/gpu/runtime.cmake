# Tests of libvgpu-cudart, for each major.
function(vgpu_add_runtime_tests major)
  set(shim libvgpu-cudart${major})

  # The same tests for both majors: every case says what differs.
  set(target runtime${major}_test)
  add_executable(${target} runtime_device_test.cpp runtime_kernel_test.cpp runtime_memory_test.cpp
    runtime_stream_test.cpp ${PROJECT_SOURCE_DIR}/tests/unit/main.cpp)
  target_compile_definitions(${target} PRIVATE VGPU_CUDART_MAJOR=${major}
    VGPU_CUDA_PATH="$<TARGET_FILE:libvgpu-cuda>" VGPU_CUDART_PATH="$<TARGET_FILE:${shim}>")
  target_link_libraries(${target} PRIVATE vgpu_warnings doctest::doctest Threads::Threads ${CMAKE_DL_LIBS})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  add_dependencies(${target} ${shim} libvgpu-cuda)
  add_test(NAME gpu.runtime${major} COMMAND ${target})

  foreach(program runtime_behaviour runtime_registration)
    add_executable(${program}${major} ${program}.cpp)
    target_compile_definitions(${program}${major} PRIVATE VGPU_CUDART_MAJOR=${major})
    target_link_libraries(${program}${major} PRIVATE vgpu_warnings Threads::Threads ${CMAKE_DL_LIBS})
    target_include_directories(${program}${major} PRIVATE ${PROJECT_SOURCE_DIR})
    set_target_properties(${program}${major} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
    add_dependencies(${program}${major} ${shim} libvgpu-cuda)
  endforeach()
  target_sources(runtime_behaviour${major} PRIVATE runtime_behaviour_memory.cpp)
  add_test(NAME gpu.runtime${major}_registration COMMAND runtime_registration${major} $<TARGET_FILE:${shim}>)
  add_test(NAME gpu.runtime${major}_behaviour
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/runtime_behaviour.sh $<TARGET_FILE:runtime_behaviour${major}>
            $<TARGET_FILE:libvgpu-cuda> $<TARGET_FILE:${shim}> ${CMAKE_CURRENT_SOURCE_DIR}/runtime_behaviour.expected)
endfunction()

vgpu_add_runtime_tests(12)
vgpu_add_runtime_tests(13)

add_executable(runtime_both runtime_both.cpp)
target_link_libraries(runtime_both PRIVATE vgpu_warnings Threads::Threads ${CMAKE_DL_LIBS})
set_target_properties(runtime_both PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
foreach(case silent eager eager_without_driver both)
  add_test(NAME gpu.runtime_preload_${case} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/runtime_preload.sh ${case}
    ${PROJECT_BINARY_DIR}/${VGPU_LIB_DIR} $<TARGET_FILE:runtime_both>)
  set_tests_properties(gpu.runtime_preload_${case} PROPERTIES SKIP_RETURN_CODE 77)
endforeach()

# The toolkit's header, of whatever major it is.
find_path(VGPU_CUDART_HEADER cuda_runtime_api.h PATHS /usr/local/cuda/include NO_DEFAULT_PATH)
if(VGPU_CUDART_HEADER)
  file(STRINGS ${VGPU_CUDART_HEADER}/cuda_runtime_api.h version REGEX "define CUDART_VERSION")
  string(REGEX MATCH "[0-9]+" version "${version}")
  math(EXPR major "${version} / 1000")
  if(major EQUAL 12 OR major EQUAL 13)
    add_library(runtime_header OBJECT runtime_header.cpp)
    target_compile_definitions(runtime_header PRIVATE VGPU_CUDART_MAJOR=${major})
    target_include_directories(runtime_header PRIVATE ${PROJECT_SOURCE_DIR})
    target_include_directories(runtime_header SYSTEM PRIVATE ${VGPU_CUDART_HEADER})
  endif()
endif()
