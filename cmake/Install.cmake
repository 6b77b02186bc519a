# make install: the program with the shipped data (component `program`, which packages have), the libraries with their headers
# and CMake package (`development`).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

get_property(modules GLOBAL PROPERTY POCKETSTYLE_MODULES)
install(TARGETS pocketstyle RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
install(TARGETS ${modules} pocketstyle_torch EXPORT pocketstyleTargets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
install(DIRECTORY include/pocketstyle DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)
# As in the source tree, since the configurations name photos and styles relative to themselves.
install(DIRECTORY third_party configs models DESTINATION ${CMAKE_INSTALL_DATADIR}/pocketstyle COMPONENT program)
set(documents ${CMAKE_INSTALL_DATADIR}/doc/pocketstyle)
install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${documents} COMPONENT program)
install(DIRECTORY docs DESTINATION ${documents} COMPONENT program)
install(EXPORT pocketstyleTargets NAMESPACE pocketstyle::
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/pocketstyle COMPONENT development)
configure_package_config_file(cmake/pocketstyleConfig.cmake.in ${PROJECT_BINARY_DIR}/pocketstyleConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/pocketstyle)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/pocketstyleConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/pocketstyleConfig.cmake ${PROJECT_BINARY_DIR}/pocketstyleConfigVersion.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/pocketstyle COMPONENT development)
