// SPDX-License-Identifier: Apache-2.0
// Handling of clients' input, without a connection.
#include "serve/api_assets.h"
#include "serve/auth.h"
#include "serve/byte_range.h"
#include "serve/errors.h"
#include "serve/form.h"
#include "serve/ids.h"
#include "serve/picture_header.h"
#include "serve/places.h"
#include "serve/rate_limit.h"
#include "serve/recipe.h"
#include "serve/request_head.h"
#include "serve/static_files.h"
#include "support/catch.h"
#include "support/temp_dir.h"

#include "pocketstyle/core/files.h"

#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include <set>
#include <string>
#include <vector>

using namespace pocketstyle;
using namespace pocketstyle::serve;
using pocketstyle::testing::contains;
using pocketstyle::testing::error_of;
using pocketstyle::testing::TempDir;

namespace {

constexpr const char* kEtag = "\"abc\"";

std::string part(const std::string& range, std::int64_t size = 100) {
  const FileReply reply = reply_to({range, "", ""}, size, kEtag);
  return std::to_string(reply.status) + " " + std::to_string(reply.first) + "+" + std::to_string(reply.length) + " " +
         reply.content_range;
}

std::string big(std::uint32_t value, int bytes) {
  std::string text;
  for (int i = bytes; i-- > 0;) text += static_cast<char>(value >> (8 * i) & 0xFFU);
  return text;
}
std::string png(std::uint32_t width, std::uint32_t height) {
  return std::string("\x89PNG\r\n\x1A\n", 8) + big(13, 4) + "IHDR" + big(width, 4) + big(height, 4) +
         std::string("\x08\x02\0\0\0", 5);
}
std::string jpeg(std::uint32_t width, std::uint32_t height) {
  const std::string comment = "\xFF\xFE" + big(6, 2) + "word";
  return "\xFF\xD8" + comment + "\xFF\xC2" + big(17, 2) + "\x08" + big(height, 2) + big(width, 2) +
         std::string(10, 'x');
}

}  // namespace

TEST_CASE("a range of a file", "[serve]") {
  CHECK(part("") == "200 0+100 ");
  CHECK(part("bytes=0-9") == "206 0+10 bytes 0-9/100");
  CHECK(part("bytes=90-") == "206 90+10 bytes 90-99/100");
  CHECK(part("bytes=90-1000") == "206 90+10 bytes 90-99/100");
  CHECK(part("bytes=-10") == "206 90+10 bytes 90-99/100");
  CHECK(part("bytes=-1000") == "206 0+100 bytes 0-99/100");
  CHECK(part("bytes=99-99") == "206 99+1 bytes 99-99/100");
  CHECK(part("bytes=-99999999999999999999") == "206 0+100 bytes 0-99/100");
  for (const char* beyond : {"bytes=100-", "bytes=100-200", "bytes=-0", "bytes=99999999999999999999-"})
    CHECK(part(beyond) == "416 0+0 bytes */100");
  CHECK(part("bytes=0-", 0) == "416 0+0 bytes */0");
  // Invalid ranges and several parts: the whole file, which RFC 9110 allows.
  for (const char* other : {"bytes=", "bytes=-", "bytes=a-b", "bytes=5-2", "bytes=0-1,5-6", "lines=0-1", "bytes=+1-2"})
    CHECK(part(other) == "200 0+100 ");
}

TEST_CASE("what a client has already is not sent again", "[serve]") {
  const auto status = [](const FileRequest& request) { return reply_to(request, 100, kEtag).status; };
  CHECK(status({"", "", kEtag}) == 304);
  CHECK(status({"", "", "\"x\", W/\"abc\""}) == 304);
  CHECK(status({"", "", "*"}) == 304);
  CHECK(status({"", "", "\"x\""}) == 200);
  CHECK(status({"bytes=0-1", "", kEtag}) == 304);
  CHECK(status({"bytes=0-1", kEtag, ""}) == 206);
  CHECK(status({"bytes=0-1", "\"old\"", ""}) == 200);
  CHECK(status({"bytes=0-1", "W/\"abc\"", ""}) == 200);  // a weak tag does not guarantee equal bytes
  CHECK(status({"bytes=200-", "\"old\"", ""}) == 200);
}

