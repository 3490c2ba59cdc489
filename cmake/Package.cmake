# What `cmake --install` leaves for other projects: find_package(pullproof) gives them
# pullproof::mockregistry and, where GoogleTest is, pullproof::mockregistry_testkit.
# tests/package is such a project.
#
# Libraries that this build had to fetch are not installed, so there is no package then.
get_target_property(fmt_is_imported fmt::fmt IMPORTED)
get_target_property(toml_is_imported tomlplusplus::tomlplusplus IMPORTED)
get_target_property(httplib_is_imported httplib::httplib IMPORTED)
if(NOT (fmt_is_imported AND toml_is_imported AND httplib_is_imported))
  message(STATUS "No CMake package: some libraries were fetched")
  set(PULLPROOF_HAS_PACKAGE OFF)
  return()
endif()
set(PULLPROOF_HAS_PACKAGE ON)

include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/pullproof)

function(pullproof_install export)
  foreach(name IN LISTS ARGN)
    set_target_properties(pullproof_${name} PROPERTIES EXPORT_NAME ${name})
    install(TARGETS pullproof_${name} EXPORT ${export} COMPONENT pullproof_package
      ARCHIVE COMPONENT pullproof_package
      FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/pullproof COMPONENT pullproof_package)
  endforeach()
  install(EXPORT ${export} NAMESPACE pullproof:: DESTINATION ${package_dir}
    COMPONENT pullproof_package)
endfunction()

pullproof_install(pullproofTargets
  base oci mockregistry_content mockregistry_store mockregistry_api mockregistry_auth
  mockregistry_script mockregistry_journal mockregistry_wire mockregistry)
if(TARGET pullproof_mockregistry_testkit)
  pullproof_install(pullproofTestkitTargets mockregistry_testkit)
endif()

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/pullproofConfig.cmake.in
  ${PROJECT_BINARY_DIR}/pullproofConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/pullproofConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/pullproofConfig.cmake ${PROJECT_BINARY_DIR}/pullproofConfigVersion.cmake
  ${CMAKE_CURRENT_LIST_DIR}/Findhttplib.cmake
  DESTINATION ${package_dir} COMPONENT pullproof_package)
