// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/workflows/serve.h"

#include "cli/commands.h"

#include "pocketstyle/core/cpu.h"
#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/log.h"
#include "pocketstyle/core/signals.h"
#include "pocketstyle/serve/server.h"
#include "pocketstyle/serve/worker.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <exception>
#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>

namespace pocketstyle::cli {
namespace fs = std::filesystem;
namespace {

struct ServeArguments {
  std::string data, config, web, token_file, worker;
  serve::ServerOptions options;
  bool without_shipped = false, verbose = false;
};

/// Each connection needs a descriptor, and a download needs another.
void allow_many_files() {
  constexpr rlim_t kWanted = 4096;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= kWanted) return;
  limit.rlim_cur = std::min(limit.rlim_max, kWanted);
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// Runs `work` until it ends, or is told to by `stop` after one of `signals`, which must be blocked in every thread.
void run_until_told(const sigset_t& signals, const std::function<void()>& work, const std::function<void()>& stop,
                    const char* farewell) {
  std::atomic<bool> ended{false};
  std::exception_ptr failure;
  std::thread thread([&] {
    try {
      work();
    } catch (...) {
      failure = std::current_exception();
    }
    ended = true;
  });
  constexpr timespec kPoll{0, 200'000'000};
  while (!ended && ::sigtimedwait(&signals, nullptr, &kPoll) < 0) {
  }
  if (!ended) std::cout << farewell << std::endl;
  stop();
  thread.join();
  if (failure) std::rethrow_exception(failure);
}

fs::path config_of(const ServeArguments& arguments) {
  return arguments.config.empty() ? find_asset("../configs/models.yaml") : fs::path(arguments.config);
}

std::string host_of_this_machine() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

void run_worker(const ServeArguments& arguments, const sigset_t& signals) {
  if (arguments.token_file.empty()) throw UsageError("--worker: needs --token-file, a copy of the server's token");
  serve::Worker worker({.url = arguments.worker,
                        .token_file = arguments.token_file,
                        .data = arguments.data,
                        .config = config_of(arguments),
                        .name = host_of_this_machine()},
                       workflows::program_runner(1));
  std::cout << "working for " << arguments.worker << "\npress Ctrl-C to stop" << std::endl;
  std::stop_source stop;
  run_until_told(
      signals, [&] { worker.work(stop.get_token()); }, [&] { stop.request_stop(); },
      "stopping; a training job writes a checkpoint and goes back");
  std::cout << "stopped\n";
}

void run_serve(ServeArguments& arguments) {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGINT);
  ::sigaddset(&signals, SIGTERM);
  if (!is_ignored(SIGHUP)) ::sigaddset(&signals, SIGHUP);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return_freed_memory();  // large tensors are only in other processes
  allow_many_files();
  if (arguments.verbose) log()->set_level(spdlog::level::debug);
  if (!arguments.worker.empty()) return run_worker(arguments, signals);

  serve::ServerOptions& options = arguments.options;
  options.data = arguments.data;
  options.config = config_of(arguments);
  options.web = arguments.web.empty() ? workflows::find_web_folder() : fs::path(arguments.web);
  options.token_file = arguments.token_file;
  options.thumbnail_photo = find_asset("photos/val/city10.jpg");
  if (!arguments.without_shipped) options.shipped = workflows::models_to_serve();

  serve::Server server(options, workflows::program_runner(std::max(1, options.jobs)));
  std::cout << fmt::format("serving {} on {}\ntoken file: {}\n", fs::absolute(options.data).string(), server.url(),
                           server.token_file().string());
  if (options.web.empty()) std::cout << "no web app found: serving a plain page instead\n";
  if (!server.is_loopback())
    std::cout
        << "warning: other machines can reach this address, and their traffic, including the token, is not encrypted; "
           "see docs/serve.md for how to add TLS\n";
  std::cout << "press Ctrl-C to stop" << std::endl;
  run_until_told(
      signals, [&] { server.serve(); }, [&] { server.stop(); }, "stopping; training jobs are writing checkpoints");
  std::cout << "stopped; unfinished jobs continue at the next start\n";
}

}  // namespace

void add_serve(CLI::App& app) {
  auto arguments = std::make_shared<ServeArguments>();
  serve::ServerOptions& options = arguments->options;
  CLI::App* command = app.add_subcommand("serve", "Run a training server with a web app on this machine");
  command->add_option("--data", arguments->data, "Data folder of the server, or of the worker; created if missing")
      ->required();
  command->add_option("--host", options.host, "Address to listen on")->capture_default_str();
  command->add_option("--port", options.port, "Port; 0: any free port")->capture_default_str();
  command
      ->add_option(
          "--config", arguments->config,
          "Base configuration of all jobs; with --worker, names this machine's photos; default: configs/models.yaml")
      ->check(CLI::ExistingFile);
  command->add_option("--jobs", options.jobs, "Concurrent training jobs, which share the cores; 0: only workers train")
      ->check(CLI::Range(0, 64))
      ->capture_default_str();
  command
      ->add_option("--web", arguments->web,
                   "Folder of the web app; default: the one built or installed with this program")
      ->check(CLI::ExistingDirectory);
  command->add_option(
      "--token-file", arguments->token_file,
      "File with the access token for changes; default: DATA/token, created on first start; with --worker, a "
      "copy of the server's");
  command
      ->add_option("--allowed-host", options.allowed_hosts,
                   "Additional host name under which the server may be accessed (repeatable)")
      ->take_all()
      ->allow_extra_args(false);
  command->add_option("--lease-seconds", options.lease_seconds, "For tests: when a lost worker's job goes back")
      ->check(CLI::Range(1, 3600))
      ->group("");
  command->add_flag("--behind-proxy", options.behind_proxy, "Trust X-Forwarded-For from a proxy on this machine");
  command->add_flag("--no-shipped-models", arguments->without_shipped, "Do not publish the shipped models");
  command->add_flag("--verbose", arguments->verbose, "Log every request");
  CLI::Option* worker = command
                            ->add_option("--worker", arguments->worker,
                                         "Serve nothing, but train jobs of the server at this URL; needs --token-file")
                            ->type_name("URL");
  for (const char* of_servers : {"--host", "--port", "--jobs", "--web", "--allowed-host", "--lease-seconds",
                                 "--behind-proxy", "--no-shipped-models", "--verbose"})
    worker->excludes(command->get_option(of_servers));
  command->footer(
      "Anyone who can open the page can view and use the models; training, cancelling and removing need the token.\n"
      "Examples:\n"
      "  pocketstyle serve --data server\n"
      "  pocketstyle serve --data server --port 9000 --jobs 2 --config mine.yaml\n"
      "  pocketstyle serve --data /var/lib/pocketstyle --allowed-host style.example.org --behind-proxy\n"
      "  curl -H \"Authorization: Bearer $(cat server/token)\" -F style=@waves.jpg -F name=Waves -F preset=mini \\\n"
      "    -F budget=quick http://127.0.0.1:8080/api/v1/jobs\n"
      "  pocketstyle serve --worker https://style.example.org --token-file token --data worker\n"
      "See docs/serve.md for more. Ctrl-C stops the server; jobs continue at the next start, even after a crash.");
  command->callback([arguments] { run_serve(*arguments); });
}

}  // namespace pocketstyle::cli