TEST_CASE("a picture's header is checked before anything is decoded", "[serve]") {
  CHECK(check_picture(png(640, 480)).width == 640);
  CHECK(check_picture(jpeg(640, 480)).height == 480);
  CHECK(check_picture("RIFF" + big(0, 4) + "WEBPVP8X" + big(0, 4) + big(0, 4) + std::string("\x7F\x02\0\xDF\x01\0", 6))
            .width == 640);
  const auto refused = [](const std::string& bytes) { return error_of([&] { check_picture(bytes); }); };
  CHECK(contains(refused(png(60000, 60000)), "usage: style: expected a picture with sides of 32 to 16384"));
  CHECK(contains(refused(png(16000, 16000)), "50 megapixels, found 16000x16000"));
  CHECK(contains(refused(jpeg(16, 480)), "found 16x480"));
  CHECK(contains(refused("plain text"), "expected a JPEG, PNG or WebP"));
  CHECK(contains(refused("GIF89a" + std::string(20, 'x')), "expected a JPEG, PNG or WebP"));
  // Wherever it is cut off, nothing is read beyond the end (checked by AddressSanitizer).
  for (const std::string& whole : {png(640, 480), jpeg(640, 480)})
    for (std::size_t length = 0; length < 18; ++length)
      CHECK(contains(refused(std::string(whole.data(), length)), "usage: style:"));
}

TEST_CASE("the token", "[serve]") {
  const TempDir folder;
  const auto file = folder / "token";
  const Token made(file);
  struct stat info {};
  REQUIRE(::stat(file.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777U) == 0600);
  std::string text = read_file(file);
  REQUIRE(text.size() == 65);
  text.pop_back();
  const Token again(file);
  for (const Token* token : {&made, &again}) {
    CHECK(token->accepts("Bearer " + text));
    CHECK(token->accepts("bEARER " + text));
    CHECK_FALSE(token->accepts(text));
    CHECK_FALSE(token->accepts("Basic " + text));
    CHECK_FALSE(token->accepts("Bearer " + text + "0"));
    CHECK_FALSE(token->accepts("Bearer "));
    CHECK_FALSE(token->accepts(""));
  }
  ::chmod(file.c_str(), 0640);
  CHECK(contains(error_of([&] { const Token open(file); }), "other users can read it (mode 640)"));
  write_file_atomically(folder / "short", "abc\n");
  ::chmod((folder / "short").c_str(), 0600);
  CHECK(contains(error_of([&] { const Token open(folder / "short"); }), "16 characters or more, found 3"));
}

TEST_CASE("a client has so many goes a minute", "[serve]") {
  RateLimit limit(60, 3);
  const auto start = RateLimit::Clock::now();
  using std::chrono::milliseconds;
  for (int i = 0; i < 3; ++i) CHECK(limit.take("a", start));
  CHECK_FALSE(limit.take("a", start));
  CHECK(limit.is_exhausted("a", start));
  CHECK(limit.take("b", start));
  CHECK_FALSE(limit.take("a", start + milliseconds(900)));
  CHECK(limit.take("a", start + milliseconds(1100)));
  CHECK_FALSE(limit.take("a", start + milliseconds(1200)));
  for (int i = 0; i < 3; ++i) CHECK(limit.take("a", start + std::chrono::hours(1)));
  CHECK_FALSE(limit.take("a", start + std::chrono::hours(1)));
  CHECK(limit.seconds_to_wait() == 1);
  // Many addresses do not exhaust memory.
  for (int i = 0; i < 30000; ++i) limit.take(std::to_string(i), start + std::chrono::hours(2));
  CHECK(limit.clients() <= 10000);
}

