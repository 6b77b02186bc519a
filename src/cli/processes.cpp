// SPDX-License-Identifier: Apache-2.0
#include "cli/processes.h"

namespace pocketstyle::cli {

void add_process_options(CLI::App& command, workflows::ProcessOptions& options) {
  const char* const group = "Several processes (docs/parallel.md)";
  command
      .add_option("--nproc-per-node", options.processes, "Start so many processes here; each takes train.batch photos")
      ->check(CLI::Range(1, 256))
      ->capture_default_str()
      ->group(group);
  command.add_option("--nnodes", options.machines, "Machines that train together, each started with this command")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str()
      ->group(group);
  command.add_option("--node-rank", options.machine, "Which of the machines this is; 0 keeps the run folder")
      ->check(CLI::Range(0, 4095))
      ->capture_default_str()
      ->group(group);
  command.add_option("--master-addr", options.address, "Address of machine 0")->capture_default_str()->group(group);
  command.add_option("--master-port", options.port, "Port that machine 0 listens at (default 29500)")
      ->check(CLI::Range(1, 65535))
      ->group(group);
  command
      .add_option("--store", options.store, "Meet in a new file that all machines see, file:///path, and not at a port")
      ->group(group);
  command
      .add_option("--timeout", options.timeout_s,
                  "Seconds to wait for the other processes to come, and later in a step; longer than machine 0 takes "
                  "for a validation loss")
      ->check(CLI::Range(1, 86400))
      ->capture_default_str()
      ->group(group);
}

}  // namespace pocketstyle::cli
