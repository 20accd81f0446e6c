// Draws every moment as palette indices: a caption, a bar that tells how far the run is, and the filters as tiles.
#include "app/model/filter_film.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <utility>

#include "app/model/filter_tiles.h"
#include "engine/core/text.h"
#include "engine/io/file.h"
#include "engine/io/picture.h"
#include "engine/nn/network.h"
#include "engine/nn/parameters.h"
#include "engine/pictures/strokes.h"

namespace convlens::model {
namespace {

// Of the palette: colours of weights, then a ramp from the background to the ink.
constexpr int kColours = 240;
constexpr int kRamp = 16;
constexpr std::array<int, 3> kPaper{24, 26, 30};
constexpr std::array<int, 3> kInk{236, 238, 242};
constexpr std::uint8_t kBackground = kColours;
constexpr std::uint8_t kTrack = kColours + 3;
constexpr std::uint8_t kMark = kColours + 12;

constexpr int kEdge = 10;
constexpr int kGap = 5;
constexpr int kText = 12;                         // height of the caption's letters
constexpr int kHead = kEdge + kText + 7 + 3 + 9;  // caption, bar and what is free around them
constexpr int kMostStripSide = 32000;
constexpr int kFirstPause = 600, kLastPause = 2000;  // milliseconds

io::GifPalette palette_of(const ColourTable& colours) {
  io::GifPalette palette{};
  for (int i = 0; i < kColours; ++i) {
    palette[static_cast<std::size_t>(i)] = colours[static_cast<std::size_t>((i * 255 + kColours / 2) / (kColours - 1))];
  }
  for (int i = 0; i < kRamp; ++i) {
    for (std::size_t c = 0; c < 3; ++c) {
      palette[static_cast<std::size_t>(kColours + i)][c] =
          static_cast<std::uint8_t>(kPaper[c] + (kInk[c] - kPaper[c]) * i / (kRamp - 1));
    }
  }
  return palette;
}

// Where things stand in one picture.
struct Design {
  std::string layer_name;
  FilterForm form;
  TileForm tile;
  std::size_t offset = 0;  // of the first filter's weights in a row
  std::int64_t filters = 0;
  int columns = 1;
  int cell = 1;  // pixels of a weight
  int width = 0, height = 0;
  float range = 1;
  std::int64_t first_step = 0, last_step = 1;

  int tile_width() const { return static_cast<int>(tile.width()) * cell; }
  int tile_height() const { return static_cast<int>(tile.height()) * cell; }
};

// A little wider than high, and without holes in the last line where a number of columns nearby leaves none.
int columns_for(std::int64_t count, double aspect) {
  const double ideal = std::sqrt(static_cast<double>(count) * 1.8 / aspect);
  const int best = std::clamp(static_cast<int>(std::lround(ideal)), 1, static_cast<int>(count));
  for (int away = 0; away <= best / 2; ++away) {
    for (const int columns : {best + away, best - away}) {
      if (columns >= 1 && columns <= count && count % columns == 0) return columns;
    }
  }
  return best;
}

Result<Design> design_of(const FilmSource& source, const FilmChoice& choice, std::span<const std::size_t> chosen) {
  const std::vector<nn::LayerSpec> layers = nn::named_layers(source.model);
  const auto shapes = nn::layer_shapes(source.model);
  if (!shapes) return shapes.error();
  if (choice.layer >= layers.size()) {
    return Error{"the model has " + std::to_string(layers.size()) + " layers: choose one of them"};
  }
  const nn::LayerSpec& spec = layers[choice.layer];
  if (spec.kind != nn::LayerKind::kConv && spec.kind != nn::LayerKind::kDense) {
    return Error{spec.name + " has no filters: choose a convolution or a dense layer"};
  }
  if (chosen.empty()) return Error{"the recording has no moments to show yet: train some steps first"};
  Design design;
  design.layer_name = spec.name;
  const Shape input{1, source.model.channels, source.model.height, source.model.width};
  design.form = filter_form(layers, *shapes, input, choice.layer);
  design.tile = tile_form(design.form, !choice.shows_slices);
  design.filters = nn::filter_count(spec);
  std::int64_t offset = 0;
  for (const nn::ParameterInfo& parameter : nn::list_parameters(source.model)) {
    if (parameter.layer == choice.layer && parameter.role == nn::ParameterRole::kWeight) break;
    offset += parameter.count();
  }
  design.offset = static_cast<std::size_t>(offset);
  const auto longest = static_cast<int>(std::max(design.tile.width(), design.tile.height()));
  design.cell = std::max(1, (choice.tile + longest / 2) / longest);
  design.columns =
      columns_for(design.filters, static_cast<double>(design.tile.width()) / static_cast<double>(design.tile.height()));
  const std::int64_t rows = (design.filters + design.columns - 1) / design.columns;
  const std::int64_t width = 2 * kEdge + std::int64_t{design.columns} * (design.tile_width() + kGap) - kGap;
  const std::int64_t height = kHead + rows * (design.tile_height() + kGap) - kGap + kEdge;
  const std::int64_t across = choice.form == FilmForm::kStrip ? std::ssize(chosen) : 1;
  // Room for the caption.
  const std::int64_t least = choice.form == FilmForm::kStrip ? 130 : 220;
  design.width = static_cast<int>(std::max(width, least));
  design.height = static_cast<int>(height);
  if (design.width * across > kMostStripSide || height > kMostStripSide) {
    return Error{"The picture would be " + grouped(design.width * across) + " × " + grouped(height) +
                 " pixels: choose fewer pictures or smaller tiles."};
  }
  float reach = 0;
  for (const std::size_t at : chosen) {
    const std::span<const float> row = *source.frames[at].values;
    for (std::int64_t k = 0; k < design.filters; ++k) {
      const auto each = static_cast<std::size_t>(design.form.size());
      reach = std::max(reach, tile_reach(design.form, design.tile,
                                         row.subspan(design.offset + static_cast<std::size_t>(k) * each, each)));
    }
  }
  design.range = reach > 0 ? reach : 1;
  design.first_step = source.frames[chosen.front()].step;
  design.last_step = source.frames[chosen.back()].step;
  return design;
}

// One picture, or a strip of them.
struct Canvas {
  int width = 0, height = 0;
  std::vector<std::uint8_t> indices;

