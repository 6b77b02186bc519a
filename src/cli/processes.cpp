// SPDX-License-Identifier: Apache-2.0
#include "cli/processes.h"

namespace pocketstyle::cli {

void add_process_options(CLI::App& command, workflows::ProcessOptions& options) {
  const char* const group = "Several processes (docs/parallel.md)";
  command
      .add_option("--nproc-per-node", options.processes,
                  "Number of processes to start on this machine; each takes train.batch photos")
      ->check(CLI::Range(1, 256))
      ->capture_default_str()
      ->group(group);
  command.add_option("--nnodes", options.machines, "Number of machines; run this command on each")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str()
      ->group(group);
  command.add_option("--node-rank", options.machine, "Index of this machine; machine 0 writes the run folder")
      ->check(CLI::Range(0, 4095))
      ->capture_default_str()
      ->group(group);
  command.add_option("--master-addr", options.address, "Address of machine 0")->capture_default_str()->group(group);
  command.add_option("--master-port", options.port, "Port on which machine 0 listens (default: 29500)")
      ->check(CLI::Range(1, 65535))
      ->group(group);
  command
      .add_option("--store", options.store,
                  "Rendezvous in a new file that all machines can access, file:///path, instead of a port")
      ->group(group);
  command
      .add_option(
          "--timeout", options.timeout_s,
          "Seconds to wait for the other processes to join, and later in each step; must be longer than machine 0 "
          "needs for a validation loss")
      ->check(CLI::Range(1, 86400))
      ->capture_default_str()
      ->group(group);
}

}  // namespace pocketstyle::cli
