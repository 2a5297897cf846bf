# Tests of libvgpu-cuda: streams, events and memory.
add_executable(driver_behaviour driver_behaviour.cpp)
target_link_libraries(driver_behaviour PRIVATE vgpu_warnings Threads::Threads ${CMAKE_DL_LIBS})
target_include_directories(driver_behaviour PRIVATE ${PROJECT_SOURCE_DIR})
set_target_properties(driver_behaviour PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
add_dependencies(driver_behaviour libvgpu-cuda)
