// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/train/process_group.h"

#include "train/reach.h"

#include <vector>

#ifdef POCKETSTYLE_GLOO
#ifndef USE_C10D_GLOO  // LibTorch's CMake package defines it in some builds
#define USE_C10D_GLOO
#endif
#ifdef POCKETSTYLE_NCCL
#ifndef USE_C10D_NCCL
#define USE_C10D_NCCL
#endif
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif
#include <torch/csrc/distributed/c10d/FileStore.hpp>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <csignal>
#include <cstdlib>
#include <thread>
#include <utility>
#endif

namespace pocketstyle::train {

bool ProcessGroup::any(bool mine) {
  torch::Tensor share = torch::full({1}, mine ? 1.0 : 0.0, torch::kFloat64);
  all_reduce_mean(share);
  return share.item<double>() > 0;
}

std::string ProcessGroup::broadcast_text(const std::string& mine) {
  torch::Tensor size = torch::full({1}, static_cast<std::int64_t>(mine.size()), torch::kInt64);
  broadcast(size);
  torch::Tensor text = torch::zeros({size.item<std::int64_t>()}, torch::kUInt8);
  auto* const bytes = text.data_ptr<std::uint8_t>();
  if (leader()) std::copy(mine.begin(), mine.end(), bytes);
  if (text.numel() > 0) broadcast(text);
  return {bytes, bytes + text.numel()};
}

#ifndef POCKETSTYLE_GLOO

void check_can_join() {
  throw UsageError(
      "this build supports training in one process only: its LibTorch has no c10d with Gloo, or Gloo's headers were "
      "missing (Debian: libgloo-dev)");
}

std::unique_ptr<ProcessGroup> join(const Place& /*place*/, const Rendezvous& /*rendezvous*/) {
  check_can_join();
  return nullptr;
}

#else

namespace {

using Clock = std::chrono::steady_clock;
using StorePtr = c10::intrusive_ptr<c10d::Store>;
constexpr auto kPoll = std::chrono::milliseconds(20);
constexpr const char* kLost = "lost another process of this run";
constexpr const char *kWorldKey = "world", *kRefusedKey = "refused";

/// The message of LibTorch or Gloo, without the source location at its start.
std::string reason(const std::exception& error) {
  const auto* const theirs = dynamic_cast<const c10::Error*>(&error);
  std::string text = first_line(theirs != nullptr ? theirs->what_without_backtrace() : error.what());
  if (text.starts_with('['))
    if (const auto end = text.find("] "); end != std::string::npos) text.erase(0, end + 2);
  return text;
}

/// Calls `exchange`. Any failure in it is caused by a peer.
template <class F>
auto with_peers(const Place& place, const char* what, F&& exchange) {
  try {
    return exchange();
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    throw PeerLost("rank {} of {} {}: {}", place.rank, place.world, what, reason(error));
  }
}

/// A store that can be released while the process group, which needed it to connect, still holds this wrapper.
/// Otherwise the store's threads would watch rank 0 for the whole run, and end the program when rank 0 dies.
class PassingStore : public c10d::Store {
 public:
  explicit PassingStore(StorePtr store) : store_(std::move(store)) {}
  void let_go() { store_.reset(); }

  void set(const std::string& key, const std::vector<std::uint8_t>& value) override { store_->set(key, value); }
  std::vector<std::uint8_t> get(const std::string& key) override { return store_->get(key); }
  std::int64_t add(const std::string& key, std::int64_t value) override { return store_->add(key, value); }
  bool deleteKey(const std::string& key) override { return store_->deleteKey(key); }
  bool check(const std::vector<std::string>& keys) override { return store_->check(keys); }
  std::int64_t getNumKeys() override { return store_->getNumKeys(); }
  void wait(const std::vector<std::string>& keys) override { store_->wait(keys); }
  void wait(const std::vector<std::string>& keys, const std::chrono::milliseconds& timeout) override {
    store_->wait(keys, timeout);
  }

