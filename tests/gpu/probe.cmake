# Tests of vgpu-probe.
vgpu_add_unit_test(probe_verdict_test probe_verdict_test.cpp LIBRARIES vgpu_probe)

add_library(probe_liar MODULE probe_liar.c)
set_target_properties(probe_liar PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/gpu)

foreach(case without_shims with_shims json crash_is_one_door disagreement usage)
  add_test(NAME gpu.probe_${case} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/probe.sh ${case} $<TARGET_FILE:vgpu-probe>
    ${PROJECT_BINARY_DIR}/${VGPU_LIB_DIR} $<TARGET_FILE:probe_liar>)
  set_tests_properties(gpu.probe_${case} PROPERTIES SKIP_RETURN_CODE 77)
endforeach()