TEST_CASE("what a job may ask for", "[serve]") {
  const TempDir folder;
  write_file_atomically(folder / "base.yaml",
                        "style: {image: s.jpg, size: 256}\ndata: {train: photos, crop: 128, window_max: 240}\n"
                        "train: {steps: 600, warmup: 40}\nloss: {strength: 3}\n");
  const Recipes recipes(folder / "base.yaml");
  const auto recipe = [&](const JobRequest& request) { return recipes.recipe(request, "/x/style.jpg", "/x/run"); };
  const Recipe quick = recipe({"Waves", "mini", "quick", "", ""});
  CHECK(quick.config.train.minutes == 1);
  CHECK(quick.config.train.warmup == 40);  // which training cuts down when it knows its steps
  CHECK(quick.config.data.crop == 64);
  CHECK(quick.config.loss.strength == 3);
  CHECK(quick.config.style.image == "/x/style.jpg");
  CHECK(quick.config.run.folder == "/x/run");
  CHECK(recipe({"Waves", "micro", "standard", "", ""}).config.train.minutes == 5);  // not the base's steps
  CHECK(recipe({"Waves", "micro", "full", "80", "0.5"}).config.run.preview_every == 10);
  CHECK(recipe({"Waves", "micro", "full", "12", "0.5"}).config.train.steps == 12);
  CHECK(recipe({"Waves", "micro", "full", "12", "0.5"}).config.train.minutes == 0);
  CHECK(recipe({"Waves", "micro", "standard", "", "", "2.5"}).config.train.minutes == 2.5);
  write_file_atomically(folder / "timed.yaml", "style: {image: s.jpg}\ndata: {train: photos}\ntrain: {minutes: 8}\n");
  const Recipes timed(folder / "timed.yaml");
  CHECK(timed.budget(kBudgets[0]).minutes == 1);
  CHECK(timed.budget(kBudgets[1]).minutes == 8);
  CHECK(timed.recipe({"Waves", "mini", "standard", "7", ""}, "s.jpg", "run").config.train.steps == 7);
  CHECK(timed.recipe({"Waves", "mini", "standard", "7", ""}, "s.jpg", "run").config.train.minutes == 0);
  CHECK(recipe({"Waves", "micro", "full", "12", "0.5"}).config.loss.strength == 0.5);
  CHECK(recipe({"W\xC3\xA9", "micro", "quick", "1", ""}).config.train.steps == 1);
  CHECK(recipes.budget(kBudgets[1]).crop == 128);

  const auto refused = [&](const JobRequest& request) { return error_of([&] { recipe(request); }); };
  CHECK(contains(refused({"", "mini", "quick", "", ""}), "usage: name: expected 1 to 60 characters"));
  CHECK(contains(refused({std::string(61, 'x'), "mini", "quick", "", ""}), "found 61"));
  CHECK(refused({[] {
                   std::string name;
                   for (int i = 0; i < 60; ++i) name += "\xC3\xA9";
                   return name;
                 }(),
                 "mini", "quick", "", ""}) == "no error");
  for (const char* name : {"a\nb", "\xFF\xFE", "\xC3", "\xED\xA0\x80", "\xC0\x80", "a\x7F"})
    CHECK(contains(refused({name, "mini", "quick", "", ""}), "UTF-8 without control characters"));
  CHECK(contains(refused({"W", "huge", "quick", "", ""}), "expected one of original"));
  CHECK(contains(refused({"W", "mini", "long", "", ""}), "budget: expected one of quick, standard, full"));
  for (const char* steps : {"0", "100001", "-1", "1.5", "ten", " 1", "99999999999999999999"})
    CHECK(contains(refused({"W", "mini", "quick", steps, ""}), "steps: expected a number from 1 to 100000"));
  for (const char* minutes : {"0", "1441", "-1", "five", "nan"})
    CHECK(contains(refused({"W", "mini", "quick", "", "", minutes}), "minutes: expected a number from 0.1 to 1440"));
  CHECK(contains(refused({"W", "mini", "quick", "5", "", "5"}), "steps: given together with minutes"));
  for (const char* weight : {"0", "nan", "inf", "51", "x", "1e400"})
    CHECK(contains(refused({"W", "mini", "quick", "", weight}), "strength: expected a number from 0.1 to 10"));
}

TEST_CASE("static files are those of the folder, and no others", "[serve]") {
  const TempDir folder;
  CHECK(StaticFiles("").size() == 0);
  CHECK(StaticFiles(folder.path()).size() == 0);
  write_file_atomically(folder / "web/index.html", "<p>");
  write_file_atomically(folder / "web/assets/app-1f3a.js", "1");
  write_file_atomically(folder / "secret", "x");
  std::filesystem::create_symlink(folder / "secret", folder / "web/link");
  const StaticFiles files(folder / "web");
  REQUIRE(files.find("/") != nullptr);
  CHECK(files.find("/")->type == "text/html; charset=utf-8");
  CHECK_FALSE(files.find("/")->immutable);
  REQUIRE(files.find("/assets/app-1f3a.js") != nullptr);
  CHECK(files.find("/assets/app-1f3a.js")->immutable);
  CHECK(files.find("/assets/app-1f3a.js")->etag == '"' + sha256_hex("1") + '"');
  for (const char* other : {"/link", "/../secret", "/assets/../index.html", "/assets", "/assets/", "//index.html", ""})
    CHECK(files.find(other) == nullptr);
}

