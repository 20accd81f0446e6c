// The worker that opens pictures, the pasted pictures, and the last few opened ones.
#include "app/model/picture_loader.h"

#include <algorithm>
#include <cctype>
#include <condition_variable>
#include <deque>
#include <exception>
#include <filesystem>
#include <map>
#include <mutex>
#include <new>
#include <thread>
#include <utility>

#include "app/model/mailbox.h"
#include "app/model/reduce.h"
#include "engine/io/npy.h"
#include "engine/io/picture.h"
#include "engine/pictures/pictures.h"

namespace convlens::model {
namespace {

// Decoded pictures kept for undo, the one on the screen beside them.
constexpr std::size_t kMaxCached = 6;
constexpr std::int64_t kMaxCachedBytes = std::int64_t{256} << 20;
// Encoded bytes of pasted pictures.
constexpr std::size_t kMaxPastedBytes = std::size_t{256} << 20;

using Bytes = std::shared_ptr<const std::vector<std::uint8_t>>;

struct Request {
  std::uint64_t number = 0;
  PictureRef ref;
  bool reload = false;
};

std::int64_t bytes_of(const LoadedPicture& picture) {
  std::int64_t floats = picture.pixels.size();
  for (const Tensor& level : picture.levels) floats += level.size();
  return floats * static_cast<std::int64_t>(sizeof(float));
}

std::string size_text(const Shape& shape) {
  return std::to_string(shape.w) + " × " + std::to_string(shape.h) + (shape.c == 1 ? ", grey" : ", RGB");
}

bool is_npy(const std::string& path) {
  std::string ending = std::filesystem::path(path).extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
  return ending == ".npy";
}

// (H,W,C) as most Python libraries keep pictures, told from (C,H,W) by where the 1 or 3 is.
bool has_channels_last(const io::NpyArray& array) {
  const auto is_channels = [](std::int64_t n) { return n == 1 || n == 3; };
  return array.shape.size() == 3 && is_channels(array.shape[2]) && !is_channels(array.shape[0]);
}

void move_channels_first(io::NpyArray& array) {
  const auto channels = static_cast<std::size_t>(array.shape[2]);
  const std::size_t plane = array.values.size() / channels;
  std::vector<float> planar(array.values.size());
  for (std::size_t i = 0; i < plane; ++i) {
    for (std::size_t c = 0; c < channels; ++c) planar[c * plane + i] = array.values[i * channels + c];
  }
  array.values = std::move(planar);
  array.shape = {array.shape[2], array.shape[0], array.shape[1]};
}

// Floats are taken as they are; bytes are brought to [0,1] like those of any picture.
Result<LoadedPicture> from_array(const std::string& path) {
  const std::string name = std::filesystem::path(path).filename().string();
  auto array = io::read_npy(path);
  if (!array) return array.error();
  if (has_channels_last(*array)) move_channels_first(*array);
  if (array->is_bytes) {
    for (float& value : array->values) value /= 255.0F;
  }
  auto pixels = io::to_image_tensor(*array, name);
  if (!pixels) return pixels.error();
  const Shape& shape = pixels->shape();
  if (shape.n != 1 || (shape.c != 1 && shape.c != 3)) {
    return Error{name + " holds an array of shape " + to_string(shape) +
                 "; a picture has one image of 1 or 3 channels, as (H,W), (3,H,W) or (H,W,3)."};
  }
  LoadedPicture picture;
  picture.pixels = std::move(*pixels);
  picture.details = size_text(picture.pixels.shape()) + ", NumPy array";
  return picture;
}

LoadedPicture from_decoded(io::Picture decoded) {
  LoadedPicture picture;
  picture.pixels = std::move(decoded.pixels);
  picture.details = size_text(picture.pixels.shape()) + ", " + std::to_string(decoded.bits) + " bit " + decoded.format;
  return picture;
}

}  // namespace

std::string picture_title(const PictureRef& ref) {
  if (ref.kind == PictureRef::Kind::kFile) return std::filesystem::path(ref.name).filename().string();
  if (ref.kind == PictureRef::Kind::kBuiltin) {
    for (const pictures::BuiltinPicture& row : pictures::builtin_pictures()) {
      if (row.name == ref.name) return std::string(row.label);
    }
  }
  return ref.name;
}

struct PictureLoader::State {
  std::function<void()> wake;

  mutable std::mutex mutex;
  std::condition_variable_any changed;
  std::optional<Request> pending;
  bool is_running = false;
  std::deque<PicturePtr> cache;  // most recently used first
  std::map<std::string, Bytes> pasted;
  std::deque<std::string> paste_order;
  std::size_t pasted_bytes = 0;
  int paste_count = 0;
  std::uint64_t last_id = 0;
  std::uint64_t last_request = 0;

  Mailbox<Outcome> mailbox;
  std::jthread worker;  // last: stops and joins before anything it uses goes

