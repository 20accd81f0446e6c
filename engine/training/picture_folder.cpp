// Walks the class folders, reads pictures in parallel, brings them to one size.
#include "engine/training/picture_folder.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <new>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/io/picture.h"

namespace convlens::training {
namespace {

namespace fs = std::filesystem;

// The eye's weights of red, green and blue (Rec. 709).
constexpr std::array<float, 3> kLuminance = {0.2126f, 0.7152f, 0.0722f};
// Channels closer than this are one grey.
constexpr int kGreyTolerance = 2;

struct PictureFile {
  fs::path path;
  std::int32_t label = 0;
};

// One output pixel's share of the input pixels along an axis: from `first`, weights adding up to 1.
struct Reach {
  std::int64_t first = 0;
  std::vector<float> weights;
};

// Cuts [start, start + length) of an axis with `size` pixels into `count` equal parts.
std::vector<Reach> area_reaches(double start, double length, std::int64_t size, std::int64_t count) {
  std::vector<Reach> reaches(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    const double from = start + length * static_cast<double>(i) / static_cast<double>(count);
    const double to = start + length * static_cast<double>(i + 1) / static_cast<double>(count);
    Reach& reach = reaches[static_cast<std::size_t>(i)];
    reach.first = std::clamp<std::int64_t>(static_cast<std::int64_t>(from), 0, size - 1);
    double sum = 0;
    std::vector<double> shares;
    for (std::int64_t k = reach.first; k < size && (k == reach.first || static_cast<double>(k) < to); ++k) {
      const double share = std::min(to, static_cast<double>(k + 1)) - std::max(from, static_cast<double>(k));
      shares.push_back(std::max(share, 1e-12));
      sum += shares.back();
    }
    for (const double share : shares) reach.weights.push_back(static_cast<float>(share / sum));
  }
  return reaches;
}

std::string lower(std::string text) {
  for (char& letter : text) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return text;
}

bool looks_like_picture(const fs::path& path) {
  const auto known = io::picture_extensions();
  return std::find(known.begin(), known.end(), lower(path.extension().string())) != known.end();
}

// Names of what stands in a folder and passes the test, sorted; hidden ones are passed over.
template <class Test>
std::vector<fs::path> list(const fs::path& folder, const Test& test) {
  std::vector<fs::path> paths;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code unreadable;
    if (!entry->path().filename().string().starts_with('.') && test(*entry, unreadable)) paths.push_back(entry->path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

// Fills class_names and warnings of the dataset.
Result<std::vector<PictureFile>> list_pictures(const fs::path& folder, const PictureFolderOptions& options,
                                               Dataset& dataset) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    return Error{"cannot read " + folder.string() +
                 (fs::exists(folder, error) ? ": it is a file; give a folder with one folder per class"
                                            : ": it does not exist; check the spelling and the folder")};
  }
  dataset.class_names = options.class_names;
  std::vector<PictureFile> files;
  const auto is_folder = [](const fs::directory_entry& entry, std::error_code& code) {
    return entry.is_directory(code);
  };
  for (const fs::path& class_folder : list(folder, is_folder)) {
    const auto is_picture = [](const fs::directory_entry& entry, std::error_code& code) {
      return entry.is_regular_file(code) && looks_like_picture(entry.path());
    };
    const std::vector<fs::path> pictures = list(class_folder, is_picture);
    if (pictures.empty()) {
      dataset.warnings.push_back(class_folder.string() + " holds no pictures and is left out");
      continue;
    }
    const std::string name = class_folder.filename().string();
    auto at = std::find(dataset.class_names.begin(), dataset.class_names.end(), name);
    if (at == dataset.class_names.end()) {
      if (!options.class_names.empty()) {
        return Error{class_folder.string() + " is a class that the training pictures do not have; rename or remove it"};
      }
      at = dataset.class_names.insert(at, name);
    }
    const auto label = static_cast<std::int32_t>(at - dataset.class_names.begin());
    for (const fs::path& picture : pictures) files.push_back({picture, label});
  }
  if (files.empty()) {
    return Error{folder.string() + " holds no pictures in folders; make one folder per class and put its pictures in"};
  }
  if (dataset.class_names.size() == 1) {
    return Error{folder.string() + " holds pictures of one class only (" + dataset.class_names.front() +
                 "); a network needs at least two to tell apart"};
  }
  return files;
}

// Sets the dataset's height and width; the first readable picture decides where they are not asked for.
Status choose_size(const std::vector<PictureFile>& files, const PictureFolderOptions& options, Dataset& dataset) {
  dataset.height = options.height;
  dataset.width = options.width;
  if (options.height > 0) return Done{};
  std::string first_error;
  for (const PictureFile& file : files) {
    const Result<io::PictureInfo> info = io::read_picture_info(file.path);
    if (!info) {
      if (first_error.empty()) first_error = info.error().message;
      continue;
    }
    const std::int64_t longer = std::max(info->height, info->width);
    const double scale =
        longer > kMostUnaskedSide ? static_cast<double>(kMostUnaskedSide) / static_cast<double>(longer) : 1;
    dataset.height = std::max<std::int64_t>(1, std::llround(scale * static_cast<double>(info->height)));
    dataset.width = std::max<std::int64_t>(1, std::llround(scale * static_cast<double>(info->width)));
    return Done{};
  }
  return Error{"none of the " + std::to_string(files.size()) + " pictures can be read; the first: " + first_error};
}

bool is_grey(std::span<const std::uint8_t> rgb) {
  const std::size_t plane = rgb.size() / 3;
  for (std::size_t i = 0; i < plane; ++i) {
    const auto [low, high] = std::minmax({rgb[i], rgb[plane + i], rgb[2 * plane + i]});
    if (high - low > kGreyTolerance) return false;
  }
  return true;
}

// Keeps the first of three channels, which are one grey.
void drop_colour(Dataset& dataset) {
  const std::int64_t plane = dataset.height * dataset.width;
  for (std::int64_t n = 0; n < dataset.size(); ++n) {
    std::copy_n(dataset.pixels.data() + 3 * n * plane, plane, dataset.pixels.data() + n * plane);
  }
  dataset.pixels.resize(static_cast<std::size_t>(dataset.size() * plane));
  dataset.pixels.shrink_to_fit();
  dataset.channels = 1;
}

// Reads every file into its place; returns what was wrong with each, empty where it was read.
std::vector<std::string> read_pictures(const std::vector<PictureFile>& files, const Parallel& parallel,
                                       Dataset& dataset) {
  std::vector<std::string> errors(files.size());
  parallel.for_each(std::ssize(files), [&](std::int64_t i) {
    const auto at = static_cast<std::size_t>(i);
    try {
      const Result<io::Picture> picture = io::read_picture(files[at].path);
      if (!picture) {
        errors[at] = picture.error().message;
        return;
      }
      shrink_to_bytes(
          picture->pixels.view(), dataset.channels, dataset.height, dataset.width,
          {dataset.pixels.data() + i * dataset.picture_size(), static_cast<std::size_t>(dataset.picture_size())});
    } catch (const std::bad_alloc&) {
      errors[at] = files[at].path.string() + " does not fit into memory; make it smaller";
    }
  });
  return errors;
}

// Closes the gaps that unreadable files have left.
void keep_readable(const std::vector<PictureFile>& files, const std::vector<std::string>& errors, Dataset& dataset) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (!errors[i].empty()) {
      dataset.warnings.push_back(errors[i]);
      continue;
    }
    const std::int64_t to = dataset.size(), from = static_cast<std::int64_t>(i), size = dataset.picture_size();
    if (to != from) std::copy_n(dataset.pixels.data() + from * size, size, dataset.pixels.data() + to * size);
    dataset.labels.push_back(files[i].label);
  }
  dataset.pixels.resize(static_cast<std::size_t>(dataset.size() * dataset.picture_size()));
}