TEST_CASE("names", "[serve]") {
  CHECK(slug("The Great Wave!") == "the_great_wave");
  CHECK(slug("  --  ").empty());
  CHECK(slug("\xE6\xB5\xAA").empty());
  CHECK(title("starry_night") == "Starry Night");
  CHECK(title("composition_vii") == "Composition VII");
  CHECK(new_id().size() == 16);
  CHECK(new_id() != new_id());
  CHECK(now_utc().size() == std::string("2026-11-26T00:10:02Z").size());
}

TEST_CASE("a form's body", "[serve]") {
  const FormLimits limits{"style", 100, 10, 3};
  const auto part = [](const std::string& head, const std::string& value) {
    return "--b\r\n" + head + "\r\n\r\n" + value + "\r\n";
  };
  const auto named = [&](const std::string& name, const std::string& value) {
    return part("Content-Disposition: form-data; name=\"" + name + "\"", value);
  };
  const auto parse = [&](const std::string& body) { return parse_form(body, "b", limits); };
  CHECK(parse(named("name", "W") + "--b--\r\n").at("name") == "W");
  CHECK(parse(named("style", "\r\n--\r\n-b") + "--b--").at("style") == "\r\n--\r\n-b");
  CHECK(parse(part("Content-Type: image/jpeg\r\ncontent-disposition: form-data; filename=\"x;y\"; name=style", "J") +
              "--b--")
            .at("style") == "J");
  CHECK(parse(named("a", "1") + named("a", "2") + "--b--").at("a") == "1");
  CHECK(parse("--b--").empty());
  const auto refused = [&](const std::string& body) {
    try {
      parse(body);
    } catch (const HttpError& error) {
      return fmt::format("{}: {}", error.code().status, error.what());
    }
    return std::string("no error");
  };
  const std::vector<std::string> broken = {"",
                                           "--",
                                           "--b",
                                           "--b\r\n",
                                           "--c--",
                                           named("name", "W"),
                                           "--b\r\nno head",
                                           "preamble" + named("name", "W") + "--b--"};
  for (const std::string& body : broken) CHECK(contains(refused(body), "400: the body is truncated"));
  CHECK(contains(refused(named("style", std::string(101, 'x')) + "--b--"),
                 "413: style: a field has more than 100 bytes"));
  CHECK(contains(refused(named("name", std::string(11, 'x')) + "--b--"), "more than 10 bytes"));
  CHECK(contains(refused(named("a", "") + named("b", "") + named("c", "") + named("d", "") + "--b--"),
                 "at most 3 fields"));
  CHECK(contains(refused(part("X: " + std::string(2000, 'x'), "") + "--b--"), "400"));
  CHECK(form_boundary("multipart/form-data; boundary=\"a b\"") == "a b");
  CHECK(form_boundary("Multipart/Form-Data ;charset=x; Boundary=ab") == "ab");
  for (const char* type : {"", "text/plain", "multipart/form-data", "multipart/form-data; boundary="})
    CHECK_THROWS_AS(form_boundary(type), HttpError);
}

TEST_CASE("the name in a Host header", "[serve]") {
  CHECK(host_name("Example.org:8080") == "example.org");
  CHECK(host_name("[::1]:80") == "[::1]");
  CHECK(host_name("[::1]") == "[::1]");
  CHECK(host_name("127.0.0.1") == "127.0.0.1");
  for (const char* host :
       {"", ":80", "a:", "a:b", "a:123456", "localhost:80@evil", "a/b", "a b", "[::1", "::1", "a:80:80", "user@host"})
    CHECK(host_name(host).empty());
}

TEST_CASE("one client cannot take all places", "[serve]") {
  Places places(4, 2);
  std::vector<Places::Place> taken;
  const auto take = [&](const char* client) {
    taken.push_back(places.take(client));
    return taken.back().taken();
  };
  CHECK(take("a"));
  CHECK(take("a"));
  CHECK_FALSE(take("a"));
  CHECK(take("b"));
  CHECK(take("c"));
  CHECK_FALSE(take("d"));
  taken.erase(taken.begin());  // one of a's
  CHECK(take("d"));
  CHECK_FALSE(take("a"));
  taken.clear();
  CHECK(take("a"));
}

TEST_CASE("the description names every code of an error, and no other", "[serve]") {
  std::set<std::string> described, ours;
  const auto description = nlohmann::json::parse(kOpenApi);
  for (const auto& code : description.at("components").at("schemas").at("Error").at("properties").at("code").at("enum"))
    described.insert(code.get<std::string>());
  for (const ErrorCode& error : errors::all) ours.insert(error.code);
  CHECK(described == ours);
}
