// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/data/photos.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/log.h"
#include "pocketstyle/core/random.h"
#include "pocketstyle/media/image.h"
#include "pocketstyle/media/photo_files.h"
#include "pocketstyle/media/tensor.h"

#include <atomic>
#include <cmath>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>

namespace pocketstyle::data {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kAheadBatches = 3;
constexpr std::int64_t kMostDraws = 100;              // of every photo, until a window is not plain
constexpr std::uint64_t kOrderStream = 0x6F72646572;  // separates the shuffles from the crops

/// The photos of a folder, decoded on demand and resized to one short side, cached while there is room. Thread-safe.
class PhotoFolder {
 public:
  PhotoFolder(const fs::path& folder, std::int64_t short_side, std::int64_t min_side, std::int64_t cache_mb)
      : folder_(folder), short_side_(short_side), min_side_(min_side), room_(cache_mb * 1'000'000) {
    media::PhotoFiles found = media::find_photos(folder);
    paths_ = std::move(found.photos);
    if (paths_.empty())
      throw DataError("{}: expected photos (.jpg, .png, .webp ...), found none{}", folder.string(),
                      found.skipped.empty() ? "" : "; skipped " + found.skipped_text());
    if (!found.skipped.empty()) log()->info("[data] {}: skipped {}", folder.string(), found.skipped_text());
  }

  [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(paths_.size()); }
  [[nodiscard]] std::int64_t skipped() const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::int64_t>(unusable_.size());
  }
  [[nodiscard]] const fs::path& folder() const { return folder_; }
  [[nodiscard]] std::string names_sha256() const {
    std::string names;
    for (std::int64_t i = 0; i < size(); ++i) names += name(i) + "\n";
    return sha256_hex(names);
  }
  [[nodiscard]] std::string name(std::int64_t index) const {
    return paths_[static_cast<std::size_t>(index)].lexically_relative(folder_).generic_string();
  }

  /// The photo, or nullptr if it is unusable, which is logged the first time.
  std::shared_ptr<const media::Image> get(std::int64_t index) {
    {
      const std::lock_guard lock(mutex_);
      if (const auto kept = cache_.find(index); kept != cache_.end()) return kept->second;
      if (unusable_.contains(index)) return nullptr;
    }
    const fs::path& path = paths_[static_cast<std::size_t>(index)];
    try {
      const media::Image whole = media::load_image(path);
      if (std::min(whole.width, whole.height) < min_side_)
        throw DataError("{}: {}x{}, expected {} pixels or more", path.string(), whole.width, whole.height, min_side_);
      auto photo = std::make_shared<const media::Image>(media::resize_short_side(whole, short_side_));
      if (media::contrast(*photo) < media::kPlainContrast) throw DataError("{}: one plain colour", path.string());
      const std::lock_guard lock(mutex_);
      const auto bytes = static_cast<std::int64_t>(photo->rgb_hwc.size());
      if (bytes <= room_ && cache_.emplace(index, photo).second) room_ -= bytes;
      return photo;
    } catch (const Error& error) {
      const std::lock_guard lock(mutex_);
      if (unusable_.insert(index).second) log()->warn("[data] skipped {}", error.what());
      return nullptr;
    }
  }

 private:
  fs::path folder_;
  std::vector<fs::path> paths_;
  std::int64_t short_side_, min_side_, room_;
  mutable std::mutex mutex_;
  std::map<std::int64_t, std::shared_ptr<const media::Image>> cache_;
  std::set<std::int64_t> unusable_;
};

[[noreturn]] void throw_no_usable(const PhotoFolder& folder) {
  throw DataError("{}: expected photos, but none of the {} files is usable (see the warnings above)",
                  folder.folder().string(), folder.size());
}

}  // namespace

