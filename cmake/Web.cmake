# The web app: web/ built by npm and esbuild into build/.../web, where the server finds it, and installed with it.
# Without Node.js everything else is built all the same.
set(oldest_node 18) # Debian 12's
option(POCKETSTYLE_WEB "Build the web app (fetches npm packages once)" ON)
find_program(POCKETSTYLE_NODE node)
find_program(POCKETSTYLE_NPM npm)
mark_as_advanced(POCKETSTYLE_NODE POCKETSTYLE_NPM)
set(node_version none)
if(POCKETSTYLE_NODE AND POCKETSTYLE_NPM)
  execute_process(COMMAND ${POCKETSTYLE_NODE} --version OUTPUT_VARIABLE node_version OUTPUT_STRIP_TRAILING_WHITESPACE)
  string(REGEX REPLACE "^v" "" node_version "${node_version}")
endif()
if(NOT POCKETSTYLE_WEB)
  message(STATUS "Web app: off (POCKETSTYLE_WEB)")
  return()
elseif(node_version VERSION_LESS oldest_node)
  message(WARNING "Web app: not built; it needs Node.js ${oldest_node} or newer with npm, found ${node_version}")
  return()
endif()
message(STATUS "Web app: on, Node.js ${node_version}")

set(web ${PROJECT_SOURCE_DIR}/web)
file(GLOB_RECURSE web_sources CONFIGURE_DEPENDS ${web}/src/* ${web}/static/*)
# npm writes this file at the end of an installation.
add_custom_command(OUTPUT ${web}/node_modules/.package-lock.json
  COMMAND ${POCKETSTYLE_NPM} ci --silent --no-audit --no-fund
  COMMAND ${CMAKE_COMMAND} -E touch ${web}/node_modules/.package-lock.json
  WORKING_DIRECTORY ${web}
  DEPENDS ${web}/package.json ${web}/package-lock.json ${web}/.npmrc
  COMMENT "Fetching the web app's packages" VERBATIM)
add_custom_command(OUTPUT ${PROJECT_BINARY_DIR}/web/index.html
  COMMAND ${POCKETSTYLE_NPM} run --silent build -- ${PROJECT_BINARY_DIR}/web
  WORKING_DIRECTORY ${web}
  DEPENDS ${web_sources} ${web}/build.mjs ${web}/tsconfig.json ${web}/tsconfig.sw.json ${web}/node_modules/.package-lock.json
  COMMENT "Building the web app" VERBATIM)
add_custom_target(pocketstyle_web ALL DEPENDS ${PROJECT_BINARY_DIR}/web/index.html)

include(GNUInstallDirs)
install(DIRECTORY ${PROJECT_BINARY_DIR}/web DESTINATION ${CMAKE_INSTALL_DATADIR}/pocketstyle COMPONENT program)
