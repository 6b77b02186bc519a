// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/core/address_space.h"

#include "support/catch.h"
#include "support/temp_dir.h"

#include "pocketstyle/core/files.h"

#include <unistd.h>

#include <string>

using namespace pocketstyle;

TEST_CASE("what a limit of address space leaves is the limit without what is mapped") {
  const testing::TempDir root;
  CHECK_FALSE(address_space_left(root.path()));
  const std::string other =
      "Limit                     Soft Limit           Hard Limit           Units\n"
      "Max open files            1024                 4096                 files\n";
  write_file_atomically(root / "proc/self/limits",
                        other + "Max address space         unlimited            unlimited   bytes\n");
  write_file_atomically(root / "proc/self/statm", "3 1 1 1 0 1 0\n");
  CHECK_FALSE(address_space_left(root.path()));
  write_file_atomically(root / "proc/self/limits",
                        other + "Max address space         1048576              unlimited   bytes\n");
  CHECK(address_space_left(root.path()) == 1048576 - 3 * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
  write_file_atomically(root / "proc/self/statm", "1000 1 1 1 0 1 0\n");
  CHECK(address_space_left(root.path()) == 0);
}