std::vector<torch::Tensor> load_validation_photos(const config::DataConfig& config, std::vector<std::string>* names) {
  if (config.held_out.empty()) return {};
  PhotoFolder folder(config.held_out, config.held_out_size, config.min_side, /*cache_mb=*/0);
  std::vector<torch::Tensor> photos;
  for (std::int64_t i = 0; i < folder.size() && std::ssize(photos) < config.held_out_photos; ++i) {
    const auto photo = folder.get(i);
    if (photo == nullptr) continue;
    const auto width = photo->width / 4 * 4, height = photo->height / 4 * 4;
    photos.push_back(media::to_tensor_nchw255(media::crop(*photo, 0, 0, width, height)));
    if (names != nullptr) names->push_back(folder.name(i));
  }
  if (photos.empty()) throw_no_usable(folder);
  return photos;
}

torch::Tensor load_reference_photos(const config::DataConfig& config) {
  constexpr std::int64_t kMost = 12, kMostSide = 128;
  const std::int64_t side = std::min(config.crop, kMostSide);
  PhotoFolder folder(config.train.empty() ? find_asset("photos/train") : config.train, side, config.min_side,
                     /*cache_mb=*/0);
  std::vector<torch::Tensor> photos;
  for (std::int64_t i = 0; i < std::min(folder.size(), kMost); ++i) {
    const auto photo = folder.get(i * folder.size() / std::min(folder.size(), kMost));
    if (photo == nullptr) continue;
    const auto left = (photo->width - side) / 2, top = (photo->height - side) / 2;
    photos.push_back(media::to_tensor_nchw255(media::crop(*photo, left, top, side, side)));
  }
  if (photos.empty()) throw_no_usable(folder);
  return torch::cat(photos);
}

struct Batches::Impl {
  Impl(const config::DataConfig& data, std::int64_t batch_size, std::uint64_t run_seed, std::int64_t start,
       const Share& our_share, std::int64_t end_of_small)
      : config(data),
        folder(data.train, data.window_max, data.min_side, data.cache_mb),
        batch(batch_size),
        seed(run_seed),
        share(our_share),
        small_until(end_of_small),
        origin(start),
        position(start) {
    std::int64_t first_usable = 0;
    while (first_usable < folder.size() && folder.get(first_usable) == nullptr) ++first_usable;
    if (first_usable == folder.size()) throw_no_usable(folder);
    try {
      for (std::int64_t i = 0; i < config.workers; ++i) workers.emplace_back([this] { work(); });
    } catch (const std::system_error& error) {
      stop();
      throw RuntimeFailure("data.workers: worker {} of {} could not be started: {}", workers.size() + 1, config.workers,
                           error.what());
    }
  }

  ~Impl() { stop(); }

