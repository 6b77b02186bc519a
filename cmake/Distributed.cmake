# Training in several processes needs c10d in LibTorch, with Gloo, and with NCCL for GPUs. Sets POCKETSTYLE_GLOO and
# POCKETSTYLE_NCCL; without Gloo everything is built all the same, and trains in one process.
include(CheckCXXSourceCompiles)

function(pocketstyle_find_backend result class header)
  find_path(${result}_INCLUDE_DIR ${header} HINTS ${TORCH_INCLUDE_DIRS})
  find_path(${result}_C10D_DIR torch/csrc/distributed/c10d/${class}.hpp HINTS ${TORCH_INCLUDE_DIRS})
  mark_as_advanced(${result}_INCLUDE_DIR ${result}_C10D_DIR)
  if(${result}_INCLUDE_DIR AND ${result}_C10D_DIR)
    # The header is there in builds without the class as well: the class's destructor tells.
    string(LENGTH ${class} length)
    set(CMAKE_REQUIRED_LIBRARIES ${TORCH_LIBRARIES})
    check_cxx_source_compiles("extern \"C\" char _ZN4c10d${length}${class}D1Ev;
      int main() { return &_ZN4c10d${length}${class}D1Ev == nullptr; }" ${result})
  endif()
endfunction()

pocketstyle_find_backend(POCKETSTYLE_GLOO ProcessGroupGloo gloo/context.h)
if(POCKETSTYLE_GLOO)
  pocketstyle_find_backend(POCKETSTYLE_NCCL ProcessGroupNCCL nccl.h)
endif()
