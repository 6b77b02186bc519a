// SPDX-License-Identifier: Apache-2.0
#include "serve/api.h"

#include "serve/api_assets.h"
#include "serve/api_json.h"
#include "serve/byte_range.h"
#include "serve/ids.h"
#include "serve/job_events.h"
#include "serve/picture_header.h"

#include "pocketstyle/config/load.h"
#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/log.h"
#include "pocketstyle/core/markup.h"
#include "pocketstyle/core/version.h"
#include "pocketstyle/formats/formats.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <thread>

namespace pocketstyle::serve {
namespace fs = std::filesystem;
namespace {

constexpr int kMaxStreams = 64;
constexpr auto kEventPause = std::chrono::milliseconds(500), kHeartbeat = std::chrono::milliseconds(15000);
constexpr int kStyleSide = 2048;  // pixels, the longest side that an uploaded picture is kept at
constexpr FormLimits kFormLimits{"style", kMaxUploadBytes, 4096, 16};
constexpr const char* kImmutable = "public, max-age=31536000, immutable";
constexpr const char* kRevalidate = "no-cache";

HttpReply json_reply(const Json& json, int status = 200) {
  return {status, "application/json", text_of(json), {{"Cache-Control", "no-store"}}};
}

[[noreturn]] void not_found() {
  throw HttpError(404, "there is nothing by that name");
}

std::vector<std::string> split(const std::string& path) {
  std::vector<std::string> parts;
  for (std::size_t begin = 1; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    parts.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

/// "Example.org:8080" as "example.org", "[::1]:8080" as "[::1]".
std::string host_name(std::string host) {
  const auto colon = host.rfind(':');
  if (colon != std::string::npos && host.find(']', colon) == std::string::npos) host.resize(colon);
  return lower(std::move(host));
}

/// A file from the disk, or the part of it that is asked for.
HttpReply file_reply(const HttpRequest& request, const fs::path& path, const std::string& type, const std::string& etag,
                     const char* caching) {
  std::int64_t size = 0;
  const auto descriptor = open_file(path, size);
  if (!descriptor) not_found();
  const FileReply part =
      reply_to({request.header("Range"), request.header("If-Range"), request.header("If-None-Match")}, size, etag);
  HttpReply reply{part.status, type, {}, {{"ETag", etag}, {"Accept-Ranges", "bytes"}, {"Cache-Control", caching}}};
  if (!part.content_range.empty()) reply.headers.emplace_back("Content-Range", part.content_range);
  if (part.length > 0) reply.file = FileBody{descriptor, part.first, part.length};
  if (part.status == 304) reply.headers.emplace_back("Content-Length", std::to_string(size));
  if (part.status == 416) {
    reply.type = "application/json";
    reply.body = text_of({{"error", fmt::format("the file has {} bytes", size)}});
  }
  return reply;
}

std::string quoted(const std::string& tag) {
  return '"' + tag + '"';
}

std::int64_t step_from(const std::string& text, std::int64_t otherwise) {
  std::int64_t step = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), step);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() && step >= 0 ? step : otherwise;
}

/// Gives a stream's place back.
class StreamPlace {
 public:
  explicit StreamPlace(std::atomic<int>& streams) : streams_(streams) {
    if (streams_.fetch_add(1) < kMaxStreams) return;
    --streams_;
    throw HttpError(503, fmt::format("{} clients follow jobs already", kMaxStreams));
  }
  ~StreamPlace() { --streams_; }
  StreamPlace(const StreamPlace&) = delete;
  StreamPlace& operator=(const StreamPlace&) = delete;

 private:
  std::atomic<int>& streams_;
};

}  // namespace

const std::vector<std::pair<std::string, std::string>>& security_headers() {
  static const std::vector<std::pair<std::string, std::string>> kHeaders = {
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "no-referrer"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Embedder-Policy", "require-corp"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Permissions-Policy", "camera=(self)"},
      {"Content-Security-Policy",
       "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data: blob:; worker-src 'self' blob:; "
       "connect-src 'self'; media-src 'self' blob:; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
       "form-action 'self'"}};
  return kHeaders;
}

HttpReply Api::handle(const HttpRequest& request) {
  check_host(request);
  return route(request, split(request.path));
}

