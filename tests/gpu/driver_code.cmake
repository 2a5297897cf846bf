# Tests of libvgpu-cuda: look-up, modules, functions, launches, peers.
set(VGPU_DRIVER_LIST ${PROJECT_SOURCE_DIR}/shims/abi/libcuda.txt)
add_executable(driver_code_test driver_look_up_test.cpp driver_module_test.cpp ${PROJECT_SOURCE_DIR}/tests/unit/main.cpp)
target_compile_definitions(driver_code_test PRIVATE VGPU_CUDA_PATH="$<TARGET_FILE:libvgpu-cuda>"
  VGPU_LIBCUDA_LIST="${VGPU_DRIVER_LIST}" VGPU_SCRATCH="${CMAKE_CURRENT_BINARY_DIR}")
target_link_libraries(driver_code_test PRIVATE vgpu_warnings vgpu_default_wire doctest::doctest Threads::Threads ${CMAKE_DL_LIBS})
target_include_directories(driver_code_test PRIVATE ${PROJECT_SOURCE_DIR})
set_target_properties(driver_code_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
add_dependencies(driver_code_test libvgpu-cuda)
add_test(NAME gpu.driver_code COMMAND driver_code_test)
