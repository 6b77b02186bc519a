# How our own code is compiled; nothing of this reaches whoever links the libraries.
add_library(pocketstyle_warnings INTERFACE)
target_compile_options(pocketstyle_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow=local -Wnon-virtual-dtor -Wold-style-cast -Wcast-qual -Woverloaded-virtual)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC collects its garbage early, for machines with little memory. Later, three files compiled in 3 to 7% less time, with 0.1 to 0.3 GB more.
  target_compile_options(pocketstyle_warnings INTERFACE --param=ggc-min-heapsize=2000000)
  # False alarms of GCC 12 inside the standard library once it is inlined.
  target_compile_options(pocketstyle_warnings INTERFACE -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow)
  if(POCKETSTYLE_UNITY)  # the files of a unity build are included, and GCC takes them for headers
    target_compile_options(pocketstyle_warnings INTERFACE -Wno-subobject-linkage)
  endif()
endif()
if(POCKETSTYLE_WERROR)
  target_compile_options(pocketstyle_warnings INTERFACE -Werror)
endif()

if(POCKETSTYLE_SANITIZE)
  add_compile_options(-fsanitize=${POCKETSTYLE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=${POCKETSTYLE_SANITIZE})
endif()
