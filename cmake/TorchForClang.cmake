# LibTorch 1.13's headers for Clang, which refuses them as C++20 with libstdc++ 12: two inline functions of one header need
# c10::IValue before it is complete. A copy comes first in which one is a template and the other does not index the vector.
function(pocketstyle_replace_once text old new)
  string(FIND "${${text}}" "${old}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "${POCKETSTYLE_TORCH_LIST}: does not have '${old}', which cmake/TorchForClang.cmake replaces")
  endif()
  string(REPLACE "${old}" "${new}" replaced "${${text}}")
  set(${text} "${replaced}" PARENT_SCOPE)
endfunction()

find_file(POCKETSTYLE_TORCH_LIST ATen/core/List.h HINTS ${TORCH_INCLUDE_DIRS} REQUIRED)
mark_as_advanced(POCKETSTYLE_TORCH_LIST)
file(READ ${POCKETSTYLE_TORCH_LIST} header)
pocketstyle_replace_once(header "explicit ListImpl(list_type list_," "template <class L = list_type> explicit ListImpl(L list_,")
pocketstyle_replace_once(header "return &list.impl_->list[0];" "return list.impl_->list.data();")
set(folder ${PROJECT_BINARY_DIR}/torch_for_clang)
file(WRITE ${folder}/List.h "${header}")
file(MAKE_DIRECTORY ${folder}/include/ATen/core)
file(COPY_FILE ${folder}/List.h ${folder}/include/ATen/core/List.h ONLY_IF_DIFFERENT) # configuring again must not compile again
target_include_directories(pocketstyle_torch SYSTEM BEFORE INTERFACE $<BUILD_INTERFACE:${folder}/include>)