  Canvas(int w, int h)
      : width(w), height(h), indices(static_cast<std::size_t>(w) * static_cast<std::size_t>(h), kBackground) {}
  void fill(int x, int y, int w, int h, std::uint8_t index) {
    for (int row = y; row < y + h; ++row) {
      const auto begin = indices.begin() + std::ptrdiff_t{row} * width + x;
      std::fill(begin, begin + w, index);
    }
  }
};

void write_caption(Canvas& canvas, int left, int width, const std::string& text, bool is_right) {
  const float pen = 1.6F;
  const int room = static_cast<int>(std::ceil(pictures::text_width(text, kText))) + 4;
  if (room > width) return;
  Tensor plane(Shape{1, 1, kText + 4, room});
  pictures::write_text(plane.view(), text, 2, 2, kText, pen, 1);
  const int x0 = is_right ? left + width - room : left - 2;
  for (int y = 0; y < kText + 4; ++y) {
    for (int x = 0; x < room; ++x) {
      const float ink = plane.at(0, 0, y, x);
      if (ink <= 0 || x0 + x < 0) continue;
      canvas.indices[static_cast<std::size_t>(kEdge - 2 + y) * static_cast<std::size_t>(canvas.width) +
                     static_cast<std::size_t>(x0 + x)] =
          static_cast<std::uint8_t>(kColours + static_cast<int>(std::lround(ink * (kRamp - 1))));
    }
  }
}

std::uint8_t index_of(float value, float range) {
  if (!std::isfinite(value)) return kColours + kRamp - 1;
  const float share = std::clamp((value / range + 1) / 2, 0.0F, 1.0F);
  return static_cast<std::uint8_t>(std::lround(share * (kColours - 1)));
}

// Captions are in capitals, which is what pen strokes are there for.
std::string capitals(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

void draw_moment(Canvas& canvas, int left, const Design& design, const training::Frame& frame) {
  const int inner = design.width - 2 * kEdge, x0 = left + kEdge;
  const std::string step = "STEP " + grouped(frame.step);
  write_caption(canvas, x0, inner, step, true);
  const auto wide = [](const std::string& text) { return static_cast<int>(pictures::text_width(text, kText)); };
  const std::string name = capitals(design.layer_name);
  if (wide(name) + wide(step) + 12 < inner) write_caption(canvas, x0, inner, name, false);
  const int bar = kEdge + kText + 7;
  canvas.fill(x0, bar, inner, 3, kTrack);
  const double share = design.last_step > design.first_step
                           ? static_cast<double>(frame.step - design.first_step) /
                                 static_cast<double>(design.last_step - design.first_step)
                           : 1;
  canvas.fill(x0, bar, std::max(2, static_cast<int>(std::lround(share * inner))), 3, kMark);
  const std::span<const float> row = *frame.values;
  const int used = design.columns * (design.tile_width() + kGap) - kGap;
  for (std::int64_t k = 0; k < design.filters; ++k) {
    const int x = x0 + (inner - used) / 2 + static_cast<int>(k % design.columns) * (design.tile_width() + kGap);
    const int y = kHead + static_cast<int>(k / design.columns) * (design.tile_height() + kGap);
    const auto each = static_cast<std::size_t>(design.form.size());
    for_each_texel(design.form, design.tile, row.subspan(design.offset + static_cast<std::size_t>(k) * each, each),
                   [&](std::int64_t tx, std::int64_t ty, float value) {
                     canvas.fill(x + static_cast<int>(tx) * design.cell, y + static_cast<int>(ty) * design.cell,
                                 design.cell, design.cell, index_of(value, design.range));
                   });
  }
}

Status write_indices(const std::filesystem::path& path, const Canvas& canvas, const io::GifPalette& palette) {
  std::vector<std::uint8_t> rgb;
  rgb.reserve(canvas.indices.size() * 3);
  for (const std::uint8_t index : canvas.indices) rgb.insert(rgb.end(), palette[index].begin(), palette[index].end());
  return io::write_png(path, rgb, canvas.width, canvas.height, 3);
}

std::filesystem::path numbered(const std::filesystem::path& path, std::size_t number, std::size_t count) {
  const std::size_t digits = count > 999 ? 4 : 3;
  std::string text = std::to_string(number);
  text.insert(0, digits - std::min(digits, text.size()), '0');
  std::filesystem::path result = path;
  result.replace_filename(path.stem().string() + "-" + text + path.extension().string());
  return result;
}

const Error kStopped{"The film was stopped; no file was written."};

}  // namespace

std::span<const FilmFormName> film_form_names() {
  static constexpr std::array<FilmFormName, 3> kNames{{
      {"gif", "Animated GIF", ".gif"},
      {"strip", "Strip (PNG)", ".png"},
      {"pictures", "Numbered PNGs", ".png"},
  }};
  return kNames;
}

std::vector<std::size_t> choose_frames(std::span<const training::Frame> frames, int most, bool is_dense_early) {
  std::vector<std::size_t> chosen;
  if (frames.empty()) return chosen;
  const auto count = static_cast<std::size_t>(std::clamp(most, 1, kMostFilmPictures));
  const std::size_t last = frames.size() - 1, wanted = std::min(count, frames.size());
  const std::int64_t first_step = frames.front().step;
  const auto steps = static_cast<double>(frames.back().step - first_step);
  for (std::size_t i = 0; i < wanted; ++i) {
    // The last moment where there is room for one alone.
    const double share = wanted == 1 ? 1 : static_cast<double>(i) / static_cast<double>(wanted - 1);
    const auto step = first_step + std::llround((is_dense_early ? share * share * share : share) * steps);
    const auto after = std::ranges::upper_bound(frames, step, {}, &training::Frame::step);
    const auto at = static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, after - frames.begin() - 1));
    // Each once, and enough left for those to come.
    const std::size_t least = chosen.empty() ? 0 : chosen.back() + 1;
    chosen.push_back(std::clamp(at, least, last - (wanted - 1 - i)));
  }
  return chosen;
}