/// A page of another site can have its name lead here (DNS rebinding), but not change what a browser calls us.
void Api::check_host(const HttpRequest& request) const {
  const std::string host = request.header("Host");
  if (host.empty()) throw HttpError(400, "expected a Host header");
  if (!parts_.hosts.contains(host_name(host)))
    throw HttpError(403, "the server is not known by the name in the Host header; see --allowed-host");
}

std::string Api::client(const HttpRequest& request) const {
  const std::string forwarded = request.header("X-Forwarded-For");
  const bool from_here = request.peer == "127.0.0.1" || request.peer == "::1" || request.peer == "::ffff:127.0.0.1";
  if (!parts_.behind_proxy || !from_here || forwarded.empty()) return request.peer;
  const auto begin =
      forwarded.find_first_not_of(" ,", forwarded.rfind(',') == std::string::npos ? 0 : forwarded.rfind(','));
  return begin == std::string::npos ? request.peer : forwarded.substr(begin);
}

void Api::check_write(const HttpRequest& request, bool is_token_check) {
  const std::string who = client(request);
  if (wrong_tokens_.is_exhausted(who)) throw HttpError(429, "too many wrong tokens; wait a little");
  if (!parts_.token.accepts(request.header("Authorization"))) {
    wrong_tokens_.take(who);
    throw HttpError(401, "expected the server's token, as Authorization: Bearer TOKEN");
  }
  if (!is_token_check && !writes_.take(who)) throw HttpError(429, "too many requests; wait a little");
}

HttpReply Api::route(const HttpRequest& request, const Path& path) {
  try {
    const bool is_api = !path.empty() && path.front() == "api";
    if (request.method == "GET" || request.method == "HEAD") return is_api ? read(request, path) : web(request);
    if (request.method != "POST" && request.method != "DELETE") throw HttpError(405, "expected GET, POST or DELETE");
    if (!is_api) throw HttpError(405, "expected GET");
    check_write(request, path == Path{"api", "token", "check"});
    return write(request, path);
  } catch (const HttpError& error) {
    HttpReply reply = json_reply({{"error", error.what()}}, error.status());
    if (error.status() == 429)
      reply.headers.emplace_back("Retry-After", std::to_string(wrong_tokens_.seconds_to_wait()));
    if (error.status() == 503) reply.headers.emplace_back("Retry-After", "10");
    if (error.status() == 401) reply.headers.emplace_back("WWW-Authenticate", "Bearer");
    return reply;
  }
}

Job Api::find_job(const std::string& id) const {
  auto job = parts_.store.job(id);
  if (!job) not_found();
  return *std::move(job);
}

Model Api::find_model(const std::string& id) const {
  auto model = parts_.store.model(id);
  if (!model) not_found();
  return *std::move(model);
}

HttpReply Api::job_reply(const std::string& id, int status) {
  const Job job = find_job(id);
  return json_reply(job_json(job, parts_.board.progress(job)), status);
}

HttpReply Api::read(const HttpRequest& request, const Path& path) {
  if (path.size() == 2 && path[1] == "health") return json_reply({{"status", "ok"}, {"version", version()}});
  if (path.size() == 2 && path[1] == "options") return json_reply(options_json(parts_.recipes));
  if (path.size() == 2 && path[1] == "openapi.json")
    return {200, "application/json", kOpenApi, {{"Cache-Control", kRevalidate}}};
  if (path.size() >= 2 && path[1] == "jobs") return read_job(request, path);
  if (path.size() >= 2 && path[1] == "models") return read_model(request, path);
  not_found();
}

