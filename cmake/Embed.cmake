# Text files put into a program, as C++ string constants.
#
#   pocketstyle_embed(TARGET t NAMESPACE a::b HEADER dir/assets.h NAMES kOne kTwo FILES one.css two.js)
#
# HEADER declares the constants: extern const char* const kOne;
function(pocketstyle_embed)
  cmake_parse_arguments(ARG "" "TARGET;NAMESPACE;HEADER" "NAMES;FILES" ${ARGN})
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${ARG_TARGET}_assets.cpp)
  list(TRANSFORM ARG_FILES PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} "-DOUTPUT=${output}" "-DNAMESPACE=${ARG_NAMESPACE}" "-DHEADER=${ARG_HEADER}"
            "-DNAMES=${ARG_NAMES}" "-DFILES=${ARG_FILES}" -P ${PROJECT_SOURCE_DIR}/cmake/embed_text.cmake
    DEPENDS ${ARG_FILES} ${PROJECT_SOURCE_DIR}/cmake/embed_text.cmake
    VERBATIM)
  target_sources(${ARG_TARGET} PRIVATE ${output})
endfunction()