 private:
  StorePtr store_;
};

StorePtr open_store(const Place& place, const Rendezvous& rendezvous, Clock::time_point deadline,
                    std::string& own_address) {
  StorePtr store;
  if (!rendezvous.file.empty()) {
    store = c10::make_intrusive<c10d::FileStore>(rendezvous.file.string(), place.world);
  } else {
    c10d::TCPStoreOptions options;
    options.port = rendezvous.port;
    options.isServer = place.rank == 0 && !rendezvous.hosted;
    options.numWorkers = static_cast<std::size_t>(place.world);
    options.waitWorkers = false;
    options.timeout = rendezvous.timeout;
    // Newer LibTorch uses libuv by default, but distributions build it without.
    const auto without_libuv = [](auto& any) {
      if constexpr (requires { any.useLibUV; }) any.useLibUV = false;
    };
    without_libuv(options);
    if (!options.isServer) own_address = reach(rendezvous.address, rendezvous.port, deadline);
    store = c10::make_intrusive<c10d::TCPStore>(rendezvous.address, options);
    if (options.isServer) own_address = reach(rendezvous.address, rendezvous.port, deadline);
  }
  store->setTimeout(rendezvous.timeout);
  return c10::make_intrusive<c10d::PrefixStore>(rendezvous.prefix, store);
}

void put_text(c10d::Store& store, const char* key, const std::string& text) {
  store.set(key, std::vector<std::uint8_t>(text.begin(), text.end()));
}

std::string text_at(c10d::Store& store, const char* key) {
  const auto bytes = store.get(key);
  return {bytes.begin(), bytes.end()};
}

[[noreturn]] void refuse(c10d::Store& store, const std::string& why) {
  put_text(store, kRefusedKey, why);
  throw UsageError("{}", why);
}

/// Returns when all ranks have joined and agree on their number.
void meet(c10d::Store& store, const Place& place, Clock::time_point deadline) {
  const auto key_of = [](int rank) { return fmt::format("rank/{}", rank); };
  const std::string world = std::to_string(place.world);
  if (store.add(key_of(place.rank), 1) != 1)
    refuse(
        store,
        fmt::format(
            "there are two processes of rank {}: two machines with the same --node-rank, or a --store file left by an "
            "earlier run",
            place.rank));
  if (place.rank == 0) put_text(store, kWorldKey, world);
  bool same_world = place.rank == 0;
  int next = 0;  // all ranks below it have joined
  while (true) {
    if (!same_world && store.check({kWorldKey})) {
      if (const std::string theirs = text_at(store, kWorldKey); theirs != world)
        refuse(store, fmt::format("rank {} expects {} processes, rank 0 expects {}", place.rank, world, theirs));
      same_world = true;
    }
    if (store.check({kRefusedKey})) throw UsageError("{}", text_at(store, kRefusedKey));
    while (next < place.world && store.check({key_of(next)})) ++next;
    if (next == place.world && same_world) return;
    if (Clock::now() > deadline)
      throw PeerLost("rank {} of {}: rank {} did not join in time", place.rank, place.world, next);
    std::this_thread::sleep_for(kPoll);
  }
}

auto make_device(const Place& place, const std::string& own_address) {
  using c10d::ProcessGroupGloo;
  if (place.local_world == place.world) return ProcessGroupGloo::createDeviceForHostname("127.0.0.1");
  if (const char* interface = std::getenv("GLOO_SOCKET_IFNAME"); interface != nullptr && *interface != '\0')
    return ProcessGroupGloo::createDeviceForInterface(interface);
  return own_address.empty() ? ProcessGroupGloo::createDefaultDevice()
                             : ProcessGroupGloo::createDeviceForHostname(own_address);
}

class C10dGroup : public ProcessGroup {
 public:
  C10dGroup(const Place& place, const Rendezvous& rendezvous) : ProcessGroup(place) {
    const auto deadline = Clock::now() + rendezvous.timeout;
    std::string own_address;
    auto store = c10::make_intrusive<PassingStore>(open_store(place, rendezvous, deadline, own_address));
    meet(*store, place, deadline);
    const auto options = c10d::ProcessGroupGloo::Options::create(rendezvous.timeout);
    options->devices = {make_device(place, own_address)};
    gloo_ = c10::make_intrusive<c10d::ProcessGroupGloo>(store, place.rank, place.world, options);
    bool keeps_store = false;
#ifdef POCKETSTYLE_NCCL
    if (torch::cuda::is_available() && static_cast<int>(torch::cuda::device_count()) >= place.local_world) {
      // Otherwise waiting for a dead peer would never end.
      ::setenv("NCCL_BLOCKING_WAIT", "1", 0);
      ::setenv("TORCH_NCCL_BLOCKING_WAIT", "1", 0);
      const auto nccl = c10d::ProcessGroupNCCL::Options::create();
      nccl->timeout = rendezvous.timeout;
      nccl_ = c10::make_intrusive<c10d::ProcessGroupNCCL>(store, place.rank, place.world, nccl);
      keeps_store = true;  // it connects through the store at its first exchange
    }
#endif
    // Rank 0, which hosts the store, releases it last. All take part: some may have no GPU, which is noticed later.
    any(false);
    if (!leader() && !keeps_store) store->let_go();
    any(false);
    if (!keeps_store) store->let_go();
  }

  void all_reduce_mean(torch::Tensor& values) override {
    with_peers(place(), kLost, [&] {
      const torch::NoGradGuard no_grad;
#ifdef POCKETSTYLE_NCCL
      if (values.is_cuda() && nccl_) {
        std::vector<at::Tensor> on_device = {values};
        nccl_->allreduce(on_device)->wait();
        values.div_(world());
        return;
      }
#endif
      std::vector<at::Tensor> on_cpu = {values.cpu()};
      gloo_->allreduce(on_cpu)->wait();
      values.copy_(on_cpu[0].div_(world()));
    });
  }

  void broadcast(torch::Tensor& values) override {
    with_peers(place(), kLost, [&] {
      const torch::NoGradGuard no_grad;
      std::vector<at::Tensor> on_cpu = {values.cpu()};
      gloo_->broadcast(on_cpu)->wait();
      values.copy_(on_cpu[0]);
    });
  }

 private:
  c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo_;
#ifdef POCKETSTYLE_NCCL
  c10::intrusive_ptr<c10d::ProcessGroupNCCL> nccl_;
#endif
};

}  // namespace

void check_can_join() {}

std::unique_ptr<ProcessGroup> join(const Place& place, const Rendezvous& rendezvous) {
  std::signal(SIGPIPE, SIG_IGN);
  return with_peers(place, "cannot connect to the others",
                    [&] { return std::make_unique<C10dGroup>(place, rendezvous); });
}

#endif

}  // namespace pocketstyle::train
