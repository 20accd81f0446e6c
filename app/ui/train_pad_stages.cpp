// Five pictures: strokes, crop, scale, centre, normalise.
#include "app/ui/train_pad_stages.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "app/ui/canvas.h"
#include "app/ui/text.h"
#include "app/ui/widgets.h"
#include "app/view/colormap.h"
#include "engine/core/text.h"

namespace convlens::ui {
namespace {

enum Place : std::size_t { kStrokes, kCrop, kScale, kCentre, kNormalise };

void set_grey(view::Image& image, std::span<const float> values, std::int64_t w, std::int64_t h) {
  std::vector<std::uint8_t> rgba;
  rgba.reserve(values.size() * 4);
  for (const float value : values) {
    const auto byte = static_cast<std::uint8_t>(std::clamp(value, 0.0F, 1.0F) * 255 + 0.5F);
    rgba.insert(rgba.end(), {byte, byte, byte, 255});
  }
  image.set(rgba, static_cast<int>(w), static_cast<int>(h), std::max(w, h) <= 64);
}

std::string size_text(const Shape& shape) { return std::to_string(shape.w) + " × " + std::to_string(shape.h); }

constexpr std::size_t kPictures = 5;
constexpr float kGap = 8, kLargest = 100;  // at 100 % interface scale

float picture_side(const Ui& ui, float width) {
  const float gaps = kGap * ui.scale * static_cast<float>(kPictures - 1);
  return std::floor(std::min((width - gaps) / static_cast<float>(kPictures), kLargest * ui.scale));
}

// A picture as large as it gets in a square, and where.
struct Fitted {
  ImVec2 min, max;
};
Fitted fit(const view::Image& image, const ImVec2& corner, float side) {
  const auto w = static_cast<float>(image.width()), h = static_cast<float>(image.height());
  const float factor = side / std::max(w, h);
  const ImVec2 min{std::floor(corner.x + (side - w * factor) / 2), std::floor(corner.y + (side - h * factor) / 2)};
  return {min, {min.x + w * factor, min.y + h * factor}};
}

}  // namespace

void PadStages::set(Ui& ui, ConstView raster, const training::DrawingStages& stages,
                    const training::Preprocessing& preprocessing, const training::DrawingRecipe& recipe) {
  const Shape net = stages.placed.shape();
  const std::int64_t box = training::digit_box(std::max(net.w, net.h));
  set_grey(images_[kStrokes], {raster.data, static_cast<std::size_t>(raster.shape.size())}, raster.shape.w,
           raster.shape.h);
  set_grey(images_[kCrop], stages.cropped.values(), stages.cropped.shape().w, stages.cropped.shape().h);
  set_grey(images_[kScale], stages.scaled.values(), stages.scaled.shape().w, stages.scaled.shape().h);
  set_grey(images_[kCentre], stages.placed.values(), net.w, net.h);

  // As the net sees it: signed values, zero neutral.
  const view::Colormap& map = view::find_colormap(ui.document.settings.view.map_colormap);
  const std::span<const float> plane(stages.values.data(), static_cast<std::size_t>(net.h * net.w));
  const auto [least, most] = std::ranges::minmax_element(plane);
  const training::Normalisation normalisation =
      recipe.normalises ? preprocessing.normalisation : training::Normalisation{};
  const auto normal = [&](float value) { return (value - normalisation.mean) / normalisation.deviation; };
  const view::ValueRange range = view::display_range(map, normal(0), normal(1));
  std::vector<std::uint8_t> rgba;
  rgba.reserve(plane.size() * 4);
  for (const float value : plane) {
    const view::Rgb rgb = view::colour_of(map, range, value);
    rgba.insert(rgba.end(), {rgb.r, rgb.g, rgb.b, 255});
  }
  images_[kNormalise].set(rgba, static_cast<int>(net.w), static_cast<int>(net.h), true);

  const std::string field = size_text(net);
  is_on_ = {true, recipe.crops, recipe.fits_box, recipe.centres_mass, recipe.normalises};
  stages_[kStrokes] = {"strokes", "strokes", size_text(raster.shape),
                       "What you drew, " + size_text(raster.shape) + " pixels, grey along the edges."};
  stages_[kCrop] = {"crop", "crop", size_text(stages.cropped.shape()),
                    recipe.crops ? "Only the box around the ink goes on: where and how large you draw does not matter."
                                 : "Off: all of the pad goes on, so place and size matter."};
  stages_[kScale] = {"scale", "scale", size_text(stages.scaled.shape()),
                     recipe.fits_box
                         ? "The larger side becomes " + std::to_string(box) + " of " +
                               std::to_string(std::max(net.w, net.h)) + " pixels: as large as the digits of MNIST."
                         : "Off: it fills the net's whole picture, larger than what the net has learnt."};
  stages_[kCentre] = {
      "centre", "centre", field,
      std::string(recipe.centres_mass
                      ? "The ink's centre of mass (dot) goes to the middle of " + field +
                            ": there the digits of MNIST have it."
                      : "Off: the box's middle goes there; a 7 or a 4 then lies beside what the net knows.")};
  if (stages.lost > 0.0005)
    stages_[kCentre].words += formatted(" %.1f %% of the ink falls outside.", 100 * stages.lost);
  if (stages.is_inverted) stages_[kCentre].words += " Dark on bright, as its training pictures are.";
  const auto number = [](float value) { return formatted("%.2f", static_cast<double>(value)); };
  stages_[kNormalise] = {"normalise", "normalise", number(*least) + " … " + number(*most),
                         recipe.normalises
                             ? "Minus " + formatted("%.4f", static_cast<double>(preprocessing.normalisation.mean)) +
                                   ", divided by " +
                                   formatted("%.4f", static_cast<double>(preprocessing.normalisation.deviation)) +
                                   ": mean and deviation of the training pictures."
                             : "Off: values stay between 0 and 1, which the net has never seen."};
  mass_x_ = static_cast<float>(stages.mass_x / static_cast<double>(net.w));
  mass_y_ = static_cast<float>(stages.mass_y / static_cast<double>(net.h));
  has_ink_ = !stages.is_empty && stages.lost < 0.9995;
}

void PadStages::draw_row(Ui& ui, training::DrawingRecipe& recipe, float width, bool has_sizes) {
  const float s = ui.scale, gap = kGap * s, line = font_height(ui.fonts.small);
  const float side = picture_side(ui, width);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const std::array<bool*, kCount> switches{nullptr, &recipe.crops, &recipe.fits_box, &recipe.centres_mass,
                                           &recipe.normalises};
  ImGui::PushFont(ui.fonts.small);
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {3 * s, 2 * s});
  for (std::size_t i = 0; i < kCount; ++i) {
    const Stage& stage = stages_[i];
    const ImVec2 corner{std::floor(at.x + static_cast<float>(i) * (side + gap)), at.y};
    ImGui::SetCursorScreenPos(corner);
    ImGui::PushID(static_cast<int>(i));
    ImGui::InvisibleButton("##picture", {side, side});
    if (ImGui::IsItemHovered()) {
      told_ = i;
      draw_enlarged(ui, i);
    }
    record(ui, std::string("draw/picture/") + stage.id, "tile", stage.label, stage.size, {}, true, stage.words);
    draw.AddRectFilled(corner, {corner.x + side, corner.y + side}, ui.palette.canvas, 2 * s);
    const Fitted fitted_to = fit(images_[i], corner, side);
    draw.AddImage(texture_of(images_[i]), fitted_to.min, fitted_to.max);
    if (i == kCentre) {
      const ImVec2 middle{(fitted_to.min.x + fitted_to.max.x) / 2, (fitted_to.min.y + fitted_to.max.y) / 2};
      draw.AddLine({middle.x, fitted_to.min.y}, {middle.x, fitted_to.max.y}, ui.palette.grid);
      draw.AddLine({fitted_to.min.x, middle.y}, {fitted_to.max.x, middle.y}, ui.palette.grid);
      const ImVec2 mass{fitted_to.min.x + mass_x_ * (fitted_to.max.x - fitted_to.min.x),
                        fitted_to.min.y + mass_y_ * (fitted_to.max.y - fitted_to.min.y)};
      if (has_ink_) draw.AddCircleFilled(mass, 2.5F * s, ui.palette.error);
    }
    draw.AddRect({corner.x - 1, corner.y - 1}, {corner.x + side + 1, corner.y + side + 1}, ui.palette.panel_border);
    if (i > 0) {  // it goes on from the one before
      const ImVec2 tip{corner.x - gap / 2 + 2.5F * s, corner.y + side / 2};
      draw.AddTriangleFilled({tip.x - 5 * s, tip.y - 4 * s}, {tip.x - 5 * s, tip.y + 4 * s}, tip, ui.palette.text_dim);
    }
    const float button_width = width_of(ui.fonts.small, stage.label) + 6 * s;
    const ImVec2 below{corner.x + (side - button_width) / 2, corner.y + side + 4 * s};
    if (switches[i] == nullptr) {
      put_text(ui.fonts.small, {below.x + 3 * s, below.y + 2 * s}, ui.palette.text, stage.label);
    } else {
      ImGui::SetCursorScreenPos(below);
      if (choice_button(ui, std::string("draw/stage/") + stage.id, stage.label, *switches[i],
                        stage.words + "\nClick: leaves this stage out, or puts it back in.")) {
        *switches[i] = !*switches[i];
        told_ = i;
      }
      if (ImGui::IsItemHovered()) told_ = i;
    }
    if (has_sizes) {
      put_text(ui.fonts.small, {corner.x + (side - width_of(ui.fonts.small, stage.size)) / 2, below.y + line + 6 * s},
               ui.palette.text_dim, stage.size);
    }
    ImGui::PopID();
  }
  ImGui::PopStyleVar();
  ImGui::PopFont();
  ImGui::SetCursorScreenPos(at);
  ImGui::Dummy({width, row_height(ui, width, has_sizes)});
}

