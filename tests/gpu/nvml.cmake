# Tests of libvgpu-nvml, with 1, 4 and 16 devices.
add_executable(nvml_test nvml_agreement_test.cpp nvml_behaviour_test.cpp ${PROJECT_SOURCE_DIR}/tests/unit/main.cpp)
target_compile_definitions(nvml_test PRIVATE VGPU_CUDA_PATH="$<TARGET_FILE:libvgpu-cuda>"
  VGPU_NVML_PATH="$<TARGET_FILE:libvgpu-nvml>" VGPU_CONFIG_DIR="${PROJECT_SOURCE_DIR}/config")
target_link_libraries(nvml_test PRIVATE vgpu_host vgpu_plan vgpu_os doctest::doctest Threads::Threads ${CMAKE_DL_LIBS})
set_target_properties(nvml_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
add_dependencies(nvml_test libvgpu-cuda libvgpu-nvml)
foreach(devices h100 a100:4 t4:16 h100,rtx4090)
  string(REGEX REPLACE "[^a-z0-9]" "_" name ${devices})
  add_test(NAME gpu.nvml_${name} COMMAND nvml_test)
  set_tests_properties(gpu.nvml_${name} PROPERTIES ENVIRONMENT "NVML_TEST_DEVICES=${devices}")
endforeach()
# Under a limit NVML and the driver both tell the limit.
add_test(NAME gpu.nvml_limited COMMAND nvml_test)
set_tests_properties(gpu.nvml_limited PROPERTIES ENVIRONMENT "NVML_TEST_DEVICES=l4:2;VGPU_MEMORY=1073741824")

# The toolkit's header, where there is one.
find_path(VGPU_NVML_HEADER nvml.h PATHS /usr/local/cuda/include NO_DEFAULT_PATH)
if(VGPU_NVML_HEADER)
  add_library(nvml_header OBJECT nvml_header.cpp)
  target_include_directories(nvml_header PRIVATE ${PROJECT_SOURCE_DIR})
  target_include_directories(nvml_header SYSTEM PRIVATE ${VGPU_NVML_HEADER})
endif()
