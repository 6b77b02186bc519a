// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/serve/server.h"

#include "serve/api.h"
#include "serve/ids.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/log.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>

namespace pocketstyle::serve {
namespace fs = std::filesystem;
namespace {

/// In the form used in a URL.
std::string in_url(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

std::set<std::string> host_names(const ServerOptions& options) {
  std::set<std::string> names = {"localhost", "127.0.0.1", "[::1]", lower(in_url(options.host))};
  for (const std::string& name : options.allowed_hosts) names.insert(lower(name));
  return names;
}

/// Locks the folder's database and models for this process. When a server was killed a moment ago, a process that it
/// was just starting may still hold the lock.
std::unique_ptr<FolderLock> lock_folder(const fs::path& data) {
  constexpr auto kPatience = std::chrono::milliseconds(3000), kPoll = std::chrono::milliseconds(50);
  for (const auto start = std::chrono::steady_clock::now();; std::this_thread::sleep_for(kPoll)) {
    try {
      return std::make_unique<FolderLock>(data);
    } catch (const UsageError&) {
      if (std::chrono::steady_clock::now() - start > kPatience)
        throw UsageError("{}: another server uses this folder", data.string());
    }
  }
}

}  // namespace

struct Server::Parts {
  Parts(ServerOptions given, const RunProgram& run)
      : options(std::move(given)),
        folders{fs::absolute(options.data).lexically_normal()},
        recipes(options.config),
        http(options.host, options.port, security_headers(),
             [this](const HttpRequest& request) { return api.handle(request); }),
        lock(lock_folder(folders.data)),
        token_file(options.token_file.empty() ? folders.token() : options.token_file),
        token(token_file),
        web(options.web),
        store((folders.make(), folders.database())),
        board(folders),
        maker(folders.making(), folders.making_log(), run),
        file_maker(store, folders, maker, run, options.thumbnail_photo),
        publisher(store, folders, maker),
        queue(store, folders, board, publisher, file_maker, run, options.jobs, options.lease_seconds),
        api({.store = store,
             .queue = queue,
             .board = board,
             .maker = file_maker,
             .recipes = recipes,
             .token = token,
             .web = web,
             .folders = folders,
             .run = run,
             .hosts = host_names(options),
             .behind_proxy = options.behind_proxy,
             .stopping = [this] { return http.stopping(); }}) {}

  ServerOptions options;
  Folders folders;
  Recipes recipes;  // checks the options before the folder is created
  HttpServer http;
  std::unique_ptr<FolderLock> lock;
  fs::path token_file;
  Token token;
  StaticFiles web;
  Store store;
  ProgressBoard board;
  Maker maker;
  FileMaker file_maker;
  Publisher publisher;
  Queue queue;
  Api api;
};

Server::Server(ServerOptions options, RunProgram run) : parts_(std::make_unique<Parts>(std::move(options), run)) {}

Server::~Server() = default;

void Server::serve() {
  parts_->queue.start(parts_->options.shipped);
  parts_->http.serve();
  parts_->queue.request_stop();
  parts_->maker.stop();
  parts_->file_maker.stop();
  parts_->queue.stop();
  if (!parts_->http.stopping()) throw RuntimeFailure("{}: the system accepts no more connections", url());
}

void Server::stop() {
  parts_->http.stop();
}

std::string Server::url() const {
  return fmt::format("http://{}:{}", in_url(parts_->options.host), parts_->http.port());
}

fs::path Server::token_file() const {
  return parts_->token_file;
}

bool Server::is_loopback() const {
  const std::string& host = parts_->options.host;
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

}  // namespace pocketstyle::serve
