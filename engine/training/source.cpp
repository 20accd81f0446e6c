// From the word to the two parts.
#include "engine/training/source.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <memory>
#include <new>
#include <system_error>
#include <utility>

#include "engine/training/digits.h"
#include "engine/training/idx_folder.h"
#include "engine/training/split.h"

namespace convlens::training {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMostDigits = 10'000'000;

Result<DataParts> parts_of(Dataset train, Dataset test) {
  if (train.picture_shape() != test.picture_shape()) {
    return Error{"the training pictures (" + train.origin + ") are " + to_string(train.picture_shape()) +
                 " and the test pictures (" + test.origin + ") " + to_string(test.picture_shape()) +
                 "; both need one size"};
  }
  DataParts parts{whole(std::make_shared<const Dataset>(std::move(train))),
                  whole(std::make_shared<const Dataset>(std::move(test)))};
  return parts;
}

DataParts parts_of(Dataset both, std::uint64_t seed) {
  auto [train, test] = set_aside(whole(std::make_shared<const Dataset>(std::move(both))), kTestShare, seed);
  return {std::move(train), std::move(test)};
}

Result<DataParts> open_idx(const fs::path& where, bool is_mnist, std::uint64_t seed) {
  Result<IdxFiles> files = find_idx_files(where);
  if (!files) return files.error();
  if (is_mnist) {
    if (!files->test_pictures) {
      return Error{where.string() + " lacks t10k-images-idx3-ubyte (or .gz); fetch or copy the whole data set"};
    }
    if (files->meaning.class_names.empty()) files->meaning.class_names = digit_names();
  }
  Result<Dataset> train = read_idx_pair(files->train_pictures, files->train_labels, files->meaning);
  if (!train) return train.error();
  if (!files->test_pictures) return parts_of(std::move(train).value(), seed);
  files->meaning.class_names = train->class_names;
  Result<Dataset> test = read_idx_pair(*files->test_pictures, *files->test_labels, files->meaning);
  if (!test) return test.error();
  return parts_of(std::move(train).value(), std::move(test).value());
}

Result<DataParts> open_folder(const fs::path& folder, PictureFolderOptions options, std::uint64_t seed,
                              const Parallel& parallel) {
  std::error_code ignored;
  if (!fs::is_directory(folder / "train", ignored) || !fs::is_directory(folder / "test", ignored)) {
    Result<Dataset> both = read_picture_folder(folder, options, parallel);
    if (!both) return both.error();
    return parts_of(std::move(both).value(), seed);
  }
  Result<Dataset> train = read_picture_folder(folder / "train", options, parallel);
  if (!train) return train.error();
  options.height = train->height;
  options.width = train->width;
  options.channels = train->channels;
  options.class_names = train->class_names;
  Result<Dataset> test = read_picture_folder(folder / "test", options, parallel);
  if (!test) return test.error();
  return parts_of(std::move(train).value(), std::move(test).value());
}

Result<DataParts> open_synthetic(const std::string& number, bool has_number, std::uint64_t seed,
                                 const Parallel& parallel) {
  std::int64_t count = kDefaultDigits;
  if (has_number) {
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), count);
    if (error != std::errc() || end != number.data() + number.size() || count < 20 || count > kMostDigits) {
      return Error{"'synthetic:" + number + "' needs a number of digits from 20 to " + std::to_string(kMostDigits) +
                   ", such as synthetic:60000"};
    }
  }
  // The test digits follow the training digits in the same endless series: none is in both.
  Dataset train = make_digits(count, seed, parallel);
  Dataset test = make_digits(std::max<std::int64_t>(count / 6, 10), seed, parallel, count);
  return parts_of(std::move(train), std::move(test));
}

Result<DataParts> open(const std::string& text, std::uint64_t seed, const PictureFolderOptions& pictures,
                       const Parallel& parallel) {
  const std::size_t colon = text.find(':');
  const std::string kind = text.substr(0, colon);
  const std::string rest = colon == std::string::npos ? "" : text.substr(colon + 1);
  if (kind == "synthetic") return open_synthetic(rest, colon != std::string::npos, seed, parallel);
  if (kind != "mnist" && kind != "idx" && kind != "folder") {
    return Error{"'" + text + "' is no data set; give " + kDataWords};
  }
  if (rest.empty()) return Error{"'" + text + "' lacks the folder; write " + kind + ":DIR"};
  if (kind == "folder") return open_folder(rest, pictures, seed, parallel);
  return open_idx(rest, kind == "mnist", seed);
}

}  // namespace

std::string data_word(const std::string& text) {
  if (text.find(':') != std::string::npos) return text;
  if (const auto place = idx_place(text)) return "idx:" + place->string();
  std::error_code ignored;
  return fs::is_directory(text, ignored) ? "folder:" + text : text;
}

Result<DataParts> open_data(const std::string& text, std::uint64_t seed, const PictureFolderOptions& pictures,
                            const Parallel& parallel) {
  try {
    return open(text, seed, pictures, parallel);
  } catch (const std::bad_alloc&) {
    return Error{"'" + text + "' does not fit into memory; close other programs or use a smaller data set"};
  }
}

}  // namespace convlens::training