HttpReply Api::read_job(const HttpRequest& request, const Path& path) {
  if (path.size() == 2) {
    Json jobs = Json::array();
    for (const Job& job : parts_.store.jobs()) jobs.push_back(job_json(job, parts_.board.progress(job)));
    return json_reply({{"jobs", std::move(jobs)}});
  }
  const Job job = find_job(path[2]);
  if (path.size() == 3) return json_reply(job_json(job, parts_.board.progress(job)));
  if (path.size() != 4) not_found();
  if (path[3] == "style")
    return file_reply(request, parts_.folders.style(job.id), "image/jpeg", quoted(job.id), kRevalidate);
  if (path[3] == "events") return events(request, job);
  if (path[3] != "preview") not_found();
  const auto asked = request.query.find("step");
  const std::int64_t newest = parts_.board.progress(job).preview_step.value_or(-1);
  const std::int64_t step = asked == request.query.end() ? newest : step_from(asked->second, -1);
  if (step < 0) not_found();
  return file_reply(request, parts_.folders.preview(job.id, step), "image/png",
                    quoted(fmt::format("{}-{}", job.id, step)), kRevalidate);
}

HttpReply Api::read_model(const HttpRequest& request, const Path& path) {
  if (path.size() == 2) {
    Json models = Json::array();
    for (const Model& model : parts_.store.models()) models.push_back(model_json(model));
    return json_reply({{"models", std::move(models)}});
  }
  const Model model = find_model(path[2]);
  if (path.size() == 3) return json_reply(model_json(model));
  if (path.size() == 4 && path[3] == "thumbnail")
    return file_reply(request, parts_.folders.thumbnail(model.id), "image/jpeg", quoted(model.thumbnail_sha256),
                      kImmutable);
  if (path.size() == 4 && path[3] == "style")
    return file_reply(request, parts_.folders.model_style(model.id), "image/jpeg", quoted(model.style_sha256),
                      kImmutable);
  if (path.size() != 5 || path[3] != "files") not_found();
  for (const ModelFile& file : model.files)
    if (file.name == path[4])
      return file_reply(request, parts_.folders.model_file(model.id, file.name), formats::kMediaType,
                        quoted(file.sha256), kImmutable);
  not_found();
}

HttpReply Api::events(const HttpRequest& request, const Job& job) {
  struct Stream {
    StreamPlace place;
    JobEvents events;
    std::chrono::steady_clock::time_point spoke;
    bool begun = false;
  };
  const std::int64_t last = step_from(request.header("Last-Event-ID"), -1);
  const auto stream = std::shared_ptr<Stream>(new Stream{
      StreamPlace(streams_), JobEvents(parts_.store, parts_.folders, job.id, last), std::chrono::steady_clock::now()});
  HttpReply reply{200, "text/event-stream", {}, {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}}};
  reply.stream = [this, stream]() -> std::optional<std::string> {
    if (stream->events.ended() || parts_.stopping()) return std::nullopt;
    if (stream->begun) std::this_thread::sleep_for(kEventPause);
    stream->begun = true;
    std::string text = stream->events.take();
    const auto now = std::chrono::steady_clock::now();
    if (text.empty() && now - stream->spoke >= kHeartbeat) text = ": still here\n\n";
    if (!text.empty()) stream->spoke = now;
    return text;
  };
  return reply;
}

HttpReply Api::write(const HttpRequest& request, const Path& path) {
  const bool posts = request.method == "POST";
  if (posts && path == Path{"api", "token", "check"}) return {204, {}, {}};
  if (posts && path == Path{"api", "jobs"}) return add_job(request);
  if (posts && path.size() == 4 && path[1] == "jobs") {
    const Job job = find_job(path[2]);
    if (path[3] == "cancel") {
      if (!parts_.queue.cancel(job.id)) throw HttpError(409, "the job has ended already");
      return job_reply(job.id);
    }
    if (path[3] == "resume") {
      if (!parts_.store.resume(job.id))
        throw HttpError(409, fmt::format("the job is {}, expected cancelled or failed", to_string(job.state)));
      parts_.queue.wake();
      return job_reply(job.id);
    }
  }
  if (!posts && path.size() == 3 && path[1] == "jobs") {
    const Job job = find_job(path[2]);
    if (!parts_.queue.remove(job.id)) throw HttpError(409, "the job has not ended; cancel it first");
    return {204, {}, {}};
  }
  if (!posts && path.size() == 3 && path[1] == "models") {
    const Model model = find_model(path[2]);
    if (parts_.store.remove_model(model.id)) remove_folder(parts_.folders.model(model.id));
    return {204, {}, {}};
  }
  not_found();
}

