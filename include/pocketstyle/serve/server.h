// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/serve/programs.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace pocketstyle::serve {

/// A trained network that comes with the product.
struct ShippedModel {
  std::string style, net;               ///< "starry_night", "mini"
  std::filesystem::path weights;        ///< safetensors
  std::filesystem::path metrics;        ///< metrics of its run; may be missing
  std::filesystem::path style_picture;  ///< empty if there is none
};

struct ServerOptions {
  std::filesystem::path data;                ///< the server's data folder; created if missing
  std::filesystem::path config;              ///< base configuration of all jobs
  std::filesystem::path web;                 ///< the web app's files; empty: a plain page instead
  std::filesystem::path token_file;          ///< empty: `data`/token
  std::filesystem::path thumbnail_photo;     ///< photo for the models' thumbnails
  std::string host = "127.0.0.1";            ///< address or name to listen on
  std::uint16_t port = 8080;                 ///< 0: any free port
  std::vector<std::string> allowed_hosts{};  ///< accepted host names, besides localhost and `host`
  bool behind_proxy = false;                 ///< a proxy on this machine names its clients in X-Forwarded-For
  int jobs = 1;                              ///< concurrent training jobs here; 0: only other machines train
  int lease_seconds = 120;                   ///< a job goes back when its machine is not heard from for so long
  std::vector<ShippedModel> shipped{};       ///< published on the first start
};

/// A training server: accepts style pictures, trains and publishes networks, and serves them and a web app over HTTP
/// (docs/serve.md). It does not use LibTorch itself: other processes do the work.
class Server {
 public:
  /// Opens the data folder and starts to listen. Throws UsageError (another server uses the folder, the configuration
  /// is wrong, the address is not available), DataError (the folder, the database, the token).
  Server(ServerOptions options, RunProgram run);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Serves requests and works through the queue until stop(). Call once per object.
  void serve();
  /// May be called from any thread, but not from a signal handler. Training jobs write checkpoints and stay queued.
  void stop();

  [[nodiscard]] std::string url() const;  ///< "http://127.0.0.1:8080"
  [[nodiscard]] std::filesystem::path token_file() const;
  [[nodiscard]] bool is_loopback() const;  ///< reachable only from this machine

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace pocketstyle::serve
