// SPDX-License-Identifier: Apache-2.0
// A Video4Linux camera for tests: loaded with LD_PRELOAD, it responds for the device file whose name ends in
// "fake_camera". 320x240, YUYV, a moving box at 15 frames per second; a program that is too slow misses frames, as with
// a real camera.
#include <dlfcn.h>
#include <linux/videodev2.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdarg>
#include <cstdint>
#include <cstring>
#include <queue>
#include <string_view>
#include <thread>

namespace {

constexpr int kWidth = 320, kHeight = 240, kBytes = kWidth * kHeight * 2;
constexpr std::size_t kBuffers = 256;  // more than programs ask for
using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kPeriod{67};

int camera = -1;  // its descriptor
std::array<std::uint8_t*, kBuffers> memory{};
std::queue<std::uint32_t> waiting;  // queued buffers
int frames = 0;
Clock::time_point next;

template <class Function>
Function system_function(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

void describe(v4l2_pix_format& format) {
  format = {};
  format.width = kWidth, format.height = kHeight;
  format.pixelformat = V4L2_PIX_FMT_YUYV;
  format.field = V4L2_FIELD_NONE;
  format.bytesperline = 2 * kWidth, format.sizeimage = kBytes;
}

void paint(std::uint8_t* to) {
  const int left = frames * 8 % kWidth;
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x, to += 2) {
      const bool box = x >= left && x < left + 60 && y > 80 && y < 160;
      to[0] = static_cast<std::uint8_t>(box ? 220 : 40 + x / 4);
      to[1] = static_cast<std::uint8_t>(x % 2 == 1 ? 140 : 100 + y / 4);
    }
  ++frames;
}

int give_frame(v4l2_buffer& buffer) {
  if (waiting.empty()) return errno = EAGAIN, -1;
  std::this_thread::sleep_until(next);
  next = std::max(next, Clock::now() - kPeriod) + kPeriod;
  buffer.index = waiting.front();
  waiting.pop();
  paint(memory.at(buffer.index));
  buffer.bytesused = kBytes;
  buffer.flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now().time_since_epoch()).count();
  buffer.timestamp = {now / 1000000, now % 1000000};
  return 0;
}

int answer(unsigned long request, void* argument) {
  switch (request) {
    case VIDIOC_QUERYCAP: {
      auto& found = *static_cast<v4l2_capability*>(argument);
      found = {};
      found.capabilities = found.device_caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
      return 0;
    }
    case VIDIOC_G_INPUT:
      *static_cast<int*>(argument) = 0;
      return 0;
    case VIDIOC_S_INPUT:
    case VIDIOC_STREAMON:
    case VIDIOC_STREAMOFF:
    case VIDIOC_REQBUFS:
      return 0;
    case VIDIOC_ENUMINPUT: {
      auto& input = *static_cast<v4l2_input*>(argument);
      if (input.index > 0) break;
      input = {};
      input.type = V4L2_INPUT_TYPE_CAMERA;
      return 0;
    }
    case VIDIOC_G_FMT:
    case VIDIOC_S_FMT:
      describe(static_cast<v4l2_format*>(argument)->fmt.pix);
      return 0;
    case VIDIOC_G_PARM:
    case VIDIOC_S_PARM:
      static_cast<v4l2_streamparm*>(argument)->parm.capture.timeperframe = {1, 15};
      return 0;
    case VIDIOC_QUERYBUF: {
      auto& buffer = *static_cast<v4l2_buffer*>(argument);
      buffer.length = kBytes;
      buffer.m.offset = buffer.index * kBytes;
      return 0;
    }
    case VIDIOC_QBUF:
      waiting.push(static_cast<v4l2_buffer*>(argument)->index);
      return 0;
    case VIDIOC_DQBUF:
      return give_frame(*static_cast<v4l2_buffer*>(argument));
    default:
      break;
  }
  errno = EINVAL;
  return -1;
}

}  // namespace

extern "C" {

int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const int mode = va_arg(rest, int);
  va_end(rest);
  const int opened = system_function<int (*)(const char*, int, ...)>("open64")(path, flags, mode);
  if (opened >= 0 && std::string_view(path).ends_with("fake_camera")) camera = opened;
  return opened;
}

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const int mode = va_arg(rest, int);
  va_end(rest);
  return open64(path, flags, mode);
}

void* mmap64(void* address, std::size_t length, int protection, int flags, int file, off64_t offset) noexcept {
  const auto map = system_function<void* (*)(void*, std::size_t, int, int, int, off64_t)>("mmap64");
  if (file < 0 || file != camera) return map(address, length, protection, flags, file, offset);
  void* const found = map(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memory.at(static_cast<std::size_t>(offset) / kBytes) = static_cast<std::uint8_t*>(found);
  return found;
}

void* mmap(void* address, std::size_t length, int protection, int flags, int file, off_t offset) noexcept {
  return mmap64(address, length, protection, flags, file, offset);
}

int ioctl(int file, unsigned long request, ...) noexcept {
  va_list rest;
  va_start(rest, request);
  void* const argument = va_arg(rest, void*);
  va_end(rest);
  if (file >= 0 && file == camera) return answer(request, argument);
  return system_function<int (*)(int, unsigned long, ...)>("ioctl")(file, request, argument);
}

}  // extern "C"
