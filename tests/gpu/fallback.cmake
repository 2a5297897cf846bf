# Tests of the stand-ins for cuBLAS, for each major.
foreach(major 12 13)
  add_executable(fallback${major} fallback.c)
  target_link_libraries(fallback${major} PRIVATE vgpu_warnings)
  # By path: the versions recorded in the program are the libraries', as for one that the real cuBLAS linked.
  target_link_options(fallback${major} PRIVATE -Wl,--no-as-needed $<TARGET_FILE:vgpu-fallback-libcublas${major}>
    $<TARGET_FILE:vgpu-fallback-libcublasLt${major}>)
  add_dependencies(fallback${major} vgpu-fallback-libcublas${major} vgpu-fallback-libcublasLt${major})
  # Found through LD_LIBRARY_PATH alone, as vgpu-run sets it.
  set_target_properties(fallback${major} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests
    SKIP_BUILD_RPATH TRUE)
  add_test(NAME gpu.fallback${major} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/fallback.sh
    ${PROJECT_BINARY_DIR}/${VGPU_LIB_DIR}/fallback/${major} $<TARGET_FILE:fallback${major}>)
endforeach()
