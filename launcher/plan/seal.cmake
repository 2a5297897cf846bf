# vgpu_seal: what the build knows about its own files: the shims (launcher/plan/seal.h) and the default manifest
# (launcher/plan/manifest_image.h). Included behind shims/, whose
# libraries vgpu_add_shim lists in the global property VGPU_SHIMS.
get_property(vgpu_shims GLOBAL PROPERTY VGPU_SHIMS)
set(vgpu_shim_files "")
foreach(shim IN LISTS vgpu_shims)
  list(APPEND vgpu_shim_files $<TARGET_FILE:${shim}>)
endforeach()
set(vgpu_seal_source ${PROJECT_BINARY_DIR}/generated/launcher/plan/seal.cpp)
add_custom_command(OUTPUT ${vgpu_seal_source}
  COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/generated/launcher/plan
  COMMAND vgpu_seal_embed ${vgpu_seal_source} ${vgpu_shim_files}
  DEPENDS vgpu_seal_embed ${vgpu_shims} ${vgpu_shim_files}
  VERBATIM COMMENT "sealing the facts of the shims")
set(vgpu_manifest_source ${PROJECT_BINARY_DIR}/generated/launcher/plan/own_manifest.cpp)
add_custom_command(OUTPUT ${vgpu_manifest_source}
  COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/generated/launcher/plan
  COMMAND vgpu_manifest_embed ${PROJECT_BINARY_DIR}/${VGPU_SHARE_DIR}/manifest.json ${vgpu_manifest_source}
  DEPENDS vgpu_manifest_embed ${PROJECT_BINARY_DIR}/${VGPU_SHARE_DIR}/manifest.json
  VERBATIM COMMENT "sealing the default manifest")
add_library(vgpu_seal STATIC ${vgpu_seal_source} ${vgpu_manifest_source})
target_link_libraries(vgpu_seal PRIVATE vgpu_host Boost::headers)
