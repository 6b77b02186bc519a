// SPDX-License-Identifier: Apache-2.0
#include "support/catch.h"
#include "support/temp_dir.h"
#include "support/variable.h"

#include "pocketstyle/core/base64.h"
#include "pocketstyle/core/cpu.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/home_folder.h"
#include "pocketstyle/core/nearest_name.h"
#include "pocketstyle/core/random.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

using namespace pocketstyle;
using testing::contains;
using testing::error_of;

TEST_CASE("base64 is as in RFC 4648", "[golden]") {
  CHECK(base64("") == "");
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foo") == "Zm9v");
  CHECK(base64("foobar") == "Zm9vYmFy");
  CHECK(base64(std::string("\0\xFF", 2)) == "AP8=");
}

TEST_CASE("SHA-256 gives the published value", "[golden]") {
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("a name is taken for the nearest one within two edits, unless all of it would change") {
  const std::vector<std::string> known = {"steps", "stylize", "size", "h"};
  CHECK(nearest_name("stepz", known) == "steps");
  CHECK(nearest_name("stylise", known) == "stylize");
  CHECK(nearest_name("sizes", known) == "size");
  CHECK(nearest_name("styl", known).empty());
  CHECK(nearest_name("x", known).empty());
}

TEST_CASE("an atomic write replaces the file and leaves nothing else") {
  const testing::TempDir folder;
  write_file_atomically(folder / "a/b/x.txt", "old");
  write_file_atomically(folder / "a/b/x.txt", std::string("new\0bytes", 9));
  CHECK(read_file(folder / "a/b/x.txt") == std::string("new\0bytes", 9));
  CHECK(std::distance(std::filesystem::directory_iterator(folder / "a/b"), {}) == 1);
}

TEST_CASE("a write that fails keeps the old file and removes the temporary one") {
  // A folder with that name makes the rename fail.
  const testing::TempDir folder;
  write_file_atomically(folder / "x/inner.txt", "kept");
  CHECK(contains(error_of([&] { write_file_atomically(folder / "x", "bytes"); }), "data: "));
  CHECK(read_file(folder / "x/inner.txt") == "kept");
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
  CHECK(contains(error_of([&] { write_file_atomically(folder / "x/inner.txt/y", "b"); }), "cannot create the folder"));
}

TEST_CASE("reading what is not a file is one clear error") {
  const testing::TempDir folder;
  CHECK(contains(error_of([&] { read_file(folder / "none"); }), "none: cannot be read: No such file"));
  CHECK(contains(error_of([&] { read_file(folder.path()); }), "is a folder, expected a file"));
  CHECK(contains(error_of([&] { read_file("/proc/self/mem"); }), "/proc/self/mem: reading failed: Input/output error"));
  CHECK(read_file("/proc/self/status").starts_with("Name:"));  // its size is given as 0
}

TEST_CASE("files are listed recursively, sorted, by extension in any case") {
  const testing::TempDir folder;
  for (const char* name : {"b.JPG", "a/z.jpg", "c.txt", "a.png"}) write_file_atomically(folder / name, "x");
  constexpr std::array<std::string_view, 2> kExtensions = {".jpg", ".png"};
  const auto files = list_files(folder.path(), kExtensions);
  REQUIRE(files.size() == 3);
  CHECK(std::is_sorted(files.begin(), files.end()));
  CHECK(contains(error_of([&] { list_files(folder / "none", kExtensions); }), "expected a folder"));
}

TEST_CASE("links to folders are followed once, and not back up") {
  const testing::TempDir folder;
  write_file_atomically(folder / "photos/deep/a.jpg", "x");
  write_file_atomically(folder / "elsewhere/b.jpg", "x");
  std::filesystem::create_directory_symlink(folder / "photos", folder / "photos/deep/loop");
  std::filesystem::create_directory_symlink(folder / "elsewhere", folder / "photos/link");
  std::filesystem::create_symlink(folder / "nowhere", folder / "photos/dangling.jpg");
  constexpr std::array<std::string_view, 1> kExtensions = {".jpg"};
  CHECK(list_files(folder / "photos", kExtensions).size() == 2);
}

TEST_CASE("what killed writers left is removed, and nothing else") {
  const testing::TempDir folder;
  const std::string own = std::to_string(::getpid());
  constexpr const char* kNoProcess = "999999999";  // Linux numbers processes up to 2^22
  for (const std::string& name :
       {"a.png.tmp" + own, std::string("a.png.tmp") + kNoProcess, std::string(".staged") + kNoProcess + ".a.pt",
        std::string("a.png.tmp1"), std::string("a.tmp"), std::string("a.tmpx"), std::string(".stagedx.a")})
    write_file_atomically(folder / name, "x");
  remove_leftovers(folder.path());
  for (const char* name : {"a.png.tmp1", "a.tmp", "a.tmpx", ".stagedx.a"})
    CHECK(std::filesystem::exists(folder / name));
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 4);
  remove_leftovers(folder / "none");
}