void Api::re_encode(const std::string& job, const std::string& picture) {
  const fs::path upload = parts_.folders.job(job) / "upload";
  write_file_atomically(upload, picture);
  // By a process of its own: no damaged file can harm this one.
  decoders_.acquire();
  int code = 0;
  try {
    code = parts_.run({kPictureCommand, upload.string(), "-o", parts_.folders.style(job).string(), "--size",
                       std::to_string(kStyleSide)},
                      parts_.folders.log(job), {});
  } catch (...) {
    decoders_.release();
    throw;
  }
  decoders_.release();
  fs::remove(upload);
  if (code != 0) throw HttpError(400, "style: the picture is damaged and cannot be decoded");
}

Job Api::prepare_job(const Form& form) {
  const auto field = [&](const char* name) {
    const auto found = form.find(name);
    return found == form.end() ? std::string() : found->second;
  };
  Job job;
  job.id = new_id();
  const fs::path folder = parts_.folders.job(job.id);
  try {
    const std::string picture = field("style");
    if (picture.empty()) throw UsageError("style: expected a picture");
    const Recipe recipe =
        parts_.recipes.recipe({field("name"), field("preset"), field("budget"), field("steps"), field("strength")},
                              parts_.folders.style(job.id), parts_.folders.run(job.id));
    check_picture(picture);
    fs::create_directories(folder);
    re_encode(job.id, picture);
    write_file_atomically(parts_.folders.config(job.id), config::to_yaml(recipe.config, /*comments=*/false));
    sync_all(folder);
    sync_names(parts_.folders.jobs());
    job.name = recipe.name;
    job.preset = recipe.preset;
    job.budget = recipe.budget;
    job.steps = recipe.config.train.steps;
    job.strength = recipe.config.loss.strength;
    job.created_at = now_utc();
    return job;
  } catch (const UsageError& error) {
    remove_folder(folder);
    throw HttpError(400, first_line(error.what()));
  } catch (...) {
    remove_folder(folder);
    throw;
  }
}

HttpReply Api::add_job(const HttpRequest& request) {
  const Form form = request.form(kFormLimits);
  const std::string key = request.header("Idempotency-Key");
  if (key.size() > kMaxKeyBytes)
    throw HttpError(400, fmt::format("Idempotency-Key: expected at most {} bytes", kMaxKeyBytes));
  if (!key.empty())
    if (const auto earlier = parts_.store.job_of_key(key)) return job_reply(earlier->id);
  const Job prepared = prepare_job(form);
  const auto [job, is_new] = parts_.store.add_job(prepared, key);
  if (!is_new) remove_folder(parts_.folders.job(prepared.id));  // two requests with one key at the same time
  parts_.queue.wake();
  HttpReply reply = job_reply(job.id, is_new ? 201 : 200);
  if (is_new) {
    reply.headers.emplace_back("Location", "/api/jobs/" + job.id);
    log()->info("[serve] job {}: queued ({}, {})", job.id, job.preset, job.budget);
  }
  return reply;
}

HttpReply Api::web(const HttpRequest& request) const {
  if (const StaticFile* file = parts_.web.find(request.path))
    return file_reply(request, file->path, file->type, file->etag, file->immutable ? kImmutable : kRevalidate);
  if (request.path == "/" && parts_.web.size() == 0)
    return {200, "text/html; charset=utf-8", plain_page(), {{"Cache-Control", "no-store"}}};
  not_found();
}

std::string Api::plain_page() const {
  std::string page =
      "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>pocketstyle</title><h1>pocketstyle</h1>"
      "<p>The server runs, and has no web app: it was not built with one. docs/serve.md says how to build it. "
      "<a href=\"/api/openapi.json\">The API</a> is there.</p><h2>Models</h2><ul>";
  for (const Model& model : parts_.store.models()) {
    page += fmt::format("<li>{} ({}):", escape_xml(model.name), escape_xml(model.preset));
    for (const ModelFile& file : model.files)
      page += fmt::format(" <a href=\"/api/models/{}/files/{}\">{}</a>", escape_xml(model.id), escape_xml(file.name),
                          escape_xml(file.name));
    page += "</li>";
  }
  return page + "</ul></html>\n";
}

}  // namespace pocketstyle::serve
