# Every outside library, found once. LibTorch is whichever CMAKE_PREFIX_PATH names; Debian's needs no hint.
include(CMakeFindDependencyMacro)
find_package(Torch REQUIRED)
find_package(OpenCV REQUIRED COMPONENTS core imgproc imgcodecs dnn OPTIONAL_COMPONENTS quality)
# BRISQUE: OpenCV's contrib module, and its model, which may also come later.
find_path(POCKETSTYLE_BRISQUE_HEADERS opencv2/quality/qualitybrisque.hpp PATHS ${OpenCV_INCLUDE_DIRS} NO_DEFAULT_PATH)
find_path(POCKETSTYLE_BRISQUE_FOLDER brisque_model_live.yml PATH_SUFFIXES share/opencv4/quality)
if(NOT POCKETSTYLE_BRISQUE_FOLDER)
  set(POCKETSTYLE_BRISQUE_FOLDER /usr/share/opencv4/quality)
endif()
# Pictures that OpenCV does not read, or not quietly and with their colours: see docs/decisions.md. HEIC and AVIF may be missing.
find_package(PkgConfig REQUIRED)
pkg_check_modules(PICTURES REQUIRED IMPORTED_TARGET GLOBAL lcms2 libpng libturbojpeg libwebp libwebpdemux)
pkg_check_modules(HEIF IMPORTED_TARGET GLOBAL libheif)
# Videos. Cameras need libavdevice as well, which may be missing.
pkg_check_modules(FFMPEG REQUIRED IMPORTED_TARGET GLOBAL libavfilter libavformat libavcodec libswscale libavutil)
pkg_check_modules(AVDEVICE IMPORTED_TARGET GLOBAL libavdevice)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto SSL)
find_package(ZLIB REQUIRED) # TorchScript files are zip archives, looked through before LibTorch gets them
find_package(Threads REQUIRED)
find_package(SQLite3 REQUIRED) # the training server's database
find_package(Boost 1.74 REQUIRED) # and its HTTP (Beast, Asio): headers only
find_path(POCKETSTYLE_MUSTACHE_INCLUDE_DIR kainjow/mustache.hpp REQUIRED) # a header, which the report's page is filled in by
if(POCKETSTYLE_BUILD_TESTS)
  find_package(Catch2 REQUIRED) # 2 and 3 both work: tests/support/catch.h hides the difference
endif()

# One name for LibTorch, with its headers as system headers.
add_library(pocketstyle_torch INTERFACE)
target_link_libraries(pocketstyle_torch INTERFACE ${TORCH_LIBRARIES})
target_include_directories(pocketstyle_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
if(POCKETSTYLE_BUILD_FUZZERS)
  include(TorchForClang)
endif()

add_library(pocketstyle_opencv INTERFACE)
target_link_libraries(pocketstyle_opencv INTERFACE ${OpenCV_LIBS})
target_include_directories(pocketstyle_opencv SYSTEM INTERFACE ${OpenCV_INCLUDE_DIRS})

if(TARGET yaml-cpp::yaml-cpp)
  set(POCKETSTYLE_YAML yaml-cpp::yaml-cpp)
else()
  set(POCKETSTYLE_YAML yaml-cpp)
endif()
