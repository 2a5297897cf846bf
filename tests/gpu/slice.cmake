# The shims of a slice in front of the fake driver of tests/programs/fake_driver, each test in a process of its own.
add_executable(slice_test slice_fork_test.cpp slice_forward_test.cpp slice_init_test.cpp slice_pool_test.cpp slice_quota_test.cpp slice_session_test.cpp ${PROJECT_SOURCE_DIR}/tests/unit/main.cpp)
target_compile_definitions(slice_test PRIVATE VGPU_ABI_LISTS="${VGPU_ABI_LISTS}"
  VGPU_SLICE_CUDA="$<TARGET_FILE:libvgpu-cuda-slice>" VGPU_SLICE_NVML="$<TARGET_FILE:libvgpu-nvml-slice>"
  VGPU_FAKE_CUDA="$<TARGET_FILE:fake_cuda>" VGPU_FAKE_NVML="$<TARGET_FILE:fake_nvml>")
target_link_libraries(slice_test PRIVATE vgpu_session_host vgpu_host doctest::doctest Threads::Threads ${CMAKE_DL_LIBS})
set_target_properties(slice_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
add_dependencies(slice_test libvgpu-cuda-slice libvgpu-nvml-slice fake_cuda fake_nvml)

set(slice_real "VGPU_REAL_CUDA=$<TARGET_FILE:fake_cuda>;VGPU_REAL_NVML=$<TARGET_FILE:fake_nvml>")
function(slice_add_test name suite)
  add_test(NAME gpu.slice_${name} COMMAND slice_test --test-suite=${suite})
  set_tests_properties(gpu.slice_${name} PROPERTIES ENVIRONMENT "${slice_real};${ARGN}" FAIL_REGULAR_EXPRESSION "test cases: +0 ")
endfunction()
slice_add_test(forwards forward)
slice_add_test(forwards_under_a_quota forward "VGPU_MEMORY=8589934592")
slice_add_test(quota quota "VGPU_MEMORY=1073741824")
# Without NVML the quota is the same.
slice_add_test(quota_without_nvml quota "VGPU_MEMORY=1073741824;VGPU_REAL_NVML=")
slice_add_test(pools pools "VGPU_MEMORY=1073741824")
slice_add_test(quota_of_an_old_driver old "VGPU_MEMORY=1073741824;FAKE_OLD=1;FAKE_PITCH=4096")
slice_add_test(session session "FAKE_DEVICES=2")
slice_add_test(fork fork)
slice_add_test(init init)
slice_add_test(unreachable unreachable "VGPU_MEMORY=1073741824")
slice_add_test(instances instances)
slice_add_test(no_quota free)
add_test(NAME gpu.slice_doors COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/slice_doors.sh)
set_tests_properties(gpu.slice_doors PROPERTIES ENVIRONMENT "VGPU_BUILD=${PROJECT_BINARY_DIR}")

# Through the shims, by many processes, with kill -9: for a moment here, for minutes in ./dev stress.
add_executable(slice_storm slice_storm.cpp)
target_compile_definitions(slice_storm PRIVATE VGPU_SLICE_CUDA="$<TARGET_FILE:libvgpu-cuda-slice>" VGPU_FAKE_CUDA="$<TARGET_FILE:fake_cuda>")
target_link_libraries(slice_storm PRIVATE vgpu_session_host vgpu_host ${CMAKE_DL_LIBS})
set_target_properties(slice_storm PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
add_dependencies(slice_storm libvgpu-cuda-slice fake_cuda)
add_test(NAME gpu.slice_storm COMMAND slice_storm 2)
add_test(NAME gpu.slice_storm_with_room COMMAND slice_storm 2 room)
