// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "serve/auth.h"
#include "serve/file_maker.h"
#include "serve/folders.h"
#include "serve/form.h"
#include "serve/http.h"
#include "serve/places.h"
#include "serve/progress.h"
#include "serve/queue.h"
#include "serve/rate_limit.h"
#include "serve/recipe.h"
#include "serve/static_files.h"
#include "serve/store.h"

#include "pocketstyle/serve/programs.h"

#include <functional>
#include <semaphore>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace pocketstyle::serve {

/// Headers sent with every reply.
const std::vector<std::pair<std::string, std::string>>& security_headers();

/// The server's replies, independent of the transport; described in openapi.json.
class Api {
 public:
  struct Parts {
    Store& store;
    Queue& queue;
    ProgressBoard& board;
    FileMaker& maker;
    const Recipes& recipes;
    const Token& token;
    const StaticFiles& web;
    Folders folders;
    RunProgram run;
    std::set<std::string> hosts;  ///< accepted host names, without ports, in lower case
    bool behind_proxy = false;
    std::function<bool()> stopping;
  };
  explicit Api(Parts parts) : parts_(std::move(parts)) {}

  /// Throws HttpError, or pocketstyle::Error if the server itself fails.
  HttpReply handle(const HttpRequest& request);

 private:
  using Path = std::vector<std::string>;  ///< "/api/v1/jobs/ID" as {"jobs", "ID"}
  void check_host(const HttpRequest& request) const;
  void check_write(const HttpRequest& request, bool is_token_check);
  [[nodiscard]] std::string client(const HttpRequest& request) const;
  HttpReply route(const HttpRequest& request, const Path& path);
  HttpReply read(const HttpRequest& request, const Path& path);
  HttpReply read_job(const HttpRequest& request, const Path& path);
  HttpReply read_model(const HttpRequest& request, const Path& path);
  HttpReply write(const HttpRequest& request, const Path& path);
  HttpReply add_job(const HttpRequest& request);
  HttpReply lend(const HttpRequest& request);
  HttpReply read_lent(const Path& path);
  HttpReply write_lent(const HttpRequest& request, const Path& path);
  HttpReply repeated(const Job& earlier, const JobKey& key);
  HttpReply model_file(const HttpRequest& request, const std::string& id, const std::string& name, bool is_info);
  HttpReply events(const HttpRequest& request, const Job& job);
  HttpReply web(const HttpRequest& request) const;
  [[nodiscard]] std::string plain_page() const;
  [[nodiscard]] Job find_job(const std::string& id) const;
  [[nodiscard]] Model find_model(const std::string& id) const;
  HttpReply job_reply(const std::string& id, int status = 200);
  /// Creates the job that `request` asks for, with its folder, but does not queue it yet.
  Job prepare_job(const Form& form);
  void re_encode(const std::string& job, const std::string& picture);

  Parts parts_;
  RateLimit wrong_tokens_{10, 10}, writes_{60, 30};  // per minute and address
  Places streams_{256, 16};                          // clients that follow jobs
  std::counting_semaphore<> decoders_{2};            // pictures decoded concurrently
};

}  // namespace pocketstyle::serve
