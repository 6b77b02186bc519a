// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/core/processors.h"

#include "support/catch.h"
#include "support/temp_dir.h"

#include "pocketstyle/core/files.h"

#include <sched.h>

using namespace pocketstyle;

namespace {

/// A root folder with what Linux tells a process of its control groups.
struct FakeSystem {
  testing::TempDir root;
  FakeSystem(const std::string& mounts, const std::string& groups) {
    write("proc/self/mountinfo", mounts);
    write("proc/self/cgroup", groups);
  }
  void write(const std::string& file, const std::string& text) const { write_file_atomically(root / file, text); }
  [[nodiscard]] std::optional<double> quota() const { return processor_quota(root.path()); }
};

const std::string kV2 = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
const std::string kV1 =
    "32 31 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
    "33 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct\n";

}  // namespace

TEST_CASE("without control groups, and with none that limits, there is no quota") {
  const testing::TempDir nothing;
  CHECK_FALSE(processor_quota(nothing.path()));
  const FakeSystem free(kV2, "0::/user.slice\n");
  free.write("sys/fs/cgroup/user.slice/cpu.max", "max 100000\n");
  CHECK_FALSE(free.quota());
}

TEST_CASE("the quota of control groups, version 2: the least on the way up counts") {
  const FakeSystem system(kV2, "0::/a.slice/b.scope\n");
  system.write("sys/fs/cgroup/a.slice/b.scope/cpu.max", "300000 100000\n");
  CHECK(system.quota() == std::optional(3.0));
  system.write("sys/fs/cgroup/a.slice/cpu.max", "75000 50000\n");
  CHECK(system.quota() == std::optional(1.5));
}

TEST_CASE("in a container the topmost group is its own") {
  const FakeSystem system(kV2, "0::/\n");
  system.write("sys/fs/cgroup/cpu.max", "50000 100000\n");
  CHECK(system.quota() == std::optional(0.5));
  // Without a namespace of control groups it sees the name outside, and only its own group mounted.
  const FakeSystem outside("30 23 0:26 /docker/f00 /sys/fs/cgroup ro - cgroup2 cgroup rw\n", "0::/docker/f00\n");
  outside.write("sys/fs/cgroup/cpu.max", "200000 100000\n");
  CHECK(outside.quota() == std::optional(2.0));
  const FakeSystem elsewhere(kV2, "0::/../other\n");
  elsewhere.write("sys/fs/cgroup/cpu.max", "100000 100000\n");
  CHECK(elsewhere.quota() == std::optional(1.0));
}

TEST_CASE("the quota of control groups, version 1") {
  const FakeSystem system(kV1, "9:memory:/none\n4:cpu,cpuacct:/docker/f00\n1:name=systemd:/\n");
  const std::string folder = "sys/fs/cgroup/cpu,cpuacct/docker/f00/";
  system.write(folder + "cpu.cfs_quota_us", "-1\n");
  system.write(folder + "cpu.cfs_period_us", "100000\n");
  CHECK_FALSE(system.quota());
  system.write(folder + "cpu.cfs_quota_us", "250000\n");
  CHECK(system.quota() == std::optional(2.5));
}

TEST_CASE("lines that are cut off or of another kind are passed over") {
  const FakeSystem system("30 23\n\nnonsense - cgroup2\n" + kV2, "\n0:\n0::/\n");
  system.write("sys/fs/cgroup/cpu.max", "nonsense\n");
  CHECK_FALSE(system.quota());
}

TEST_CASE("usable processors are at least one and no more than the process may run on") {
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof set, &set) != 0) SKIP_TEST("more than 1,024 processors");
  CHECK(usable_processors() >= 1);
  CHECK(usable_processors() <= CPU_COUNT(&set));
}
