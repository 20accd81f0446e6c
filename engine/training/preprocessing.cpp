// Measuring what training pictures have in common, and doing the same to others.
#include "engine/training/preprocessing.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "engine/training/picture_folder.h"

namespace convlens::training {
namespace {

// Borders farther from black and white than this are no background.
constexpr double kFlat = 0.1;

// Mean over the outermost pixels of a picture of bytes, in [0,1].
double border_mean(std::span<const std::uint8_t> picture, std::int64_t channels, std::int64_t h, std::int64_t w) {
  double sum = 0;
  std::int64_t count = 0;
  for (std::int64_t c = 0; c < channels; ++c) {
    for (std::int64_t y = 0; y < h; ++y) {
      const bool is_whole_row = y == 0 || y == h - 1;
      for (std::int64_t x = 0; x < w; x += is_whole_row || w == 1 ? 1 : w - 1) {
        sum += picture[static_cast<std::size_t>((c * h + y) * w + x)];
        ++count;
      }
    }
  }
  return sum / 255 / static_cast<double>(count);
}

std::optional<float> measure_background(const Subset& subset) {
  const Dataset& data = *subset.data;
  double sum = 0, squares = 0;
  for (const std::int64_t index : subset.indices) {
    const double mean = border_mean(data.picture(index), data.channels, data.height, data.width);
    sum += mean;
    squares += mean * mean;
  }
  const auto n = static_cast<double>(subset.size());
  const double mean = sum / n, deviation = std::sqrt(std::max(0.0, squares / n - mean * mean));
  if (deviation > kFlat || std::min(mean, 1 - mean) > kFlat) return std::nullopt;
  return static_cast<float>(mean);
}

std::string size_in_words(std::int64_t channels, std::int64_t h, std::int64_t w) {
  return (channels == 1 ? std::string("grey") : std::to_string(channels) + "-channel") + " pictures of " +
         std::to_string(w) + " x " + std::to_string(h);
}

}  // namespace

Preprocessing measure_preprocessing(const Subset& subset) {
  return {measure_normalisation(subset), subset.data->class_names, measure_background(subset)};
}

std::string fingerprint(const Subset& subset) {
  // FNV-1a over words of eight bytes.
  std::uint64_t hash = 0xCBF29CE484222325ull;
  const auto add = [&](std::uint64_t word) { hash = (std::rotl(hash, 23) ^ word) * 0x100000001B3ull; };
  for (const std::int64_t index : subset.indices) {
    const std::span<const std::uint8_t> picture = subset.data->picture(index);
    add(static_cast<std::uint64_t>(subset.data->labels[static_cast<std::size_t>(index)]));
    for (std::size_t at = 0; at < picture.size(); at += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, picture.data() + at, std::min<std::size_t>(8, picture.size() - at));
      add(word);
    }
  }
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%lld-%016llx", static_cast<long long>(subset.size()),
                static_cast<unsigned long long>(hash));
  return text.data();
}

Status check_fit(const nn::ModelSpec& model, const Dataset& data) {
  if (model.channels != data.channels || model.height != data.height || model.width != data.width) {
    return Error{"the model '" + model.name + "' sees " + size_in_words(model.channels, model.height, model.width) +
                 ", and the data has " + size_in_words(data.channels, data.height, data.width) +
                 ": choose other data or another model"};
  }
  if (model.classes != data.class_count()) {
    return Error{"the model '" + model.name + "' knows " + std::to_string(model.classes) +
                 " classes, and the data has " + std::to_string(data.class_count()) +
                 ": choose other data or another model"};
  }
  return Done{};
}

ReadyPicture make_ready(ConstView picture, const nn::ModelSpec& model, const Preprocessing& preprocessing) {
  const std::int64_t size = std::int64_t{model.channels} * model.height * model.width;
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size));
  shrink_to_bytes(picture, model.channels, model.height, model.width, bytes);
  ReadyPicture ready;
  if (preprocessing.background) {
    const double border = border_mean(bytes, model.channels, model.height, model.width);
    const auto background = static_cast<double>(*preprocessing.background);
    ready.was_inverted = std::abs(1 - border - background) < std::abs(border - background);
  }
  const Normalisation& n = preprocessing.normalisation;
  for (const std::uint8_t byte : bytes) {
    const auto value = static_cast<float>(ready.was_inverted ? 255 - byte : byte);
    ready.values.push_back((value / 255.0f - n.mean) / n.deviation);
  }
  return ready;
}

std::string in_words(const nn::ModelSpec& model, const Preprocessing& preprocessing) {
  std::array<char, 128> numbers{};
  std::snprintf(numbers.data(), numbers.size(), "minus %.4f, divided by %.4f",
                static_cast<double>(preprocessing.normalisation.mean),
                static_cast<double>(preprocessing.normalisation.deviation));
  std::string text = "each picture's middle, as " + std::to_string(model.width) + " x " + std::to_string(model.height) +
                     (model.channels == 1 ? " grey" : " colour") + " pixels in [0,1] by area average";
  if (preprocessing.background) {
    text += std::string(", inverted where its border is ") + (*preprocessing.background < 0.5f ? "bright" : "dark");
  }
  return text + ", " + numbers.data();
}

}  // namespace convlens::training