  void loop(const std::stop_token& stop);
  Outcome answer(const Request& request);
  Result<LoadedPicture> load(const PictureRef& ref);
  Result<LoadedPicture> decode_pasted(const std::string& name);
  PicturePtr find_cached(const PictureRef& ref);
  void remember(const PicturePtr& picture);
};

PicturePtr PictureLoader::State::find_cached(const PictureRef& ref) {
  std::lock_guard lock(mutex);
  const auto found = std::find_if(cache.begin(), cache.end(), [&](const PicturePtr& p) { return p->ref == ref; });
  if (found == cache.end()) return nullptr;
  std::rotate(cache.begin(), found, found + 1);
  return cache.front();
}

void PictureLoader::State::remember(const PicturePtr& picture) {
  std::vector<PicturePtr> dropped;  // freed after the lock is gone
  std::lock_guard lock(mutex);
  std::erase_if(cache, [&](const PicturePtr& p) {
    if (p->ref == picture->ref) dropped.push_back(p);
    return p->ref == picture->ref;
  });
  cache.push_front(picture);
  std::int64_t bytes = 0;
  std::size_t kept = 0;
  for (; kept < cache.size() && kept < kMaxCached; ++kept) {
    bytes += bytes_of(*cache[kept]);
    if (kept > 0 && bytes > kMaxCachedBytes) break;
  }
  while (cache.size() > kept) {
    dropped.push_back(std::move(cache.back()));
    cache.pop_back();
  }
}

Result<LoadedPicture> PictureLoader::State::decode_pasted(const std::string& name) {
  Bytes bytes;
  {
    std::lock_guard lock(mutex);
    if (const auto found = pasted.find(name); found != pasted.end()) bytes = found->second;
  }
  if (!bytes) return Error{"The pasted picture '" + name + "' is no longer in memory; paste it again."};
  auto decoded = io::decode_picture(*bytes, name);
  if (!decoded) return decoded.error();
  return from_decoded(std::move(*decoded));
}

Result<LoadedPicture> PictureLoader::State::load(const PictureRef& ref) {
  switch (ref.kind) {
    case PictureRef::Kind::kBuiltin: {
      auto pixels = pictures::make_builtin_picture(ref.name);
      if (!pixels) return pixels.error();
      LoadedPicture picture;
      picture.pixels = std::move(*pixels);
      picture.details = size_text(picture.pixels.shape()) + ", built in";
      return picture;
    }
    case PictureRef::Kind::kPasted:
      return decode_pasted(ref.name);
    case PictureRef::Kind::kFile:
      break;
  }
  if (is_npy(ref.name)) return from_array(ref.name);
  auto decoded = io::read_picture(ref.name);
  if (!decoded) return decoded.error();
  return from_decoded(std::move(*decoded));
}

PictureLoader::Outcome PictureLoader::State::answer(const Request& request) {
  if (!request.reload) {
    if (PicturePtr known = find_cached(request.ref)) return {request.number, request.ref, known};
  }
  try {
    auto loaded = load(request.ref);
    if (!loaded) return {request.number, request.ref, loaded.error()};
    auto picture = std::make_shared<LoadedPicture>(std::move(*loaded));
    picture->ref = request.ref;
    picture->title = picture_title(request.ref);
    picture->id = ++last_id;
    picture->levels = reduced_levels(picture->pixels, Parallel());
    remember(picture);
    return {request.number, request.ref, PicturePtr(std::move(picture))};
  } catch (const std::bad_alloc&) {
    return {request.number, request.ref,
            Error{"There is not enough memory to open " + picture_title(request.ref) +
                  "; close other programs or open a smaller picture."}};
  } catch (const std::exception& error) {
    return {request.number, request.ref,
            Error{picture_title(request.ref) + " could not be opened: " + error.what() + "."}};
  }
}

void PictureLoader::State::loop(const std::stop_token& stop) {
  while (true) {
    Request request;
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, stop, [&] { return pending.has_value(); });
      if (stop.stop_requested()) return;
      request = *std::exchange(pending, std::nullopt);
      is_running = true;
    }
    mailbox.put(answer(request));
    {
      std::lock_guard lock(mutex);
      is_running = false;
    }
    if (wake) wake();
  }
}

PictureLoader::PictureLoader(std::function<void()> wake) : state_(std::make_unique<State>()) {
  state_->wake = std::move(wake);
  state_->worker = std::jthread([state = state_.get()](const std::stop_token& stop) { state->loop(stop); });
}

PictureLoader::~PictureLoader() = default;

std::uint64_t PictureLoader::request(const PictureRef& ref, bool reload) {
  std::uint64_t number = 0;
  {
    std::lock_guard lock(state_->mutex);
    number = ++state_->last_request;
    state_->pending = Request{number, ref, reload};
  }
  state_->changed.notify_one();
  return number;
}

std::uint64_t PictureLoader::request_pasted(std::vector<std::uint8_t> bytes) {
  PictureRef ref{PictureRef::Kind::kPasted, {}};
  {
    std::lock_guard lock(state_->mutex);
    ref.name = "pasted-" + std::to_string(++state_->paste_count);
    state_->pasted_bytes += bytes.size();
    state_->pasted[ref.name] = std::make_shared<const std::vector<std::uint8_t>>(std::move(bytes));
    state_->paste_order.push_back(ref.name);
    while (state_->paste_order.size() > 1 && state_->pasted_bytes > kMaxPastedBytes) {
      const auto oldest = state_->pasted.find(state_->paste_order.front());
      state_->pasted_bytes -= oldest->second->size();
      state_->pasted.erase(oldest);
      state_->paste_order.pop_front();
    }
  }
  return request(ref);
}

bool PictureLoader::is_busy() const {
  std::lock_guard lock(state_->mutex);
  return state_->is_running || state_->pending.has_value();
}

PicturePtr PictureLoader::cached(const PictureRef& ref) const { return state_->find_cached(ref); }

std::optional<PictureLoader::Outcome> PictureLoader::take() { return state_->mailbox.take(); }

}  // namespace convlens::model
