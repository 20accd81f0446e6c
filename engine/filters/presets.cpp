// The table of named filters, their rules of size, and the step from one plane of weights to all channels.
#include "engine/filters/presets.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "engine/conv/params.h"
#include "engine/core/random.h"
#include "engine/filters/planes.h"

namespace convlens::filters {
namespace {

constexpr int kMaxChannels = 65536;

// What a filter needs from its size, and why.
enum class Rule {
  kAny,
  kOdd,         // both sides odd and at least one of them 3: there is a middle cell and something around it
  kAtLeast3,    // at least three cells in a row or a column
  kTwoColumns,  // at least two columns to take a difference across
  kTwoRows,
  kFixed,  // default_size only
};

struct Entry {
  Preset preset;
  Rule rule;
  PlaneMaker make;
  std::array<double, 3> colour = {1, 1, 1};  // weight of each channel, for colour filters
};

constexpr std::array kEntries = {
    Entry{
        {"identity", "Identity", "Basic", "The picture itself: a single 1 in the middle"}, Rule::kAny, identity_plane},
    Entry{{"shift", "Shift", "Basic", "The picture moved: the 1 is not in the middle"}, Rule::kOdd, shift_plane},
    Entry{{"random", "Random", "Basic", "Where training starts: small random weights, no meaning yet", 5},
          Rule::kAny,
          nullptr},

    Entry{{"box", "Box blur", "Blur", "The mean of the window: every pixel counts the same"}, Rule::kAny, box_plane},
    Entry{{"gaussian", "Gaussian blur", "Blur", "A soft blur: near pixels count more than far ones", 5},
          Rule::kAny,
          gaussian_plane},
    Entry{{"motion-blur", "Motion blur", "Blur", "A moving camera: the mean along one line", 9},
          Rule::kAny,
          motion_blur_plane},

    Entry{{"sharpen", "Sharpen", "Sharpen", "The pixel plus its difference from its four neighbours"},
          Rule::kOdd,
          sharpen_plane},
    Entry{{"unsharp", "Unsharp mask", "Sharpen", "Twice the picture minus its Gaussian blur: crisper, gently", 5},
          Rule::kOdd,
          unsharp_plane},

    Entry{{"sobel-x", "Sobel x", "Edge", "Brightness rising to the right: vertical edges, smoothed along the edge"},
          Rule::kTwoColumns,
          sobel_x_plane},
    Entry{{"sobel-y", "Sobel y", "Edge", "Brightness rising downwards: horizontal edges, smoothed along the edge"},
          Rule::kTwoRows,
          sobel_y_plane},
    Entry{{"prewitt-x", "Prewitt x", "Edge", "The slope to the right of the plane that fits the window best"},
          Rule::kTwoColumns,
          prewitt_x_plane},
    Entry{{"prewitt-y", "Prewitt y", "Edge", "The slope downwards of the plane that fits the window best"},
          Rule::kTwoRows,
          prewitt_y_plane},
    Entry{{"scharr-x", "Scharr x", "Edge", "Like Sobel x, with weights chosen so that no direction is favoured"},
          Rule::kTwoColumns,
          scharr_x_plane},
    Entry{{"scharr-y", "Scharr y", "Edge", "Like Sobel y, with weights chosen so that no direction is favoured"},
          Rule::kTwoRows,
          scharr_y_plane},
    Entry{{"roberts-diagonal", "Roberts \\", "Edge", "The oldest edge filter: one diagonal difference in 2 x 2", 2,
           false},
          Rule::kFixed,
          roberts_diagonal_plane},
    Entry{{"roberts-antidiagonal", "Roberts /", "Edge", "The other diagonal difference in 2 x 2", 2, false},
          Rule::kFixed,
          roberts_antidiagonal_plane},
    Entry{{"laplacian-4", "Laplacian 4", "Edge", "Fine detail in every direction: four neighbours minus the middle"},
          Rule::kOdd,
          laplacian4_plane},
    Entry{{"laplacian-8", "Laplacian 8", "Edge", "Fine detail, diagonals included: all neighbours minus the middle"},
          Rule::kOdd,
          laplacian8_plane},
    Entry{{"log", "Laplacian of Gaussian", "Edge", "Blobs of its own size; its sign changes exactly on edges", 9},
          Rule::kAtLeast3,
          log_plane},
    Entry{
        {"dog", "Difference of Gaussians", "Edge", "A narrow blur minus a wide one: what the eye's first cells do", 9},
        Rule::kAtLeast3,
        dog_plane},
    Entry{{"outline", "Outline", "Edge", "The middle against all around it: flat areas vanish, outlines stay"},
          Rule::kOdd,
          outline_plane},
    Entry{{"emboss", "Emboss", "Edge", "Light from the upper left: edges turn into relief on the picture"},
          Rule::kOdd,
          emboss_plane},

    Entry{{"gabor", "Gabor", "Texture", "Stripes of one direction and one width: what the visual cortex looks for", 11},
          Rule::kAtLeast3,
          gabor_plane},
    Entry{{"checker", "Checker", "Texture", "The finest chequered pattern: high frequency on both axes at once", 4},
          Rule::kAtLeast3,
          checker_plane},

    Entry{{"red-only", "Red only", "Colour", "One channel alone: what is red, and also what is white", 1, true, true},
          Rule::kAny,
          identity_plane,
          {1, 0, 0}},
    Entry{{"green-only", "Green only", "Colour", "One channel alone: what is green, and also what is white", 1, true,
           true},
          Rule::kAny,
          identity_plane,
          {0, 1, 0}},
    Entry{
        {"blue-only", "Blue only", "Colour", "One channel alone: what is blue, and also what is white", 1, true, true},
        Rule::kAny,
        identity_plane,
        {0, 0, 1}},
    Entry{{"luminance", "Luminance", "Colour", "Brightness as the eye weighs it: 71 % green, 7 % blue (Rec. 709)", 1,
           true, true},
          Rule::kAny,
          identity_plane,
          {0.2126, 0.7152, 0.0722}},
    Entry{{"red-green", "Red - green", "Colour", "Red against green: grey gives zero however bright it is", 3, true,
           true},
          Rule::kAny,
          gaussian_plane,
          {1, -1, 0}},
    Entry{{"blue-yellow", "Blue - yellow", "Colour", "Blue against yellow (red with green): grey gives zero", 3, true,
           true},
          Rule::kAny,
          gaussian_plane,
          {-0.5, -0.5, 1}},
    Entry{{"warm-cool", "Warm - cool", "Colour", "Red against blue: warm light positive, cool shade negative", 3, true,
           true},
          Rule::kAny,
          gaussian_plane,
          {1, 0, -1}},
    Entry{{"excess-green", "Excess green", "Colour", "Green against the rest: leaves light up, as in crop surveys", 3,
           true, true},
          Rule::kAny,
          gaussian_plane,
          {-0.5, 1, -0.5}},
    Entry{{"double-opponent", "Double opponent", "Colour",
           "Red spots on green ground: blind to grey and to even colour", 7, true, true},
          Rule::kAtLeast3,
          dog_plane,
          {1, -1, 0}},
    Entry{{"red-green-edge", "Red-green edge", "Colour", "Edges of hue alone: red beside green, equally bright or not",
           3, true, true},
          Rule::kTwoColumns,
          sobel_x_plane,
          {1, -1, 0}},
};

constexpr auto kPresets = [] {
  std::array<Preset, kEntries.size()> table{};
  for (std::size_t i = 0; i < kEntries.size(); ++i) table[i] = kEntries[i].preset;
  return table;
}();

const Entry* find_entry(std::string_view name) {
  const auto found =
      std::find_if(kEntries.begin(), kEntries.end(), [&](const Entry& entry) { return entry.preset.name == name; });
  return found == kEntries.end() ? nullptr : &*found;
}

// Number of single-letter edits between two words (Levenshtein).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, substituted}));
    }
  }
  return row[b.size()];
}

