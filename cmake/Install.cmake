# make install: the binary, the libraries with their headers and CMake package, and the shipped data.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

get_property(modules GLOBAL PROPERTY POCKETSTYLE_MODULES)
install(TARGETS pocketstyle RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS ${modules} pocketstyle_torch EXPORT pocketstyleTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/pocketstyle DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
# As in the source tree, since the configurations name photos and styles relative to themselves.
install(DIRECTORY third_party configs models DESTINATION ${CMAKE_INSTALL_DATADIR}/pocketstyle)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/pocketstyle)
install(EXPORT pocketstyleTargets NAMESPACE pocketstyle::
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/pocketstyle)
configure_package_config_file(cmake/pocketstyleConfig.cmake.in ${PROJECT_BINARY_DIR}/pocketstyleConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/pocketstyle)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/pocketstyleConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/pocketstyleConfig.cmake ${PROJECT_BINARY_DIR}/pocketstyleConfigVersion.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/pocketstyle)
