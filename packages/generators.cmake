# What differs between the packages: read by cpack once for each generator.
if(CPACK_GENERATOR STREQUAL "DEB")
  set(CPACK_COMPONENTS_ALL vgpu-run debug-symbols)
  set(CPACK_PACKAGING_INSTALL_PREFIX /usr)

  # Of which packages the libraries come. Not of the helpers of vgpu-probe: what they want is our own shims, by the names of
  # NVIDIA's libraries, and cpack's CPACK_DEBIAN_PACKAGE_SHLIBDEPS would ask for them, too.
  set(scratch ${CPACK_VGPU_BUILD}/packages/shlibdeps)
  file(WRITE ${scratch}/debian/control "Source: vgpu-run\n\nPackage: vgpu-run\nArchitecture: any\n")
  file(GLOB files ${CPACK_VGPU_BUILD}/bin/vgpuctl ${CPACK_VGPU_BUILD}/bin/vgpu-probe ${CPACK_VGPU_BUILD}/lib/vgpu/*.so
    ${CPACK_VGPU_BUILD}/lib/vgpu/fallback/*/*.so.*)
  execute_process(COMMAND dpkg-shlibdeps -O ${files} WORKING_DIRECTORY ${scratch} OUTPUT_VARIABLE found ERROR_VARIABLE said)
  if(NOT found MATCHES "shlibs:Depends=([^\n]+)")
    message(FATAL_ERROR "dpkg-shlibdeps says ${found}${said}")
  endif()
  set(CPACK_DEBIAN_VGPU-RUN_PACKAGE_DEPENDS "${CMAKE_MATCH_1}")
else()
  set(CPACK_COMPONENTS_ALL vgpu-run)
  set(CPACK_PACKAGING_INSTALL_PREFIX /)
  set(CPACK_PACKAGE_FILE_NAME ${CPACK_PACKAGE_NAME}-${CPACK_PACKAGE_VERSION}-linux-${CPACK_VGPU_TRIPLET})
  string(REGEX REPLACE "-linux-gnu$" "" CPACK_PACKAGE_FILE_NAME "${CPACK_PACKAGE_FILE_NAME}")
endif()
