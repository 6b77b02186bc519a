// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/stylize/memory.h"

#include "stylize/pictures.h"
#include "support/catch.h"
#include "support/temp_dir.h"

#include "pocketstyle/core/files.h"

using namespace pocketstyle;
using testing::contains;
using testing::error_of;

TEST_CASE("the memory of a whole picture grows with its pixels and the network's width") {
  const auto architecture = [](const char* preset) { return config::find_preset(preset).architecture; };
  const auto original = stylize::untiled_bytes(architecture("original"), 1080, 1920);
  CHECK(stylize::untiled_bytes(architecture("original"), 2160, 3840) == 4 * original);
  CHECK(original == stylize::untiled_bytes(architecture("bottleneck"), 1080, 1920));  // the trunk is not where it peaks
  CHECK(stylize::untiled_bytes(architecture("mini"), 1080, 1920) < original / 2);
  // At the second upsampling: 64/4 channels being doubled, 3 x 64 for its input, 2 x 32 for its output, 4 pictures.
  CHECK(original == 1080ULL * 1920 * 4 * (16 + 3 * 64 + 2 * 32 + 12));
}

TEST_CASE("the memory that is left is the least of the system's and each group's") {
  const testing::TempDir root;
  const auto left = [&] { return stylize::available_memory(root.path()); };
  CHECK_FALSE(left());
  write_file_atomically(root / "proc/meminfo", "MemTotal: 9000 kB\nMemAvailable:    1000 kB\n");
  CHECK(left() == 1'024'000);
  write_file_atomically(root / "proc/self/mountinfo",
                        "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
                        "32 30 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,cpu,memory\n");
  write_file_atomically(root / "proc/self/cgroup", "4:cpu,memory:/docker/1f\n0::/a/b\n");
  CHECK(left() == 1'024'000);
  write_file_atomically(root / "sys/fs/cgroup/a/memory.max", "800000\n");
  write_file_atomically(root / "sys/fs/cgroup/a/memory.current", "300000\n");
  write_file_atomically(root / "sys/fs/cgroup/a/memory.stat", "anon 1\ninactive_file 100000\n");
  CHECK(left() == 600'000);
  write_file_atomically(root / "sys/fs/cgroup/a/b/memory.max", "max\n");
  write_file_atomically(root / "sys/fs/cgroup/a/b/memory.current", "300000\n");
  CHECK(left() == 600'000);
  write_file_atomically(root / "sys/fs/cgroup/memory/memory.limit_in_bytes", "500000\n");
  write_file_atomically(root / "sys/fs/cgroup/memory/memory.usage_in_bytes", "100000\n");
  CHECK(left() == 400'000);
  write_file_atomically(root / "sys/fs/cgroup/memory/docker/1f/memory.limit_in_bytes", "50000\n");
  write_file_atomically(root / "sys/fs/cgroup/memory/docker/1f/memory.usage_in_bytes", "60000\n");
  CHECK(left() == 0);
  CHECK(stylize::resident_memory() > 1'000'000);
}

TEST_CASE("a style that needs more than is allowed and has no weights is refused") {
  class Large : public testing::Negative {
    [[nodiscard]] std::uint64_t run_bytes(std::int64_t height, std::int64_t width) const override {
      return static_cast<std::uint64_t>(height * width) * 1'000'000'000;
    }
  } model;
  stylize::StylizeOptions options;
  options.memory_bytes = 2'000'000'000;
  CHECK(contains(error_of([&] { stylize::stylize(model, testing::photo(20, 10), options); }), "data: "));
}
