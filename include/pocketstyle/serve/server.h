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
  std::filesystem::path metrics;        ///< of its run; may be missing
  std::filesystem::path style_picture;  ///< empty if there is none
};

struct ServerOptions {
  std::filesystem::path data;                ///< everything that it keeps; made if it is not there
  std::filesystem::path config;              ///< what jobs have in common
  std::filesystem::path web;                 ///< the web app's files; empty: a plain page instead
  std::filesystem::path token_file;          ///< empty: `data`/token
  std::filesystem::path thumbnail_photo;     ///< what models are shown on
  std::string host = "127.0.0.1";            ///< address or name to listen on
  std::uint16_t port = 8080;                 ///< 0: any that is free
  std::vector<std::string> allowed_hosts{};  ///< names that clients may know it by, beside localhost and `host`
  bool behind_proxy = false;                 ///< a proxy on this machine says in X-Forwarded-For who its clients are
  int jobs = 1;                              ///< trainings at a time
  std::vector<ShippedModel> shipped{};       ///< published at the first start
};

/// A training server: takes style pictures, trains and publishes networks, serves them and a web app over HTTP
/// (docs/serve.md). It needs no LibTorch: other processes do the work.
class Server {
 public:
  /// Opens the data folder and begins to listen. Throws UsageError (another server uses the folder, the configuration
  /// is wrong, the address cannot be had), DataError (the folder, the database, the token).
  Server(ServerOptions options, RunProgram run);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Serves and works through the queue until stop(). Once per object.
  void serve();
  /// From any thread, but not from a signal handler. Trainings leave checkpoints; their jobs stay queued.
  void stop();

  [[nodiscard]] std::string url() const;  ///< "http://127.0.0.1:8080"
  [[nodiscard]] std::filesystem::path token_file() const;
  [[nodiscard]] bool is_loopback() const;  ///< only this machine reaches it

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace pocketstyle::serve