Error unknown_name(std::string_view name) {
  std::string message = "there is no filter called '" + std::string(name) + "'";
  std::string starting, all;
  std::string_view nearest;
  std::size_t least = 3;
  for (const Preset& preset : kPresets) {
    const std::string_view known = preset.name;
    if (!name.empty() && known.starts_with(name)) starting += (starting.empty() ? "" : ", ") + std::string(known);
    if (const std::size_t distance = edit_distance(name, known); distance < least) {
      least = distance;
      nearest = known;
    }
    all += (all.empty() ? "" : ", ") + std::string(known);
  }
  if (starting.empty()) starting = nearest;
  return Error{message + (starting.empty() ? "; the names are: " + all : "; did you mean " + starting + "?")};
}

std::string size_words(int rows, int cols) { return std::to_string(rows) + " x " + std::to_string(cols); }

Status check_size(const Entry& entry, int rows, int cols) {
  const std::string name = "'" + std::string(entry.preset.name) + "'";
  if (rows < 1 || cols < 1 || rows > conv::kMaxKernelSize || cols > conv::kMaxKernelSize) {
    return Error{"a filter of " + size_words(rows, cols) + " cannot be made; each side is 1 to " +
                 std::to_string(conv::kMaxKernelSize)};
  }
  const int fixed = entry.preset.default_size;
  const bool has_three = rows >= 3 || cols >= 3;
  switch (entry.rule) {
    case Rule::kAny:
      break;
    case Rule::kOdd:
      if (rows % 2 == 0 || cols % 2 == 0 || !has_three) {
        return Error{name + " compares a middle cell with those around it, and " + size_words(rows, cols) +
                     " has none to compare; choose odd sides such as 3 x 3 or 5 x 5"};
      }
      break;
    case Rule::kAtLeast3:
      if (!has_three) {
        return Error{name + " needs a row or a column of at least 3 cells; " + size_words(rows, cols) +
                     " is too small: choose 3 x 3 or more"};
      }
      break;
    case Rule::kTwoColumns:
      if (cols < 2)
        return Error{name + " takes a difference across columns and needs at least 2 of them; choose 3 x 3"};
      break;
    case Rule::kTwoRows:
      if (rows < 2) return Error{name + " takes a difference across rows and needs at least 2 of them; choose 3 x 3"};
      break;
    case Rule::kFixed:
      if (rows != fixed || cols != fixed) {
        return Error{name + " is defined for " + size_words(fixed, fixed) + " only, not for " + size_words(rows, cols)};
      }
      break;
  }
  return Done{};
}