float PadStages::row_height(const Ui& ui, float width, bool has_sizes) {
  const float line = font_height(ui.fonts.small);
  return picture_side(ui, width) + line + 8 * ui.scale + (has_sizes ? line + 4 * ui.scale : 0);
}

void PadStages::draw_aspect_switch(Ui& ui, training::DrawingRecipe& recipe) {
  ImGui::PushFont(ui.fonts.small);
  toggle(ui, "draw/stage/aspect", "keep ratio", &recipe.keeps_aspect,
         "Both sides are scaled alike, as in MNIST. Off: the box is stretched to a square, and a 1 "
         "becomes a block.");
  ImGui::PopFont();
}

float PadStages::words_height(const Ui& ui) { return 2 * font_height(ui.fonts.small) + 8 * ui.scale; }

void PadStages::draw_words(Ui& ui, float height) {
  const float s = ui.scale;
  const bool has_all = height >= static_cast<float>(kCount) * words_height(ui);
  const float column = width_of(ui.fonts.small, has_all ? stages_[kNormalise].label : stages_[told_].label) + 8 * s;
  const auto put = [&](std::size_t i) {
    ImGui::PushFont(ui.fonts.small);
    ImGui::TextColored(ImGui::ColorConvertU32ToFloat4(is_on_[i] ? ui.palette.text : ui.palette.warning), "%s",
                       stages_[i].label);
    ImGui::SameLine(ImGui::GetCursorStartPos().x + column);
    ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.text_dim);
    ImGui::PushTextWrapPos(0);
    ImGui::TextUnformatted(stages_[i].words.c_str());
    ImGui::PopTextWrapPos();
    ImGui::PopStyleColor();
    ImGui::PopFont();
    record(ui, std::string("draw/words/") + stages_[i].id, "text", stages_[i].label, stages_[i].words);
  };
  if (has_all) {
    for (std::size_t i = 0; i < kCount; ++i) put(i);
  } else {
    put(told_);
  }
}

void PadStages::draw_enlarged(Ui& ui, std::size_t i) const {
  ImGui::BeginTooltip();
  const Fitted size = fit(images_[i], {0, 0}, std::floor(224 * ui.scale));
  ImGui::Image(texture_of(images_[i]), {size.max.x - size.min.x, size.max.y - size.min.y});
  ImGui::PushTextWrapPos(240 * ui.scale);
  ImGui::TextUnformatted((std::string(stages_[i].label) + ", " + stages_[i].size).c_str());
  ImGui::PopTextWrapPos();
  ImGui::EndTooltip();
}

}  // namespace convlens::ui
