// SPDX-License-Identifier: Apache-2.0
#include "serve/api.h"

#include "serve/api_assets.h"
#include "serve/api_json.h"
#include "serve/byte_range.h"
#include "serve/ids.h"
#include "serve/job_events.h"
#include "serve/picture_header.h"
#include "serve/request_head.h"

#include "pocketstyle/config/load.h"
#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/log.h"
#include "pocketstyle/core/markup.h"
#include "pocketstyle/core/version.h"
#include "pocketstyle/formats/formats.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <limits>

namespace pocketstyle::serve {
namespace fs = std::filesystem;
namespace {

constexpr auto kHeartbeat = std::chrono::milliseconds(15000);
constexpr std::int64_t kPage = 100, kLargestPage = 1000;
constexpr int kStyleSide = 2048;  // maximum long side of stored uploads, in pixels
constexpr FormLimits kFormLimits{"style", kMaxUploadBytes, 4096, 16};
constexpr const char* kImmutable = "public, max-age=31536000, immutable";
constexpr const char* kRevalidate = "no-cache";

HttpReply json_reply(const Json& json, int status = 200) {
  return {status, "application/json", text_of(json), {{"Cache-Control", "no-store"}}};
}

[[noreturn]] void not_found() {
  throw HttpError(errors::not_found, "not found");
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

/// A file on disk, or the requested part of it.
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
    reply.body = error_json(errors::range_not_satisfiable, fmt::format("the file has {} bytes", size));
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

/// Who counts as one client: an IPv6 network of 64 bits, which is what one subscriber gets, or an IPv4 address.
std::string network_of(const std::string& address) {
  std::array<unsigned char, 16> bytes{};
  if (::inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) return address;
  std::fill(bytes.begin() + 8, bytes.end(), 0);
  std::array<char, INET6_ADDRSTRLEN> text{};
  return ::inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
}

/// The page that a request asks for.
Page page_of(const HttpRequest& request) {
  const auto number = [&](const char* name, std::int64_t otherwise, std::int64_t most) {
    const auto asked = request.query.find(name);
    if (asked == request.query.end()) return otherwise;
    const std::int64_t value = step_from(asked->second, -1);
    if (value < 1 || value > most)
      throw HttpError(errors::invalid_field, fmt::format("{}: expected a number from 1 to {}", name, most));
    return value;
  };
  return {number("limit", kPage, kLargestPage), number("cursor", 0, std::numeric_limits<std::int64_t>::max())};
}

Json next_json(std::int64_t next) {
  return next == 0 ? Json(nullptr) : Json(std::to_string(next));
}

/// Of all fields, in their order.
std::string hash_of(const Form& form) {
  std::string all;
  for (const auto& [name, value] : form)
    all += fmt::format("{} {} {} {}\n", name.size(), name, value.size(), sha256_hex(value));
  return sha256_hex(all);
}

/// A copy that lives longer than its connection's turn: the headers that a file's reply depends on.
HttpRequest for_later(const HttpRequest& request) {
  std::map<std::string, std::string> headers;
  for (const char* name : {"Range", "If-Range", "If-None-Match"}) headers[name] = request.header(name);
  HttpRequest copy{request.method, request.path, request.peer, request.query};
  copy.header = [headers = std::move(headers)](const char* name) {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
  };
  return copy;
}

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
  try {
    check_host(request);
    return route(request, split(request.path));
  } catch (const HttpError& error) {
    HttpReply reply = {error.code().status,
                       "application/json",
                       error_json(error.code(), error.what()),
                       {{"Cache-Control", "no-store"}}};
    if (reply.status == 429) reply.headers.emplace_back("Retry-After", std::to_string(wrong_tokens_.seconds_to_wait()));
    if (reply.status == 503) reply.headers.emplace_back("Retry-After", "10");
    if (reply.status == 401) reply.headers.emplace_back("WWW-Authenticate", "Bearer");
    return reply;
  }
}

/// A page of another site can make its own name resolve to this server (DNS rebinding), but not change the Host header.
void Api::check_host(const HttpRequest& request) const {
  if (!parts_.hosts.contains(host_name(request.header("Host"))))
    throw HttpError(errors::host_not_allowed, "the name in the Host header is not allowed; see --allowed-host");
}

std::string Api::client(const HttpRequest& request) const {
  const std::string forwarded = request.header("X-Forwarded-For");
  const bool from_here = request.peer == "127.0.0.1" || request.peer == "::1" || request.peer == "::ffff:127.0.0.1";
  if (!parts_.behind_proxy || !from_here || forwarded.empty()) return network_of(request.peer);
  const auto begin =
      forwarded.find_first_not_of(" ,", forwarded.rfind(',') == std::string::npos ? 0 : forwarded.rfind(','));
  return network_of(begin == std::string::npos ? request.peer : forwarded.substr(begin));
}

/// The right token is always accepted: a stranger behind the same address cannot lock its owner out.
void Api::check_write(const HttpRequest& request, bool is_token_check) {
  const std::string who = client(request), authorization = request.header("Authorization");
  if (!parts_.token.accepts(authorization)) {
    if (!wrong_tokens_.take(who))
      throw HttpError(errors::too_many_wrong_tokens, "too many wrong tokens; try again later");
    throw HttpError(authorization.empty() ? errors::no_token : errors::wrong_token,
                    "expected the server's token, as Authorization: Bearer TOKEN");
  }
  if (!is_token_check && !writes_.take(who))
    throw HttpError(errors::too_many_requests, "too many requests; try again later");
}

HttpReply Api::route(const HttpRequest& request, const Path& path) {
  const bool is_api = !path.empty() && path.front() == "api";
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (!is_api) {
    if (!reads) throw HttpError(errors::method_not_allowed, "expected GET");
    return web(request);
  }
  if (path.size() < 3 || path[1] != kApiVersion) not_found();
  const Path rest(path.begin() + 2, path.end());
  if (reads) return read(request, rest);
  if (request.method != "POST" && request.method != "DELETE")
    throw HttpError(errors::method_not_allowed, "expected GET, POST or DELETE");
  check_write(request, rest == Path{"token", "check"} || rest.front() == "leases");
  return write(request, rest);
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
  if (path == Path{"health"}) return json_reply({{"status", "ok"}, {"version", version()}});
  if (path == Path{"options"}) return json_reply(options_json(parts_.recipes));
  if (path == Path{"openapi.json"}) return {200, "application/json", kOpenApi, {{"Cache-Control", kRevalidate}}};
  if (path[0] == "jobs") return read_job(request, path);
  if (path[0] == "models") return read_model(request, path);
  if (path[0] == "leases") return read_lent(path);
  not_found();
}

HttpReply Api::read_job(const HttpRequest& request, const Path& path) {
  if (path.size() == 1) {
    Json jobs = Json::array();
    const auto [found, next] = parts_.store.jobs(page_of(request));
    for (const Job& job : found) jobs.push_back(job_json(job, parts_.board.progress(job)));
    return json_reply({{"jobs", std::move(jobs)}, {"next", next_json(next)}});
  }
  const Job job = find_job(path[1]);
  if (path.size() == 2) return json_reply(job_json(job, parts_.board.progress(job)));
  if (path.size() != 3) not_found();
  if (path[2] == "style")
    return file_reply(request, parts_.folders.style(job.id), "image/jpeg", quoted(job.id), kRevalidate);
  if (path[2] == "events") return events(request, job);
  if (path[2] != "preview") not_found();
  const auto asked = request.query.find("step");
  const std::int64_t newest = parts_.board.progress(job).preview_step.value_or(-1);
  const std::int64_t step = asked == request.query.end() ? newest : step_from(asked->second, -1);
  if (step < 0) not_found();
  return file_reply(request, parts_.folders.preview(job.id, step), "image/png",
                    quoted(fmt::format("{}-{}", job.id, step)), kRevalidate);
}

HttpReply Api::read_model(const HttpRequest& request, const Path& path) {
  if (path.size() == 1) {
    Json models = Json::array();
    const auto [found, next] = parts_.store.models(page_of(request));
    for (const Model& model : found) models.push_back(model_json(model));
    const Preparing preparing = parts_.store.preparing();
    return json_reply({{"models", std::move(models)},
                       {"next", next_json(next)},
                       {"preparing", preparing.done == preparing.total
                                         ? Json(nullptr)
                                         : Json({{"done", preparing.done}, {"total", preparing.total}})}});
  }
  const Model model = find_model(path[1]);
  if (path.size() == 2) return json_reply(model_json(model));
  if (path.size() == 3 && path[2] == "thumbnail")
    return file_reply(request, parts_.folders.thumbnail(model.id), "image/jpeg", quoted(model.thumbnail_sha256),
                      kImmutable);
  if (path.size() == 3 && path[2] == "style")
    return file_reply(request, parts_.folders.model_style(model.id), "image/jpeg", quoted(model.style_sha256),
                      kImmutable);
  const bool is_info = path.size() == 5 && path[4] == "info";
  if (path[2] != "files" || !(path.size() == 4 || is_info)) not_found();
  return model_file(request, model.id, path[3], is_info);
}

/// A file that is not there yet is made first.
HttpReply Api::model_file(const HttpRequest& request, const std::string& id, const std::string& name, bool is_info) {
  const auto file = parts_.store.file(id, name);
  if (!file) not_found();
  if (file->state == FileState::failed) throw HttpError(errors::file_failed, fmt::format("{}: {}", name, file->error));
  if (file->state == FileState::ready) {
    if (is_info) return json_reply(file_json(id, *file));
    return file_reply(request, parts_.folders.model_file(id, name), formats::kMediaType, quoted(file->sha256),
                      kImmutable);
  }
  if (!parts_.maker.ask_for(id, name))
    throw HttpError(errors::unavailable, "too many files are being made; try again later");
  HttpReply reply;
  reply.later = [this, request = for_later(request), id, name, is_info]() -> std::optional<HttpReply> {
    const bool is_being_made = parts_.maker.is_asked_for(id, name);  // before its row is read, which changes first
    const auto now = parts_.store.file(id, name);
    if (!now || now->state != FileState::waiting) return model_file(request, id, name, is_info);
    if (is_being_made) return std::nullopt;
    throw HttpError(errors::unavailable, "the file could not be made; see the server's log, and try again later");
  };
  return reply;
}

HttpReply Api::events(const HttpRequest& request, const Job& job) {
  struct Stream {
    Places::Place place;
    JobEvents events;
    std::chrono::steady_clock::time_point spoke;
  };
  const std::int64_t last = step_from(request.header("Last-Event-ID"), -1);
  auto place = streams_.take(client(request));
  if (!place.taken())
    throw HttpError(errors::too_many_streams,
                    fmt::format("too many clients follow jobs: at most {} of one address, {} in all",
                                streams_.most_of_one(), streams_.most()));
  const auto stream = std::shared_ptr<Stream>(new Stream{
      std::move(place), JobEvents(parts_.store, parts_.folders, job.id, last), std::chrono::steady_clock::now()});
  HttpReply reply{200, "text/event-stream", {}, {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}}};
  reply.stream = [this, stream]() -> std::optional<std::string> {
    if (stream->events.ended() || parts_.stopping()) return std::nullopt;
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
  if (posts && path == Path{"token", "check"}) return {204, {}, {}};
  if (posts && path == Path{"jobs"}) return add_job(request);
  if (posts && path == Path{"leases"}) return lend(request);
  if (posts && path[0] == "leases") return write_lent(request, path);
  if (posts && path.size() == 3 && path[0] == "jobs") {
    const Job job = find_job(path[1]);
    if (path[2] == "cancel") {
      if (!parts_.queue.cancel(job.id)) throw HttpError(errors::job_has_ended, "the job has ended already");
      return job_reply(job.id);
    }
    if (path[2] == "resume") {
      if (!parts_.store.resume(job.id))
        throw HttpError(errors::job_has_not_ended,
                        fmt::format("the job is {}, expected cancelled or failed", to_string(job.state)));
      parts_.queue.wake();
      return job_reply(job.id);
    }
  }
  if (!posts && path.size() == 2 && path[0] == "jobs") {
    const Job job = find_job(path[1]);
    if (!parts_.queue.remove(job.id))
      throw HttpError(errors::job_has_not_ended, "the job has not ended; cancel it first");
    return {204, {}, {}};
  }
  if (!posts && path.size() == 2 && path[0] == "models") {
    const Model model = find_model(path[1]);
    if (parts_.store.remove_model(model.id)) remove_folder(parts_.folders.model(model.id));
    return {204, {}, {}};
  }
  not_found();
}

void Api::re_encode(const std::string& job, const std::string& picture) {
  const fs::path upload = parts_.folders.job(job) / "upload";
  write_file_atomically(upload, picture);
  // In a separate process: no damaged file can harm this one.
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
  if (code != 0) throw HttpError(errors::invalid_field, "style: the picture is damaged and cannot be decoded");
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
    const Recipe recipe = parts_.recipes.recipe({.name = field("name"),
                                                 .preset = field("preset"),
                                                 .budget = field("budget"),
                                                 .steps = field("steps"),
                                                 .strength = field("strength"),
                                                 .minutes = field("minutes")},
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
    job.minutes = recipe.config.train.minutes;
    job.steps = job.minutes > 0 ? 0 : recipe.config.train.steps;
    job.strength = recipe.config.loss.strength;
    job.created_at = now_utc();
    return job;
  } catch (const UsageError& error) {
    remove_folder(folder);
    throw HttpError(errors::invalid_field, first_line(error.what()));
  } catch (...) {
    remove_folder(folder);
    throw;
  }
}

HttpReply Api::add_job(const HttpRequest& request) {
  const std::string boundary = form_boundary(request.header("Content-Type"));
  const Form form = parse_form(request.body(kFormLimits.body_bytes()), boundary, kFormLimits);
  const std::string key = request.header("Idempotency-Key");
  if (key.size() > kMaxKeyBytes)
    throw HttpError(errors::invalid_field, fmt::format("Idempotency-Key: expected at most {} bytes", kMaxKeyBytes));
  const JobKey job_key{key, key.empty() ? "" : hash_of(form)};
  if (!key.empty())
    if (const auto earlier = parts_.store.job_of_key(key)) return repeated(*earlier, job_key);
  const Job prepared = prepare_job(form);
  const auto [job, is_new] = parts_.store.add_job(prepared, job_key);
  if (!is_new) {  // two concurrent requests with the same key
    remove_folder(parts_.folders.job(prepared.id));
    return repeated(job, job_key);
  }
  parts_.queue.wake();
  log()->info("[serve] job {}: queued ({}, {})", job.id, job.preset, job.budget);
  HttpReply reply = job_reply(job.id, 201);
  reply.headers.emplace_back("Location", std::string(kApi) + "/jobs/" + job.id);
  return reply;
}

/// The job that a request with the same key made before.
HttpReply Api::repeated(const Job& earlier, const JobKey& key) {
  if (!earlier.request_sha256.empty() && earlier.request_sha256 != key.request_sha256)
    throw HttpError(errors::key_reused, "Idempotency-Key: was used before, with another request");
  return job_reply(earlier.id);
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
      "<p>The server is running, but it was built without the web app; see docs/serve.md for how to build it. "
      "<a href=\"/api/v1/openapi.json\">The API</a> is available.</p><h2>Models</h2><ul>";
  for (const Model& model : parts_.store.models()) {
    page += fmt::format("<li>{} ({}):", escape_xml(model.name), escape_xml(model.preset));
    for (const ModelFile& file : model.files)
      page += fmt::format(" <a href=\"/api/v1/models/{}/files/{}\">{}</a>", escape_xml(model.id), escape_xml(file.name),
                          escape_xml(file.name));
    page += "</li>";
  }
  return page + "</ul></html>\n";
}

}  // namespace pocketstyle::serve
