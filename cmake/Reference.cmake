# The manual page and the shells' completions, which the program itself makes from its options.
include(GNUInstallDirs)
if(CMAKE_CROSSCOMPILING AND NOT CMAKE_CROSSCOMPILING_EMULATOR)
  return() # it cannot run here
endif()

set(reference ${PROJECT_BINARY_DIR}/reference)
file(MAKE_DIRECTORY ${reference})
set(shared ${CMAKE_INSTALL_DATADIR})
set(files "")
foreach(entry man:pocketstyle.1:${CMAKE_INSTALL_MANDIR}/man1 bash:pocketstyle:${shared}/bash-completion/completions
              zsh:_pocketstyle:${shared}/zsh/vendor-completions fish:pocketstyle.fish:${shared}/fish/vendor_completions.d)
  string(REPLACE ":" ";" entry ${entry})
  list(POP_FRONT entry kind name folder)
  set(file ${reference}/${name})
  add_custom_command(OUTPUT ${file} COMMAND pocketstyle generate ${kind} > ${file} DEPENDS pocketstyle VERBATIM)
  if(kind STREQUAL man) # Debian has its pages compressed
    add_custom_command(OUTPUT ${file}.gz COMMAND gzip -9 -n -k -f ${file} DEPENDS ${file} VERBATIM)
    string(APPEND file .gz)
  endif()
  list(APPEND files ${file})
  install(FILES ${file} DESTINATION ${folder} COMPONENT program)
endforeach()
add_custom_target(pocketstyle_reference ALL DEPENDS ${files})