TEST_CASE("a folder is locked once, and free afterwards") {
  const testing::TempDir folder;
  {
    const FolderLock lock(folder / "new");
    CHECK(contains(error_of([&] { const FolderLock second(folder / "new"); }), "another process is writing there"));
  }
  const FolderLock again(folder / "new");
  CHECK(std::filesystem::is_empty(folder / "new"));
}

TEST_CASE("~ is the home folder at the beginning of a path only") {
  const char* const home = std::getenv("HOME");
  const std::string before = home == nullptr ? "" : home;
  ::setenv("HOME", "/home/me", 1);
  CHECK(expand_home("~/photos/a.jpg") == "/home/me/photos/a.jpg");
  CHECK(expand_home("~").lexically_normal() == "/home/me/");
  for (const char* path : {"a/~/b", "~other/b", "/x", ""}) CHECK(expand_home(path) == path);
  ::unsetenv("HOME");
  CHECK(contains(error_of([] { expand_home("~/photos"); }), "usage: ~/photos: cannot expand ~"));
  if (!before.empty()) ::setenv("HOME", before.c_str(), 1);
}

TEST_CASE("numbers are written for people") {
  CHECK(with_commas(0) == "0");
  CHECK(with_commas(999) == "999");
  CHECK(with_commas(1677635) == "1,677,635");
  CHECK(with_commas(-123456) == "-123,456");
  CHECK(human_bytes(12) == "12 B");
  CHECK(human_bytes(1877260) == "1.88 MB");
}

TEST_CASE("a missing asset names the places that were searched") {
  CHECK(contains(error_of([] { find_asset("no/such.file"); }), "POCKETSTYLE_ASSETS"));
  CHECK(std::filesystem::exists(find_asset("vgg16/vgg16_conv4_3.safetensors")));
}

TEST_CASE("a file that is written piece by piece gets its name when it is whole, and else leaves nothing") {
  const testing::TempDir folder;
  const auto path = folder / "new/a.bin";
  const auto temporary = [&] {
    AtomicFile file(path);
    write_file_atomically(file.temporary(), "half");
    return file.temporary();
  }();
  CHECK_FALSE(std::filesystem::exists(temporary));
  CHECK_FALSE(std::filesystem::exists(path));
  {
    AtomicFile file(path);
    write_file_atomically(file.temporary(), "whole");
    file.commit();
  }
  CHECK(read_file(path) == "whole");
  AtomicFile never(path);
  CHECK(contains(error_of([&] { never.commit(); }), "cannot be written"));
}

TEST_CASE("random numbers depend only on seed and stream, and stay in their bounds") {
  CounterRandom a(7, 3), b(7, 3), c(7, 4), d(8, 3);
  const auto first = a.next();
  CHECK(first == b.next());
  CHECK(first != c.next());
  CHECK(first != d.next());
  std::array<int, 5> histogram{};
  for (int i = 0; i < 5000; ++i) {
    const auto value = a.integer(-2, 2);
    REQUIRE((value >= -2 && value <= 2));
    ++histogram[static_cast<std::size_t>(value + 2)];
  }
  for (const int count : histogram) CHECK((count > 850 && count < 1150));
  CHECK(a.integer(5, 5) == 5);
}

TEST_CASE("a unit is spread evenly below 1") {
  CounterRandom random(7, 3);
  double sum = 0, largest = 0;
  for (int i = 0; i < 10000; ++i) {
    const double value = random.unit();
    CHECK(value >= 0);
    sum += value;
    largest = std::max(largest, value);
  }
  CHECK(largest < 1);
  CHECK(largest > 0.999);
  CHECK(sum / 10000 == Approx(0.5).margin(0.01));
}

TEST_CASE("random numbers are the same in every version: a resumed run depends on it", "[golden]") {
  CounterRandom random(7, 3);
  for (const std::uint64_t expected : {0xd3dd092059fbc64cULL, 0xa85bb1ca3c7ecea3ULL, 0x1976bbad3c263d6eULL})
    CHECK(random.next() == expected);
  CHECK(shuffled_indices(8, 1, 0) == std::vector<std::int64_t>{0, 7, 5, 6, 4, 2, 3, 1});
}

TEST_CASE("a shuffle is a permutation, and another one each time") {
  const auto a = shuffled_indices(100, 1, 0), b = shuffled_indices(100, 1, 1);
  CHECK(a != b);
  CHECK(a == shuffled_indices(100, 1, 0));
  auto sorted = a;
  std::sort(sorted.begin(), sorted.end());
  for (std::int64_t i = 0; i < 100; ++i) CHECK(sorted[static_cast<std::size_t>(i)] == i);
}

TEST_CASE("the last line of what a program said is found, whatever ends it") {
  CHECK(last_line("one\ntwo\n") == "two");
  CHECK(last_line("one\ntwo\n\n") == "two");
  CHECK(last_line("one") == "one");
  CHECK(last_line("\n").empty());
  CHECK(last_line("").empty());
}

TEST_CASE("bfloat16 is not used where oneDNN is kept from it") {
  for (const char* isa : {"AVX2", "AVX512_CORE"}) {
    const testing::Variable limit("ONEDNN_MAX_CPU_ISA", isa);
    CHECK_FALSE(cpu_has_bfloat16());
  }
}