Result<FilmFacts> plan_film(const FilmSource& source, const FilmChoice& choice) {
  const std::vector<std::size_t> chosen = choose_frames(source.frames, choice.pictures, choice.is_dense_early);
  const auto design = design_of(source, choice, chosen);
  if (!design) return design.error();
  const bool is_strip = choice.form == FilmForm::kStrip;
  return FilmFacts{.pictures = chosen.size(),
                   .width = design->width * (is_strip ? static_cast<int>(chosen.size()) : 1),
                   .height = design->height,
                   .first_step = design->first_step,
                   .last_step = design->last_step,
                   .range = design->range,
                   .files = {}};
}

Result<FilmFacts> write_film(const std::filesystem::path& path, const FilmSource& source, const FilmChoice& choice,
                             const std::function<bool(double)>& goes_on) {
  auto facts = plan_film(source, choice);
  if (!facts) return facts;
  const std::vector<std::size_t> chosen = choose_frames(source.frames, choice.pictures, choice.is_dense_early);
  const Design design = std::move(*design_of(source, choice, chosen));
  const io::GifPalette palette = palette_of(choice.colours);
  const auto stops = [&](std::size_t i) {
    return goes_on && !goes_on(static_cast<double>(i + 1) / static_cast<double>(chosen.size()));
  };

  if (choice.form == FilmForm::kGif) {
    auto gif = io::GifWriter::create(design.width, design.height, palette);
    if (!gif) return gif.error();
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      Canvas canvas(design.width, design.height);
      draw_moment(canvas, 0, design, source.frames[chosen[i]]);
      const bool is_last = i + 1 == chosen.size();
      const int pause = is_last ? kLastPause : i == 0 ? kFirstPause : choice.milliseconds;
      if (Status added = gif->add(canvas.indices, std::max(pause, choice.milliseconds)); !added) return added.error();
      if (stops(i)) return kStopped;
    }
    const auto bytes = gif->finish();
    if (!bytes) return bytes.error();
    if (Status written = io::write_file(path, *bytes); !written) return written.error();
    facts->files.push_back(path);
    return facts;
  }
  if (choice.form == FilmForm::kStrip) {
    Canvas canvas(facts->width, facts->height);
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      draw_moment(canvas, static_cast<int>(i) * design.width, design, source.frames[chosen[i]]);
      if (stops(i)) return kStopped;
    }
    if (Status written = write_indices(path, canvas, palette); !written) return written.error();
    facts->files.push_back(path);
    return facts;
  }
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    Canvas canvas(design.width, design.height);
    draw_moment(canvas, 0, design, source.frames[chosen[i]]);
    const std::filesystem::path file = numbered(path, i + 1, chosen.size());
    if (Status written = write_indices(file, canvas, palette); !written) return written.error();
    facts->files.push_back(file);
    if (stops(i)) return Error{"The film was stopped after " + std::to_string(i + 1) + " pictures."};
  }
  return facts;
}

}  // namespace convlens::model