  void stop() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    wake.notify_all();
    for (std::thread& worker : workers) worker.join();
  }

  /// The photo of sample `n`: the one at n's place in its epoch's shuffle.
  std::int64_t photo_index(std::int64_t n, std::int64_t attempt) {
    const std::int64_t epoch = n / folder.size();
    const std::lock_guard lock(order_mutex);
    auto& order = orders[epoch];
    if (order.empty()) order = shuffled_indices(folder.size(), seed ^ kOrderStream, static_cast<std::uint64_t>(epoch));
    const std::int64_t index = order[static_cast<std::size_t>((n + attempt) % folder.size())];
    while (orders.size() > 4) orders.erase(orders.begin());
    return index;
  }

  /// The sample number of this shard's job number `job`.
  [[nodiscard]] std::int64_t sample_of(std::int64_t job) const {
    return origin + (job / batch * share.of + share.index) * batch + job % batch;
  }

  /// A random window of the photo, resized to `crop` and varied at random.
  [[nodiscard]] media::Image draw_window(const media::Image& photo, std::int64_t crop, CounterRandom& random) const {
    const auto smallest = std::max<std::int64_t>(1, std::llround(static_cast<double>(config.crop) / config.zoom));
    const std::int64_t side =
        std::max<std::int64_t>(1, random.integer(smallest, config.window_max) * crop / config.crop);
    const std::int64_t left = random.integer(0, photo.width - side), top = random.integer(0, photo.height - side);
    media::Image window = media::resize(media::crop(photo, left, top, side, side), crop, crop);
    if (random.coin()) window = media::flip_horizontally(window);
    if (config.jitter > 0) {
      const auto around = [&](double middle) { return middle + config.jitter * (2 * random.unit() - 1); };
      const double contrast = around(1), saturation = around(1), brightness = 255 * around(0) / 2;
      window = media::adjust(window, contrast, saturation, brightness);
    }
    return window;
  }

  torch::Tensor sample(std::int64_t n) {
    CounterRandom random(seed, static_cast<std::uint64_t>(n));
    const std::int64_t crop = n < small_until ? config.small_crop : config.crop;
    for (std::int64_t attempt = 0; attempt < kMostDraws * folder.size(); ++attempt) {
      const auto photo = folder.get(photo_index(n, attempt));
      if (photo == nullptr) continue;
      const media::Image window = draw_window(*photo, crop, random);
      if (media::contrast(window) >= media::kPlainContrast) return media::to_tensor_nchw255(window);
    }
    throw DataError("{}: expected photos with some detail, found plain colours in all that was cut out of them",
                    folder.folder().string());
  }

  void work() {
    std::unique_lock lock(mutex);
    while (true) {
      wake.wait(lock, [&] { return stopping || sample_of(next_job) < position + kAheadBatches * batch * share.of; });
      if (stopping) return;
      const std::int64_t n = sample_of(next_job++);
      lock.unlock();
      torch::Tensor made;
      std::exception_ptr failure;
      try {
        made = sample(n);
      } catch (...) {
        failure = std::current_exception();
      }
      lock.lock();
      if (failure != nullptr && error == nullptr) error = failure;
      ready.emplace(n, made);
      delivered.notify_all();
    }
  }

  torch::Tensor take(std::int64_t n) {
    if (workers.empty()) return sample(n);
    std::unique_lock lock(mutex);
    delivered.wait(lock, [&] { return error != nullptr || ready.contains(n); });
    if (error != nullptr) std::rethrow_exception(error);
    torch::Tensor made = ready.at(n);
    ready.erase(n);
    return made;
  }

  config::DataConfig config;
  PhotoFolder folder;
  std::int64_t batch;
  std::uint64_t seed;
  Share share;
  std::int64_t small_until, origin;

  std::mutex order_mutex;
  std::map<std::int64_t, std::vector<std::int64_t>> orders;  // by epoch, the latest few

  std::mutex mutex;  // guards all members below
  std::condition_variable wake, delivered;
  std::int64_t position, next_job = 0;
  std::map<std::int64_t, torch::Tensor> ready;
  std::exception_ptr error;
  bool stopping = false;
  std::vector<std::thread> workers;
};

Batches::Batches(const config::DataConfig& config, std::int64_t batch, std::uint64_t seed, std::int64_t position,
                 const Share& share, std::int64_t small_until)
    : impl_(std::make_unique<Impl>(config, batch, seed, position, share, small_until)) {}
Batches::~Batches() = default;

torch::Tensor Batches::next() {
  std::vector<torch::Tensor> samples;
  const std::int64_t first = next_sample();
  for (std::int64_t i = 0; i < impl_->batch; ++i) samples.push_back(impl_->take(first + i));
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->position += impl_->batch * impl_->share.of;
  }
  impl_->wake.notify_all();
  return torch::cat(samples);
}

std::int64_t Batches::position() const {
  return impl_->position;
}
std::int64_t Batches::next_sample() const {
  return impl_->position + impl_->share.index * impl_->batch;
}
std::int64_t Batches::photos() const {
  return impl_->folder.size();
}
std::string Batches::names_sha256() const {
  return impl_->folder.names_sha256();
}
std::int64_t Batches::skipped() const {
  return impl_->folder.skipped();
}

}  // namespace pocketstyle::data