Status check_arguments(const Entry& entry, const PresetArgs& args) {
  const std::string name = "'" + std::string(entry.preset.name) + "'";
  if (args.channels < 1 || args.channels > kMaxChannels) {
    return Error{"a filter on " + std::to_string(args.channels) + " channels cannot be made; give 1 to " +
                 std::to_string(kMaxChannels)};
  }
  if (entry.preset.colour && args.channels != 3) {
    return Error{name + " compares the red, green and blue channels, and this input has " +
                 std::to_string(args.channels) + (args.channels == 1 ? " channel" : " channels") +
                 "; use a colour picture as RGB"};
  }
  if (!std::isfinite(args.orientation_degrees) || !std::isfinite(args.phase_degrees)) {
    return Error{name + " needs its orientation and phase as finite numbers of degrees"};
  }
  if (!std::isfinite(args.wavelength) || args.wavelength < 2) {
    return Error{name + " needs a wavelength of at least 2 pixels; shorter waves cannot be told apart on a pixel grid"};
  }
  return Done{};
}

// Uniform with variance 1 / (number of weights), so that the output varies about as much as the input.
std::vector<float> random_weights(const PresetArgs& args, std::size_t count) {
  Random random(args.seed);
  const float reach = std::sqrt(3.0f / static_cast<float>(count));
  std::vector<float> weights(count);
  for (float& weight : weights) weight = random.uniform(-reach, reach);
  return weights;
}

}  // namespace

std::span<const Preset> presets() { return kPresets; }

const Preset* find_preset(std::string_view name) {
  const auto found = std::find_if(kPresets.begin(), kPresets.end(), [&](const Preset& p) { return p.name == name; });
  return found == kPresets.end() ? nullptr : &*found;
}

Result<std::vector<float>> make_preset(std::string_view name, const PresetArgs& args) {
  const Entry* entry = find_entry(name);
  if (!entry) return unknown_name(name);
  if (const Status status = check_size(*entry, args.rows, args.cols); !status) return status.error();
  if (const Status status = check_arguments(*entry, args); !status) return status.error();

  const std::size_t cells = static_cast<std::size_t>(args.rows) * static_cast<std::size_t>(args.cols);
  const std::size_t channels = static_cast<std::size_t>(args.channels);
  if (!entry->make) return random_weights(args, channels * cells);

  const std::vector<double> plane = entry->make(args);
  std::vector<float> weights;
  weights.reserve(channels * cells);
  for (std::size_t c = 0; c < channels; ++c) {
    const double share = entry->preset.colour ? entry->colour[c] : 1.0 / static_cast<double>(channels);
    for (const double value : plane) weights.push_back(static_cast<float>(share * value));
  }
  return weights;
}

}  // namespace convlens::filters