Result<Dataset> read(const fs::path& folder, const PictureFolderOptions& options, const Parallel& parallel) {
  Dataset dataset;
  dataset.origin = "pictures in " + folder.string();
  const Result<std::vector<PictureFile>> files = list_pictures(folder, options, dataset);
  if (!files) return files.error();
  const Status sized = choose_size(*files, options, dataset);
  if (!sized) return sized.error();
  dataset.channels = options.channels == 0 ? 3 : options.channels;
  dataset.pixels.resize(files->size() * static_cast<std::size_t>(dataset.picture_size()));
  const std::vector<std::string> errors = read_pictures(*files, parallel, dataset);
  keep_readable(*files, errors, dataset);
  if (dataset.labels.empty()) {
    return Error{"none of the " + std::to_string(files->size()) +
                 " pictures can be read; the first: " + errors.front()};
  }
  if (options.channels == 0) {
    bool all_grey = true;
    for (std::int64_t n = 0; n < dataset.size() && all_grey; ++n) all_grey = is_grey(dataset.picture(n));
    if (all_grey) drop_colour(dataset);
  }
  return dataset;
}

}  // namespace

Result<Dataset> read_picture_folder(const fs::path& folder, const PictureFolderOptions& options,
                                    const Parallel& parallel) {
  try {
    return read(folder, options, parallel);
  } catch (const std::bad_alloc&) {
    return Error{"the pictures in " + folder.string() + " do not fit into memory; ask for a smaller size"};
  }
}

void shrink_to_bytes(ConstView picture, std::int64_t channels, std::int64_t h, std::int64_t w,
                     std::span<std::uint8_t> out) {
  const auto high = static_cast<double>(picture.shape.h), wide = static_cast<double>(picture.shape.w);
  const double zoom = std::min(high / static_cast<double>(h), wide / static_cast<double>(w));
  const double part_h = zoom * static_cast<double>(h), part_w = zoom * static_cast<double>(w);
  const std::vector<Reach> ys = area_reaches(0.5 * (high - part_h), part_h, picture.shape.h, h);
  const std::vector<Reach> xs = area_reaches(0.5 * (wide - part_w), part_w, picture.shape.w, w);
  const bool mixes = channels == 1 && picture.shape.c == 3;
  for (std::int64_t c = 0; c < channels; ++c) {
    for (std::int64_t y = 0; y < h; ++y) {
      const Reach& reach_y = ys[static_cast<std::size_t>(y)];
      for (std::int64_t x = 0; x < w; ++x) {
        const Reach& reach_x = xs[static_cast<std::size_t>(x)];
        float sum = 0;
        for (std::int64_t source = 0; source < (mixes ? 3 : 1); ++source) {
          const std::int64_t plane = mixes ? source : std::min(c, picture.shape.c - 1);
          float part = 0;
          for (std::size_t i = 0; i < reach_y.weights.size(); ++i) {
            const float* row = picture.row(0, plane, reach_y.first + static_cast<std::int64_t>(i)) + reach_x.first;
            float line = 0;
            for (std::size_t k = 0; k < reach_x.weights.size(); ++k) line += reach_x.weights[k] * row[k];
            part += reach_y.weights[i] * line;
          }
          sum += mixes ? kLuminance[static_cast<std::size_t>(source)] * part : part;
        }
        // Float files may hold anything, NaN included.
        const float value = sum >= 0 ? std::min(sum, 1.0f) : 0.0f;
        out[static_cast<std::size_t>((c * h + y) * w + x)] = static_cast<std::uint8_t>(255 * value + 0.5f);
      }
    }
  }
}

}  // namespace convlens::training
