# Tests of libvgpu-cuda: look-up, modules, functions, launches, peers.
set(VGPU_DRIVER_LIST ${PROJECT_SOURCE_DIR}/shims/abi/libcuda.txt)
add_executable(driver_code_test driver_context_test.cpp driver_function_test.cpp driver_look_up_test.cpp
  driver_module_test.cpp ${PROJECT_SOURCE_DIR}/tests/unit/main.cpp)
target_compile_definitions(driver_code_test PRIVATE VGPU_CUDA_PATH="$<TARGET_FILE:libvgpu-cuda>"
  VGPU_LIBCUDA_LIST="${VGPU_DRIVER_LIST}" VGPU_ENTRY_POINTS="${CMAKE_CURRENT_SOURCE_DIR}/driver_entry_points.expected"
  VGPU_SCRATCH="${CMAKE_CURRENT_BINARY_DIR}")
target_link_libraries(driver_code_test PRIVATE vgpu_warnings vgpu_default_wire doctest::doctest Threads::Threads ${CMAKE_DL_LIBS})
target_include_directories(driver_code_test PRIVATE ${PROJECT_SOURCE_DIR})
set_target_properties(driver_code_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
add_dependencies(driver_code_test libvgpu-cuda)
add_test(NAME gpu.driver_code COMMAND driver_code_test)

# Runs anywhere: no libstdc++, nothing newer than glibc 2.17. The expected answers are a real driver's.
add_executable(driver_code_behaviour driver_code_behaviour.cpp driver_code_modules.cpp driver_code_functions.cpp old_start.cpp)
target_compile_definitions(driver_code_behaviour PRIVATE VGPU_OLD_GLIBC)
target_compile_options(driver_code_behaviour PRIVATE -fno-exceptions -fno-rtti -fno-threadsafe-statics -U_FORTIFY_SOURCE)
target_link_libraries(driver_code_behaviour PRIVATE vgpu_warnings)
# libdl.so.2 by its file: ld's own script for -ldl is empty since glibc 2.34.
target_link_options(driver_code_behaviour PRIVATE -nostartfiles -Wl,--push-state,--no-as-needed -l:libdl.so.2 -Wl,--pop-state)
target_include_directories(driver_code_behaviour PRIVATE ${PROJECT_SOURCE_DIR})
set_target_properties(driver_code_behaviour PROPERTIES LINKER_LANGUAGE C RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
add_dependencies(driver_code_behaviour libvgpu-cuda)
if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/driver_code_behaviour.expected)
  add_test(NAME gpu.driver_code_behaviour COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/driver_code_behaviour.sh $<TARGET_FILE:driver_code_behaviour>
    $<TARGET_FILE:libvgpu-cuda> ${CMAKE_CURRENT_SOURCE_DIR}/driver_code_behaviour.expected)
endif()
