# A module is a folder, a library, a namespace and a layer: src/<name>, pocketstyle_<name>, pocketstyle::<name>.
#
#   pocketstyle_add_module(NAME nn SOURCES a.cpp b.cpp DEPS core config [PRIVATE lib ...] [TORCH | PRECOMPILE <header> ...])
#
# DEPS are modules below this one, PRIVATE are outside libraries that no header of the module shows.
# TORCH: the module uses LibTorch; it then shares one precompiled header, since torch/torch.h takes 25 s a file.
# PRECOMPILE: outside headers that most of its files read, in a precompiled header of its own.
function(pocketstyle_add_module)
  cmake_parse_arguments(ARG "TORCH" "NAME" "SOURCES;DEPS;PRIVATE;PRECOMPILE" ${ARGN})
  set(target pocketstyle_${ARG_NAME})
  add_library(${target} STATIC ${ARG_SOURCES})
  add_library(pocketstyle::${ARG_NAME} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${ARG_NAME})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>)
  foreach(dep IN LISTS ARG_DEPS)
    target_link_libraries(${target} PUBLIC pocketstyle_${dep})
  endforeach()
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:pocketstyle_warnings> ${ARG_PRIVATE})
  if(ARG_TORCH)
    target_link_libraries(${target} PUBLIC pocketstyle_torch)
    pocketstyle_use_torch_pch(${target})
  elseif(ARG_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE ${ARG_PRECOMPILE})
  endif()
  if(POCKETSTYLE_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
  endif()
  set_property(GLOBAL APPEND PROPERTY POCKETSTYLE_MODULES ${target})
endfunction()

# The one precompiled header with LibTorch in it. Whatever reuses it must be compiled with the same options.
function(pocketstyle_use_torch_pch target)
  if(NOT TARGET pocketstyle_pch)
    # Written only when it changes: configuring again must not compile again.
    file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/pch.cpp
      CONTENT "// Holds the precompiled header that the torch modules share.\n")
    add_library(pocketstyle_pch STATIC ${PROJECT_BINARY_DIR}/pch.cpp)
    target_link_libraries(pocketstyle_pch PRIVATE pocketstyle_torch pocketstyle_warnings spdlog::spdlog)
    target_precompile_headers(pocketstyle_pch PRIVATE <torch/torch.h>)
  endif()
  target_precompile_headers(${target} REUSE_FROM pocketstyle_pch)
endfunction()

#   pocketstyle_add_test(NAME nn SOURCES a_test.cpp DEPS nn [TORCH]): one Catch2 binary per module, one CTest entry.
function(pocketstyle_add_test)
  cmake_parse_arguments(ARG "TORCH" "NAME" "SOURCES;DEPS" ${ARGN})
  set(target ${ARG_NAME}_test)
  add_executable(${target} ${ARG_SOURCES})
  target_link_libraries(${target} PRIVATE pocketstyle_test_support pocketstyle_warnings)
  foreach(dep IN LISTS ARG_DEPS)
    target_link_libraries(${target} PRIVATE pocketstyle_${dep})
  endforeach()
  target_compile_definitions(${target} PRIVATE POCKETSTYLE_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data")
  if(ARG_TORCH)
    target_link_libraries(${target} PRIVATE pocketstyle_torch)
    pocketstyle_use_torch_pch(${target})
  endif()
  if(POCKETSTYLE_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 4)
  endif()
  add_test(NAME ${ARG_NAME} COMMAND ${target} --order rand --rng-seed 1 --warn NoAssertions)
  set_tests_properties(${ARG_NAME} PROPERTIES TIMEOUT ${POCKETSTYLE_TEST_TIMEOUT_S})
endfunction()
