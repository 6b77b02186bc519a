// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/workflows/serve.h"

#include "cli/commands.h"

#include "pocketstyle/core/cpu.h"
#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/log.h"
#include "pocketstyle/serve/server.h"

#include <sys/resource.h>

#include <atomic>
#include <csignal>
#include <exception>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <thread>

namespace pocketstyle::cli {
namespace fs = std::filesystem;
namespace {

struct ServeArguments {
  std::string data, config, web, token_file;
  serve::ServerOptions options;
  bool without_shipped = false, verbose = false;
};

/// A connection takes a descriptor, and a download one more.
void allow_many_files() {
  constexpr rlim_t kWanted = 4096;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= kWanted) return;
  limit.rlim_cur = std::min(limit.rlim_max, kWanted);
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// Serves until SIGINT or SIGTERM, which must be blocked in every thread.
void serve_until_told(serve::Server& server, const sigset_t& signals) {
  std::atomic<bool> ended{false};
  std::exception_ptr failure;
  std::thread thread([&] {
    try {
      server.serve();
    } catch (...) {
      failure = std::current_exception();
    }
    ended = true;
  });
  constexpr timespec kPoll{0, 200'000'000};
  while (!ended && ::sigtimedwait(&signals, nullptr, &kPoll) < 0) {
  }
  if (!ended) std::cout << "stopping; trainings leave a checkpoint" << std::endl;
  server.stop();
  thread.join();
  if (failure) std::rethrow_exception(failure);
}

void run_serve(ServeArguments& arguments) {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGINT);
  ::sigaddset(&signals, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return_freed_memory();  // the large tensors are in other processes
  allow_many_files();
  if (arguments.verbose) log()->set_level(spdlog::level::debug);

  serve::ServerOptions& options = arguments.options;
  options.data = arguments.data;
  options.config = arguments.config.empty() ? find_asset("../configs/models.yaml") : fs::path(arguments.config);
  options.web = arguments.web.empty() ? workflows::find_web_folder() : fs::path(arguments.web);
  options.token_file = arguments.token_file;
  options.thumbnail_photo = find_asset("photos/val/city10.jpg");
  if (!arguments.without_shipped) options.shipped = workflows::models_to_serve();

  serve::Server server(options, workflows::program_runner(options.jobs));
  std::cout << fmt::format("serving {} on {}\ntoken: in {}\n", fs::absolute(options.data).string(), server.url(),
                           server.token_file().string());
  if (options.web.empty()) std::cout << "no web app: a plain page stands in for it\n";
  if (!server.is_loopback())
    std::cout
        << "warning: other machines can reach this address, and what they send, the token too, can be read on the "
           "way; docs/serve.md has how to put TLS in front\n";
  std::cout << "Ctrl-C stops" << std::endl;
  serve_until_told(server, signals);
  std::cout << "stopped; what was not done goes on at the next start\n";
}

}  // namespace

void add_serve(CLI::App& app) {
  auto arguments = std::make_shared<ServeArguments>();
  serve::ServerOptions& options = arguments->options;
  CLI::App* command = app.add_subcommand("serve", "A training server with a web page, on this machine");
  command->add_option("--data", arguments->data, "Folder for everything that it keeps; made if it is not there")
      ->required();
  command->add_option("--host", options.host, "Address to listen on")->capture_default_str();
  command->add_option("--port", options.port, "Port; 0: any that is free")->capture_default_str();
  command->add_option("--config", arguments->config, "YAML file that jobs are made from; default: configs/models.yaml")
      ->check(CLI::ExistingFile);
  command->add_option("--jobs", options.jobs, "Trainings at a time; they share the cores")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  command->add_option("--web", arguments->web, "Folder of the web app; default: the one that was built or installed")
      ->check(CLI::ExistingDirectory);
  command->add_option("--token-file", arguments->token_file,
                      "File with the token that changes need; default: DATA/token, made at the first start");
  command
      ->add_option("--allowed-host", options.allowed_hosts,
                   "A further name that browsers may call the server by (may be repeated)")
      ->take_all()
      ->allow_extra_args(false);
  command->add_flag("--behind-proxy", options.behind_proxy,
                    "A proxy on this machine says in X-Forwarded-For who its clients are");
  command->add_flag("--no-shipped-models", arguments->without_shipped, "Begin without the models of this build");
  command->add_flag("--verbose", arguments->verbose, "Log every request");
  command->footer(
      "Whoever opens the page can look and use the models; training, cancelling and removing need the token.\n"
      "Examples:\n"
      "  pocketstyle serve --data server\n"
      "  pocketstyle serve --data server --port 9000 --jobs 2 --config mine.yaml\n"
      "  pocketstyle serve --data /var/lib/pocketstyle --allowed-host style.example.org --behind-proxy\n"
      "  curl -H \"Authorization: Bearer $(cat server/token)\" -F style=@waves.jpg -F name=Waves -F preset=mini \\\n"
      "    -F budget=quick http://127.0.0.1:8080/api/jobs\n"
      "docs/serve.md has more. Ctrl-C stops; nothing is lost, however it ends.");
  command->callback([arguments] { run_serve(*arguments); });
}

}  // namespace pocketstyle::cli
