// What is done to pictures on their way into the net: normalising, and variation from epoch to epoch.
#include <algorithm>
#include <cmath>

#include "app/ui/canvas.h"
#include "app/ui/text.h"
#include "app/ui/train_controls.h"
#include "app/ui/train_data_parts.h"
#include "app/ui/train_sections.h"
#include "app/ui/widgets.h"
#include "app/view/colormap.h"
#include "engine/core/text.h"
#include "engine/training/preprocessing.h"
#include "engine/training/split.h"

namespace convlens::ui {
namespace {

constexpr float kLarge = 84, kSmall = 40;  // sides of pictures, about, at 100 % interface scale
constexpr std::int64_t kPreviewed = 10, kEpochs = 3;

// The current sample, or the first held-out picture where that was drawn by hand.
model::SampleRef sample_of(const TrainView& view, const model::TrainRun& run) {
  model::SampleRef ref = view.sample_ref;
  if (ref.kind == model::SampleRef::Kind::kDrawn) ref = {};
  const training::Subset& part = ref.kind == model::SampleRef::Kind::kTrain ? run.data.train : run.data.test;
  ref.index = std::clamp<std::int64_t>(ref.index, 0, part.size() - 1);
  return ref;
}

}  // namespace

void DataPreprocessing::draw(Ui& ui, const TrainView& view, const model::TrainRun& run) {
  const training::Preprocessing& preprocessing = run.description.preprocessing;
  const training::Normalisation& n = preprocessing.normalisation;
  const std::string words = as_sentence(training::in_words(run.description.model, preprocessing));
  dim_text(ui, words);
  record(ui, "train/data/preprocessing", "text", "Preprocessing", words);

  const model::SampleRef ref = sample_of(view, run);
  const training::Subset& part = ref.kind == model::SampleRef::Kind::kTrain ? run.data.train : run.data.test;
  const std::int64_t position = part.indices[static_cast<std::size_t>(ref.index)];
  const training::Dataset& data = *part.data;
  before_.set(part.data, std::span(&position, 1));
  const std::string& map_name = ui.document.settings.view.map_colormap;
  const float lo = -n.mean / n.deviation, hi = (1 - n.mean) / n.deviation;
  const std::pair wanted{run.serial, ref};
  if (after_.texture() == 0 || after_of_ != wanted || after_map_ != map_name) {
    after_of_ = wanted;
    after_map_ = map_name;
    const view::Colormap& map = view::find_colormap(map_name);
    const view::ValueRange range = view::display_range(map, lo, hi);
    const std::span<const std::uint8_t> bytes = data.picture(position);
    std::vector<std::uint8_t> rgba;
    for (std::int64_t i = 0; i < data.height * data.width; ++i) {
      float sum = 0;
      for (std::int64_t c = 0; c < data.channels; ++c) {
        sum += static_cast<float>(bytes[static_cast<std::size_t>(c * data.height * data.width + i)]);
      }
      const float value = (sum / static_cast<float>(255 * data.channels) - n.mean) / n.deviation;
      const view::Rgb colour = view::colour_of(map, range, value);
      rgba.insert(rgba.end(), {colour.r, colour.g, colour.b, 255});
    }
    after_.set(rgba, static_cast<int>(data.width), static_cast<int>(data.height), true);
  }
  const ImVec2 size = even_size(data, kLarge * ui.scale), corner = ImGui::GetCursorScreenPos();
  const float gap = 30 * ui.scale, line = font_height(ui.fonts.small);
  const ImVec2 second{corner.x + size.x + gap, corner.y};
  before_.draw(0, corner, {corner.x + size.x, corner.y + size.y});
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  draw.AddImage(texture_of(after_), second, {second.x + size.x, second.y + size.y});
  const float y = corner.y + size.y / 2, half = 5 * ui.scale, x = corner.x + size.x + gap / 2;
  draw.AddTriangleFilled({x - half * 0.7F, y - half}, {x - half * 0.7F, y + half}, {x + half * 0.9F, y},
                         ui.palette.text_dim);
  put_text(ui.fonts.small, {corner.x, corner.y + size.y + 2 * ui.scale}, ui.palette.text_dim, "0 to 1");
  const std::string after = formatted("%.2f to ", static_cast<double>(lo)) +
                            formatted("%.2f", static_cast<double>(hi)) +
                            (data.channels > 1 ? " (mean of channels)" : "");
  put_text(ui.fonts.small, {second.x, corner.y + size.y + 2 * ui.scale}, ui.palette.text_dim, after);
  const float beside = second.x + size.x + 12 * ui.scale;
  const std::string formula =
      formatted("(v − %.4f) / ", static_cast<double>(n.mean)) + formatted("%.4f", static_cast<double>(n.deviation));
  if (corner.x + ImGui::GetContentRegionAvail().x - beside > width_of(ui.fonts.mono, formula)) {
    put_text(ui.fonts.mono, {beside, y - line / 2}, ui.palette.text, formula);
  }
  ImGui::Dummy({second.x + size.x - corner.x, size.y + line + 4 * ui.scale});
  const std::string help =
      "The current sample as it is stored, and as the net sees it: zero is neutral. Mean and deviation are those of "
      "all training pixels.";
  record(ui, "train/data/before-after", "text", formula, {{"lo", lo}, {"hi", hi}}, {}, true, help);
  tooltip(ui, help);
}

void DataVariation::draw(Ui& ui, const model::TrainRun& run) {
  model::TrainSettings& train = ui.document.settings.train;
  dim_text(ui,
           "Each epoch sees every picture a little different, so that the net learns what stays. Takes effect with "
           "Reset.");
  const bool is_on = training::is_on(train.augmentation);
  if (choice_button(ui, "train/data/variation/none", "None", !is_on, "The same pictures in every epoch")) {
    train.augmentation = {};
  }
  const auto digits = training::parse_augmentation("mnist");
  flow(4 * ui.scale, "For digits");
  if (digits && choice_button(ui, "train/data/variation/digits", "For digits", train.augmentation == *digits,
                              "Moved, turned, scaled and bent as far as a digit stays what it is")) {
    train.augmentation = *digits;
  }
  augmentation_rows(ui, train.augmentation);

  if (wished_for_ != run.serial) {
    wished_for_ = run.serial;
    pictures_ = training::first_balanced(run.data.train, kPreviewed).indices;
    originals_.set(run.data.train.data, pictures_);
  }
  preview_.follow({.data = run.data.train.data,
                   .pictures = pictures_,
                   .augmentation = train.augmentation,
                   .seed = train.seed,
                   .epochs = kEpochs});
  preview_.collect();
  const model::AugmentedPicturesPtr& made = preview_.result();
  if (!made || made->wish.data != run.data.train.data) return;
  const training::Dataset& data = *made->wish.data;
  if (std::exchange(shown_, made->serial) != made->serial) {
    auto bytes = std::make_shared<training::Dataset>();
    bytes->channels = data.channels, bytes->height = data.height, bytes->width = data.width;
    for (const float value : made->values) {
      bytes->pixels.push_back(static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0F, 1.0F) * 255)));
    }
    std::vector<std::int64_t> all(static_cast<std::size_t>(std::ssize(made->values) / data.picture_size()));
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::int64_t>(i);
    varied_.set(bytes, all);
  }
  const auto count = std::ssize(made->wish.pictures);
  const ImVec2 size = even_size(data, kSmall * ui.scale), corner = ImGui::GetCursorScreenPos();
  const float gap = 3 * ui.scale, line = font_height(ui.fonts.small), label = 58 * ui.scale;
  const auto row = [&](std::int64_t at, const std::string& name, const PictureSheet& sheet, std::int64_t first) {
    const float y = std::floor(corner.y + static_cast<float>(at) * (size.y + gap));
    put_text(ui.fonts.small, {corner.x, y + (size.y - line) / 2}, ui.palette.text_dim, name);
    for (std::int64_t i = 0; i < count; ++i) {
      const float x = std::floor(corner.x + label + static_cast<float>(i) * (size.x + gap));
      if (x + size.x > corner.x + ImGui::GetContentRegionAvail().x + 1) break;
      sheet.draw(static_cast<std::size_t>(first + i), {x, y}, {x + size.x, y + size.y});
    }
  };
  row(0, "stored", originals_, 0);
  for (std::int64_t epoch = 0; epoch < kEpochs; ++epoch) {
    row(epoch + 1, "epoch " + std::to_string(epoch + 1), varied_, epoch * count);
  }
  ImGui::Dummy({label + static_cast<float>(count) * (size.x + gap), (kEpochs + 1) * (size.y + gap)});
  record(ui, "train/data/variation", "text", "Variation", training::to_string(train.augmentation),
         {{"serial", made->serial}}, true, "These very pictures: they follow from seed, epoch and picture");
}

}  // namespace convlens::ui
