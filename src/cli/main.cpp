// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/cli/app.h"

int main(int argc, char** argv) {
  return pocketstyle::cli::run(argc, argv);
}
