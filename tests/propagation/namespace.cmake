# Scope "namespace".
foreach(name reaches_everything leaves_the_host keeps_the_process refused)
  add_test(NAME propagation.namespace_${name} COMMAND ${CMAKE_CURRENT_LIST_DIR}/namespace_${name}.sh)
  set_tests_properties(propagation.namespace_${name} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300 ENVIRONMENT VGPU_BUILD=${PROJECT_BINARY_DIR})
endforeach()
