# Tests of libvgpu-cuda: streams, events and memory.
set(tests driver_copy_test.cpp driver_default_stream_test.cpp driver_memory_test.cpp driver_stream_test.cpp ${PROJECT_SOURCE_DIR}/tests/unit/main.cpp)
list(TRANSFORM tests PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/ REGEX "^driver_")
add_executable(driver_memory_test ${tests})
target_compile_definitions(driver_memory_test PRIVATE VGPU_CUDA_PATH="$<TARGET_FILE:libvgpu-cuda>"
  VGPU_LIBCUDA_LIST="${PROJECT_SOURCE_DIR}/shims/abi/libcuda.txt")
target_link_libraries(driver_memory_test PRIVATE vgpu_warnings vgpu_default_wire doctest::doctest Threads::Threads ${CMAKE_DL_LIBS})
target_include_directories(driver_memory_test PRIVATE ${PROJECT_SOURCE_DIR})
set_target_properties(driver_memory_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
add_dependencies(driver_memory_test libvgpu-cuda vgpu_default_wire_header)
add_test(NAME gpu.driver_memory COMMAND driver_memory_test)
add_test(NAME gpu.driver_stays_loaded COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/driver_stays_loaded.py $<TARGET_FILE:libvgpu-cuda>)

add_executable(driver_behaviour driver_behaviour.cpp driver_behaviour_memory.cpp driver_behaviour_pools.cpp)
target_link_libraries(driver_behaviour PRIVATE vgpu_warnings Threads::Threads ${CMAKE_DL_LIBS})
target_include_directories(driver_behaviour PRIVATE ${PROJECT_SOURCE_DIR})
set_target_properties(driver_behaviour PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
add_dependencies(driver_behaviour libvgpu-cuda)
add_test(NAME gpu.driver_behaviour COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/driver_behaviour.sh $<TARGET_FILE:driver_behaviour>
  $<TARGET_FILE:libvgpu-cuda> ${CMAKE_CURRENT_SOURCE_DIR}/driver_behaviour.expected)

# The same tests with the driver's sources inside the program, so that the sanitizers of the preset see them.
if(VGPU_SANITIZE)
  get_target_property(sources libvgpu-cuda SOURCES)
  list(TRANSFORM sources PREPEND ${PROJECT_SOURCE_DIR}/shims/cuda/ REGEX "^[a-z_]+\\.cpp$")
  add_executable(driver_memory_host_test ${tests} ${sources} ${VGPU_DEVICE_SOURCES}
    ${PROJECT_SOURCE_DIR}/shims/device/description.cpp ${PROJECT_SOURCE_DIR}/shims/device/log.cpp)
  target_compile_definitions(driver_memory_host_test PRIVATE VGPU_CUDA_PATH=nullptr
    VGPU_LIBCUDA_LIST="${PROJECT_SOURCE_DIR}/shims/abi/libcuda.txt")
  target_include_directories(driver_memory_host_test PRIVATE ${PROJECT_BINARY_DIR})
  target_link_libraries(driver_memory_host_test PRIVATE vgpu_host vgpu_session_host vgpu_default_wire doctest::doctest
    Threads::Threads ${CMAKE_DL_LIBS})
  add_dependencies(driver_memory_host_test libvgpu-cuda vgpu_default_wire_header)
  set_target_properties(driver_memory_host_test PROPERTIES ENABLE_EXPORTS TRUE
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  add_test(NAME gpu.driver_memory_host COMMAND driver_memory_host_test)
endif()

# The toolkit's header, if it is of the version that types.h and enums.h are written after.
find_path(VGPU_CUDA_HEADER cuda.h PATHS /usr/local/cuda/include NO_DEFAULT_PATH)
if(VGPU_CUDA_HEADER)
  file(STRINGS ${VGPU_CUDA_HEADER}/cuda.h version REGEX "define CUDA_VERSION 13")
  if(version)
    add_library(driver_header OBJECT driver_header.cpp)
    target_include_directories(driver_header PRIVATE ${PROJECT_SOURCE_DIR})
    target_include_directories(driver_header SYSTEM PRIVATE ${VGPU_CUDA_HEADER})
  endif()
endif()
