// Layout, colours, texts and twin entries of the weight grid's cells. Changes no weight.
#include "app/ui/weight_cells.h"

#include <algorithm>
#include <cmath>

#include "app/model/fields.h"
#include "app/model/filter_bank.h"
#include "app/ui/text.h"
#include "app/ui/weight_grid.h"
#include "app/ui/widgets.h"
#include "app/view/colormap.h"
#include "engine/filters/presets.h"

namespace convlens::ui {
namespace {

constexpr float kLargestCell = 54;
constexpr float kSliceGap = 10;

ImU32 packed(const view::Rgb& colour) { return IM_COL32(colour.r, colour.g, colour.b, 255); }

// Black or white, whichever stands out on `colour` (luma of Rec. 601).
ImU32 text_on(const view::Rgb& colour) {
  const int luma = (299 * colour.r + 587 * colour.g + 114 * colour.b) / 1000;
  return luma > 128 ? IM_COL32(16, 16, 16, 255) : IM_COL32(245, 245, 245, 255);
}

struct CellTexts {
  std::size_t first = 0;   // weight that the first text belongs to
  ImFont* font = nullptr;  // null: nothing fits
  std::vector<std::string> texts;
};

// The most digits with which every text fits into a cell.
CellTexts fit_texts(const Ui& ui, std::span<const float> weights, std::size_t first, float cell) {
  struct Form {
    ImFont* font;
    int digits;
    bool is_short;
  };
  const Form forms[] = {{ui.fonts.mono, 4, false}, {ui.fonts.mono, 3, false}, {ui.fonts.small, 3, false},
                        {ui.fonts.small, 3, true}, {ui.fonts.small, 2, true}, {ui.fonts.small, 1, true}};
  if (cell < 12 * ui.scale) return {};
  const float room = cell - 4 * ui.scale;
  for (const Form& form : forms) {
    CellTexts fitted{first, form.font, {}};
    fitted.texts.reserve(weights.size());
    bool fits = font_height(form.font) <= room + 4 * ui.scale;
    for (std::size_t i = 0; i < weights.size() && fits; ++i) {
      std::string text = number_text(static_cast<double>(weights[i]), form.digits);
      if (form.is_short) drop_leading_zero(text);
      fits = form.font->CalcTextSizeA(font_height(form.font), FLT_MAX, 0, text.c_str()).x <= room;
      fitted.texts.push_back(std::move(text));
    }
    if (fits) return fitted;
  }
  return {};
}

void draw_slice(Ui& ui, const WeightLayout& layout, std::span<const float> weights, std::size_t first, int channel,
                float range, const CellTexts& texts) {
  const view::Colormap& map = view::find_colormap(ui.document.settings.view.weight_colormap);
  const view::ValueRange colours{-range, range};
  ImDrawList* list = ImGui::GetWindowDrawList();
  const float gap = layout.cell >= 10 * ui.scale ? std::max(1.0F, std::floor(ui.scale)) : 0.0F;
  // Lines between and around the cells: neutral ones are as light as a light panel.
  const ImVec2 corner = cell_min(layout, {channel, 0, 0});
  const ImVec2 size = slice_size(layout);
  list->AddRectFilled(ImVec2(corner.x - 1, corner.y - 1),
                      ImVec2(corner.x + size.x + 1 - gap, corner.y + size.y + 1 - gap), ui.palette.panel_border);
  for (int r = 0; r < layout.rows; ++r) {
    for (int s = 0; s < layout.cols; ++s) {
      const std::size_t i = first + static_cast<std::size_t>(r * layout.cols + s);
      const view::Rgb colour = view::colour_of(map, colours, weights[i]);
      const ImVec2 min = cell_min(layout, {channel, r, s});
      list->AddRectFilled(min, ImVec2(min.x + layout.cell - gap, min.y + layout.cell - gap), packed(colour));
      if (!texts.font) continue;
      const std::string& text = texts.texts[i - texts.first];
      const ImVec2 extent = texts.font->CalcTextSizeA(font_height(texts.font), FLT_MAX, 0, text.c_str());
      list->AddText(texts.font, font_height(texts.font),
                    ImVec2(std::floor(min.x + (layout.cell - gap - extent.x) / 2),
                           std::floor(min.y + (layout.cell - gap - extent.y) / 2)),
                    text_on(colour), text.c_str());
    }
  }
}

}  // namespace

std::string slice_name(const Ui& ui, int filter, int channel) {
  const model::ConvSettings& conv = ui.document.settings.conv;
  const std::int64_t inputs = model::conv_input_shape(ui.document.settings, ui.document.picture_shape()).c;
  if (inputs == 3) {
    const int per_group = std::max(1, static_cast<int>(conv.bank.filters.size()) / std::max(1, conv.params.groups));
    const int input = std::clamp(filter / per_group * conv.bank.channels + channel, 0, 2);
    return input == 0 ? "R" : input == 1 ? "G" : "B";
  }
  switch (conv.channels) {
    case model::Channels::kRed:
      return "R";
    case model::Channels::kGreen:
      return "G";
    case model::Channels::kBlue:
      return "B";
    case model::Channels::kRgb:
    case model::Channels::kGrey:
      break;
  }
  return "grey";
}

ImU32 slice_colour(const Ui& ui, std::string_view name) {
  if (name == "R") return IM_COL32(222, 84, 74, 255);
  if (name == "G") return IM_COL32(66, 168, 84, 255);
  if (name == "B") return IM_COL32(82, 134, 232, 255);
  return ui.palette.text_dim;
}

WeightLayout layout_weights(const model::FilterBank& bank, float width, float height, float scale, float smallest_cell,
                            int selected_channel) {
  WeightLayout layout;
  layout.rows = bank.rows;
  layout.cols = bank.cols;
  layout.caption = bank.channels > 1 ? std::floor(17 * scale) : 0;
  const float gap = std::floor(kSliceGap * scale);
  const auto largest = [&](int slices) {
    const auto n = static_cast<float>(slices);
    const float wide = (width - gap * (n - 1)) / n / static_cast<float>(bank.cols);
    const float tall = (height - layout.caption) / static_cast<float>(bank.rows);
    return std::min({wide, tall, kLargestCell * scale});
  };
  layout.slices = bank.channels;
  layout.cell = largest(bank.channels);
  layout.is_side_by_side = bank.channels == 1 || layout.cell >= smallest_cell;
  if (!layout.is_side_by_side) {
    layout.slices = 1;
    layout.first_channel = selected_channel;
    layout.caption = 0;
    layout.cell = largest(1);
  }
  layout.cell = std::max(std::floor(layout.cell), 2.0F);
  layout.pitch = layout.cell * static_cast<float>(bank.cols) + gap;
  layout.height = layout.caption + layout.cell * static_cast<float>(bank.rows);
  const float used = layout.pitch * static_cast<float>(layout.slices) - gap;
  layout.left = std::max(0.0F, std::floor((width - used) / 2));
  return layout;
}

void move_to(WeightLayout& layout, const ImVec2& origin) { layout.origin = origin; }

ImVec2 cell_min(const WeightLayout& layout, const WeightCell& cell) {
  return {layout.origin.x + layout.left + layout.pitch * static_cast<float>(cell.channel - layout.first_channel) +
              layout.cell * static_cast<float>(cell.col),
          layout.origin.y + layout.caption + layout.cell * static_cast<float>(cell.row)};
}

ImVec2 slice_size(const WeightLayout& layout) {
  return {layout.cell * static_cast<float>(layout.cols), layout.cell * static_cast<float>(layout.rows)};
}

WeightCell nearest_cell(const WeightLayout& layout, int slice, const ImVec2& point) {
  const WeightCell first{layout.first_channel + slice, 0, 0};
  const ImVec2 min = cell_min(layout, first);
  const ImVec2 size = slice_size(layout);
  // Clamped before the conversion: the pointer may be nowhere (-FLT_MAX).
  const auto index = [](float at, float from, float extent, float cell, int count) {
    return std::min(static_cast<int>(std::clamp(at - from, 0.0F, extent) / cell), count - 1);
  };
  return {first.channel, index(point.y, min.y, size.y, layout.cell, layout.rows),
          index(point.x, min.x, size.x, layout.cell, layout.cols)};
}

std::size_t weight_index(const model::FilterBank& bank, const WeightCell& cell) {
  return static_cast<std::size_t>((cell.channel * bank.rows + cell.row) * bank.cols + cell.col);
}

double nice_step(double value) {
  const double power = std::pow(10.0, std::floor(std::log10(value)));
  const double mantissa = value / power;
  return power * (mantissa >= 5 ? 5 : mantissa >= 2 ? 2 : 1);
}

float clamp_weight(double value) {
  if (!std::isfinite(value)) return 0;
  return static_cast<float>(std::clamp<double>(value, -kMostWeight, kMostWeight)) + 0.0F;
}

float weight_range(std::span<const float> weights) {
  float range = 0;
  for (const float weight : weights) range = std::max(range, std::abs(weight));
  return range > 0 ? range : 1.0F;
}

std::optional<model::Filter> preset_of(const model::FilterBank& bank, const model::Filter& filter) {
  for (const filters::Preset& preset : filters::presets()) {
    if (preset.label != filter.name) continue;
    auto made = model::preset_filter(bank, preset.name);
    if (made) return std::move(*made);
  }
  return std::nullopt;
}

void draw_cells(Ui& ui, const WeightLayout& layout, std::span<const float> weights, float range,
                const std::optional<WeightCell>& hovered, bool is_linked) {
  ImDrawList* list = ImGui::GetWindowDrawList();
  const auto plane = static_cast<std::size_t>(layout.rows) * static_cast<std::size_t>(layout.cols);
  const std::size_t shown = static_cast<std::size_t>(layout.first_channel) * plane;
  const CellTexts texts =
      fit_texts(ui, weights.subspan(shown, plane * static_cast<std::size_t>(layout.slices)), shown, layout.cell);
  for (int slice = 0; slice < layout.slices; ++slice) {
    const int channel = layout.first_channel + slice;
    if (layout.caption > 0) {
      const std::string name = slice_name(ui, ui.document.selection.filter, channel);
      const ImVec2 corner = cell_min(layout, {channel, 0, 0});
      list->AddText(ui.fonts.small, font_height(ui.fonts.small), ImVec2(corner.x, corner.y - layout.caption),
                    slice_colour(ui, name), name.c_str());
    }
    draw_slice(ui, layout, weights, static_cast<std::size_t>(channel) * plane, channel, range, texts);
    if (hovered && (is_linked || hovered->channel == channel)) {
      const ImVec2 min = cell_min(layout, {channel, hovered->row, hovered->col});
      const ImVec2 max(min.x + layout.cell, min.y + layout.cell);
      const float line = std::max(1.0F, 1.5F * ui.scale);
      list->AddRect(ImVec2(min.x - line, min.y - line), max, ui.palette.panel, 0, 0, 2 * line);
      list->AddRect(min, ImVec2(max.x - 1, max.y - 1), ui.palette.accent, 0, 0, 1.5F * line);
    }
  }
}

void outline_cell(Ui& ui, const WeightLayout& layout, const WeightCell& cell, ImU32 colour) {
  if (cell.channel < layout.first_channel || cell.channel >= layout.first_channel + layout.slices) return;
  const ImVec2 min = cell_min(layout, cell);
  const float line = 2 * ui.scale;
  ImGui::GetWindowDrawList()->AddRect(ImVec2(min.x - line / 2, min.y - line / 2),
                                      ImVec2(min.x + layout.cell, min.y + layout.cell), colour, 0, 0, line);
}

void record_cells(Ui& ui, const WeightLayout& layout, std::span<const float> weights, const std::string& help) {
  const int filter = ui.document.selection.filter;
  std::size_t i = static_cast<std::size_t>(layout.first_channel * layout.rows * layout.cols);
  for (int slice = 0; slice < layout.slices; ++slice) {
    const int channel = layout.first_channel + slice;
    const std::string prefix = "filters/weight/" + std::to_string(filter) + "/" + std::to_string(channel) + "/";
    const std::string label = "weight " + slice_name(ui, filter, channel) + " ";
    for (int r = 0; r < layout.rows; ++r) {
      for (int s = 0; s < layout.cols; ++s) {
        const ImVec2 min = cell_min(layout, {channel, r, s});
        const std::string row = std::to_string(r);
        const std::string col = std::to_string(s);
        record_rect(ui, min, ImVec2(min.x + layout.cell, min.y + layout.cell), prefix + row + "/" + col, "cell",
                    label + "(" + row + "," + col + ")", weights[i++], {}, true, help);
      }
    }
  }
}

}  // namespace convlens::ui
