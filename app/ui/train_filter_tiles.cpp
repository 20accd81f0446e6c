// Tiles on the screen: heading, places, marks, and words about what is pointed at.
#include "app/ui/train_filter_tiles.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "app/model/filter_health.h"
#include "app/model/train_edits.h"
#include "app/ui/colour_bar.h"
#include "app/ui/stack_view.h"
#include "app/ui/text.h"
#include "app/ui/widgets.h"
#include "app/view/tile_layout.h"
#include "engine/nn/network.h"

namespace convlens::ui {
namespace {

constexpr float kSmallestCaption = 26;  // tiles from this size on have their number below
constexpr float kSmallestTexel = 2;     // of slices
constexpr float kSeam = 2;              // between the parts of one filter

std::size_t index_of(FilterPart part) { return static_cast<std::size_t>(part); }

// The part of a rectangle that something of this shape fills.
void letterbox(ImVec2& min, ImVec2& max, float width, float height) {
  const float w = max.x - min.x, h = max.y - min.y;
  const float scale = std::min(w / width, h / height);
  const float dx = std::floor((w - scale * width) / 2), dy = std::floor((h - scale * height) / 2);
  min = {min.x + dx, min.y + dy};
  max = {max.x - dx, max.y - dy};
}

std::string signed_text(float value) { return number_text(static_cast<double>(value), 4); }

}  // namespace

bool stands_still(const model::TrainSnapshot& snapshot, const FilterRef& ref) {
  const auto filter = static_cast<std::size_t>(ref.filter);
  return ref.layer < snapshot.frozen.size() && filter < snapshot.frozen[ref.layer].size() &&
         snapshot.frozen[ref.layer][filter];
}

void draw_lock(ImDrawList& draw, const ImVec2& corner, float side, ImU32 colour) {
  const auto at = [&](float x, float y) { return ImVec2(corner.x + x * side, corner.y + y * side); };
  const float line = std::max(1.0F, side * 0.13F);
  draw.PathArcTo(at(0.5F, 0.4F), side * 0.22F, 3.14159265F, 2 * 3.14159265F, 12);
  draw.PathStroke(colour, 0, line);
  draw.AddLine(at(0.28F, 0.4F), at(0.28F, 0.52F), colour, line);
  draw.AddLine(at(0.72F, 0.4F), at(0.72F, 0.52F), colour, line);
  draw.AddRectFilled(at(0.16F, 0.5F), at(0.84F, 0.95F), colour, side * 0.08F);
}

// The layer's name and shapes, and which colour means what.
void FilterTiles::draw_heading(Ui& ui, const FilterScene& scene) {
  const float s = ui.scale;
  const nn::LayerSpec& spec = run_->layers[layer_];
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x;
  const float line = ImGui::GetFontSize();
  put_text(ui.fonts.body, at, ui.palette.text, spec.name);
  const float x0 = at.x + width_of(ui.fonts.body, spec.name) + 8 * s;
  const float small = font_height(ui.fonts.small);
  std::string shape = std::to_string(filters_) + " × " + shape_text({1, form_.channels, form_.rows, form_.cols}) +
                      " → " + shape_text(run_->shapes[layer_]);
  if (tile_.is_mean) shape += ", mean of " + std::to_string(form_.channels) + " channels";
  if (layer_ < scene.snapshot.frozen.size() && std::ranges::all_of(scene.snapshot.frozen[layer_], std::identity{})) {
    shape += ", frozen";
  }
  if (const auto dead = std::ranges::count(dead_, true); dead > 0) shape += ", " + std::to_string(dead) + " dead";

  // One key for each part: its name, the colours, the ends. On a line of their own where they do not fit.
  const float strip = 44 * s, pad = 4 * s, gap = 12 * s;
  float keys = 0;
  std::vector<std::string> texts;
  for (const Part& part : parts_) {
    std::string text = part.has_values ? "±" + number_text(static_cast<double>(part.range.hi), 3) : "–";
    if (part.has_values && part.range.lo != -part.range.hi) {
      text = number_text(static_cast<double>(part.range.lo), 3) + " … " +
             number_text(static_cast<double>(part.range.hi), 3);
    }
    if (scene.look.is_range_per_filter && part.has_values) text = "each its own";
    keys += width_of(ui.fonts.small, kFilterParts[index_of(part.part)].label) + strip + width_of(ui.fonts.small, text) +
            2 * pad + gap;
    texts.push_back(std::move(text));
  }
  const float shape_width = width_of(ui.fonts.small, shape);
  const bool is_beside = x0 + shape_width + gap + keys < at.x + width;
  put_text(ui.fonts.small, {x0, at.y + line - small}, ui.palette.text_dim,
           fitted(ui.fonts.small, shape, at.x + width - x0));
  float x = is_beside ? at.x + width - keys + gap : at.x;
  const float y = is_beside ? at.y + line - small : at.y + line + 3 * s;
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const Part& part = parts_[i];
    const FilterPartName& name = kFilterParts[index_of(part.part)];
    const ImVec2 from{x, y};
    put_text(ui.fonts.small, {x, y}, ui.palette.text_dim, name.label);
    x += width_of(ui.fonts.small, name.label) + pad;
    const ImVec2 a{x, y + std::floor(small * 0.2F)}, b{x + strip, y + std::floor(small * 0.85F)};
    draw_colour_strip(draw, a, b, *part.map);
    x += strip + pad;
    put_text(ui.fonts.small, {x, y}, ui.palette.text_dim, texts[i]);
    x += width_of(ui.fonts.small, texts[i]);
    record_rect(
        ui, from, {x, y + small}, "train/filters/" + spec.name + "/" + name.name, "colourbar", name.label,
        {{"colormap", part.map->name}, {"lo", part.range.lo}, {"hi", part.range.hi}, {"shown", part.has_values}});
    ImGui::SetCursorScreenPos(from);
    ImGui::Dummy({x - from.x, small});
    tooltip(ui, std::string(name.help) +
                    (part.has_values ? "\nThe neutral colour is zero." : "\nNothing to show: " + part.missing + "."));
    x += gap;
  }
  const float height = (is_beside || parts_.empty() ? line : line + 3 * s + small) + 4 * s;
  ImGui::SetCursorScreenPos({at.x, at.y + height});
}

void FilterTiles::draw_marks(Ui& ui, const FilterScene& scene, int filter, const Cell& cell, float slot,
                             float caption) {
  const float s = ui.scale;
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const auto at = static_cast<std::size_t>(filter);
  const bool is_frozen = stands_still(scene.snapshot, {layer_, filter});
  const bool is_dead = at < dead_.size() && dead_[at];
  const auto weights = model::filter_weights(*run_, *scene.moment.values, layer_, filter);
  const bool is_removed = model::is_removed(ui.document.settings.train, layer_, filter) && model::norm_of(weights) == 0;
  if (is_removed) {
    for (const auto& [a, b] :
         {std::pair{cell.min, cell.max}, std::pair{ImVec2{cell.min.x, cell.max.y}, ImVec2{cell.max.x, cell.min.y}}}) {
      draw.AddLine(a, b, ui.palette.panel, 4 * s);
      draw.AddLine(a, b, ui.palette.error, 2 * s);
    }
  }
  const float small = font_height(ui.fonts.small);
  if (caption > 0) {
    put_text(ui.fonts.small, {cell.min.x, cell.max.y + s}, ui.palette.text_dim, std::to_string(filter + 1));
    if (is_frozen) {
      draw_lock(draw, {cell.max.x - small * 0.9F, cell.max.y + s}, small * 0.9F, ui.palette.text);
    } else if (is_dead && !is_removed) {
      const float width = width_of(ui.fonts.small, "dead");
      if (width + width_of(ui.fonts.small, "00 ") < cell.max.x - cell.min.x) {
        put_text(ui.fonts.small, {cell.max.x - width, cell.max.y + s}, ui.palette.warning, "dead");
      } else {
        draw.AddCircleFilled({cell.max.x - 4 * s, cell.max.y + s + small / 2}, 3 * s, ui.palette.warning);
      }
    }
  } else if (is_frozen) {
    const float side = std::min(11 * s, slot * 0.5F);
    const ImVec2 corner{cell.max.x - side, cell.max.y - side};
    draw.AddRectFilled({corner.x - s, corner.y - s}, cell.max, ui.palette.panel, 2 * s);
    draw_lock(draw, corner, side, ui.palette.text);
  } else if (is_dead && !is_removed) {
    draw.AddCircleFilled({cell.max.x - 4 * s, cell.max.y - 4 * s}, 3 * s, ui.palette.warning);
  }
}

void FilterTiles::draw_cell(Ui& ui, const FilterScene& scene, int filter, const Cell& cell, float slot, float caption,
                            int first) {
  const float s = ui.scale;
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    ImVec2 min{cell.min.x + static_cast<float>(i) * (slot + kSeam * s), cell.min.y}, max{min.x + slot, cell.max.y};
    draw.AddRectFilled(min, max, ui.palette.canvas);
    if (!parts_[i].has_values) continue;
    const Kept& kept = kept_[parts_[i].part];
    letterbox(min, max, static_cast<float>(kept.width), static_cast<float>(kept.height));
    kept.atlas.draw(draw, filter - first, min, max, ui.palette.panel_border);
  }
  draw_marks(ui, scene, filter, cell, slot, caption);
  const FilterRef ref{layer_, filter};
  const bool is_pinned = scene.view.pinned == ref, is_hovered = scene.view.hovered == ref;
  if (is_pinned || is_hovered) {
    const float line = std::max(1.0F, (is_pinned ? 2.5F : 2.0F) * s), out = line / 2 + s;
    draw.AddRect({cell.min.x - out, cell.min.y - out}, {cell.max.x + out, cell.max.y + out},
                 is_pinned ? ui.palette.window_outline : ui.palette.accent, 2 * s, 0, line);
  }
}

void FilterTiles::tell_value(Ui& ui, const FilterScene& scene, int filter, const Cell& cell, float slot) {
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  std::string words = filter_name(*run_, {layer_, filter});
  const auto index = static_cast<std::size_t>(
      std::clamp((mouse.x - cell.min.x) / (slot + kSeam * ui.scale), 0.0F, static_cast<float>(parts_.size() - 1)));
  const Part& part = parts_[index];
  const std::string label = kFilterParts[index_of(part.part)].name;
  const auto at_filter = static_cast<std::size_t>(filter);
  if (stands_still(scene.snapshot, {layer_, filter})) words += " (frozen)";
  if (at_filter < dead_.size() && dead_[at_filter]) words += " (dead: nothing of the last batch got through its ReLU)";
  if (!part.has_values) {
    ui.hovered_value = words + ": " + part.missing;
    return;
  }
  const Kept& kept = kept_[part.part];
  ImVec2 min{cell.min.x + static_cast<float>(index) * (slot + kSeam * ui.scale), cell.min.y},
      max{min.x + slot, cell.max.y};
  letterbox(min, max, static_cast<float>(kept.width), static_cast<float>(kept.height));
  const float across = (mouse.x - min.x) / std::max(1.0F, max.x - min.x);
  const float down = (mouse.y - min.y) / std::max(1.0F, max.y - min.y);
  const bool is_inside = across >= 0 && across < 1 && down >= 0 && down < 1;
  if (part.part == FilterPart::kResponse) {
    const Tensor& maps = *maps_of(scene);
    const auto y = static_cast<std::int64_t>(down * static_cast<float>(maps.shape().h));
    const auto x = static_cast<std::int64_t>(across * static_cast<float>(maps.shape().w));
    if (is_inside) words += ", response " + place_text(y, x) + " = " + signed_text(maps.at(0, filter, y, x));
    ui.hovered_value = words;
    return;
  }
  model::TileTexel texel;
  const bool is_weight =
      is_inside && model::texel_at(tile_, static_cast<std::int64_t>(across * static_cast<float>(tile_.width())),
                                   static_cast<std::int64_t>(down * static_cast<float>(tile_.height())), texel);
  if (is_weight) {
    const std::span<const float> values = values_of(scene, part.part, filter);
    float value = 0;
    const auto at = [&](std::int64_t c) {
      return values[static_cast<std::size_t>((c * form_.rows + texel.row) * form_.cols + texel.col)];
    };
    for (std::int64_t c = 0; c < form_.channels && tile_.is_mean; ++c)
      value += at(c) / static_cast<float>(form_.channels);
    if (!tile_.is_mean) value = at(texel.channel);
    words +=
        ", " + label + (form_.channels > 1 && !tile_.is_mean ? " of channel " + std::to_string(texel.channel + 1) : "");
    words += " " + place_text(texel.row, texel.col) + " = " + signed_text(value);
  }
  ui.hovered_value = words;
}

void FilterTiles::record_cell(Ui& ui, const FilterScene& scene, int filter, const Cell& cell) {
  if (!ui.twin.is_active()) return;
  const auto weights = model::filter_weights(*run_, *scene.moment.values, layer_, filter);
  const auto at = static_cast<std::size_t>(filter);
  nlohmann::json facts = {{"norm", model::norm_of(weights)},
                          {"frozen", stands_still(scene.snapshot, {layer_, filter})},
                          {"dead", at < dead_.size() && dead_[at]},
                          {"removed", model::is_removed(ui.document.settings.train, layer_, filter)}};
  record_rect(ui, cell.min, cell.max, "train/filter/" + run_->layers[layer_].name + "/" + std::to_string(filter + 1),
              "tile", filter_name(*run_, {layer_, filter}), std::move(facts));
}

std::optional<FilterRef> FilterTiles::draw(Ui& ui, const FilterScene& scene, float height, float least) {
  follow(ui, scene);
  const float s = ui.scale;
  const ImVec2 start = ImGui::GetCursorScreenPos();
  draw_heading(ui, scene);
  if (parts_.empty()) return std::nullopt;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float room = ImGui::GetContentRegionAvail().x;
  height -= at.y - start.y;
  const auto count = static_cast<float>(parts_.size());
  const float seams = (count - 1) * kSeam * s;
  const double shape = std::clamp(static_cast<double>(tile_.width()) / static_cast<double>(tile_.height()), 0.34, 3.0);
  const double aspect = shape * static_cast<double>(count);
  if (tile_.slices > 1)
    least = std::max(least, kSmallestTexel * static_cast<float>(std::min(tile_.width(), tile_.height())));
  const float small = font_height(ui.fonts.small) + 2 * s;
  const auto layout = [&](float caption) {
    return view::layout_tiles({0, 0, static_cast<double>(room), static_cast<double>(height)},
                              static_cast<int>(filters_), aspect, static_cast<double>(6 * s),
                              static_cast<double>(caption),
                              static_cast<double>(least * s * count * static_cast<float>(std::max(1.0, shape))));
  };
  float caption = small;
  view::TileGrid grid = layout(caption);
  // A few filters do not become posters.
  const double gap = static_cast<double>(6 * s), most = static_cast<double>(120 * s) * static_cast<double>(count);
  if (grid.tile_width > most) {
    const int columns =
        std::clamp(static_cast<int>((static_cast<double>(room) + gap) / (most + gap)), 1, static_cast<int>(filters_));
    const double lines = std::ceil(static_cast<double>(filters_) / columns);
    const double wide = columns * (most + gap), high = lines * (most / aspect + static_cast<double>(caption) + gap);
    grid = view::layout_tiles({0, 0, wide, high}, static_cast<int>(filters_), aspect, gap, static_cast<double>(caption),
                              1);
  }
  const auto slot_of = [&] { return std::floor((static_cast<float>(grid.tile_width) - seams) / count); };
  if (slot_of() < kSmallestCaption * s) {
    caption = 0;
    grid = layout(caption);
  }
  const float slot = slot_of();
  const float tall = std::floor(slot / static_cast<float>(shape));
  const auto cell_of = [&](int k) {
    const view::Rect& rect = grid.tiles[static_cast<std::size_t>(k)];
    const ImVec2 min{at.x + static_cast<float>(rect.x0 - grid.tiles[0].x0), at.y + static_cast<float>(rect.y0)};
    return Cell{min, {min.x + count * slot + seams, min.y + tall}};
  };
  // The lines that can be seen.
  int first = static_cast<int>(filters_), last = 0;
  for (int k = 0; k < static_cast<int>(filters_); k += grid.columns) {
    const Cell cell = cell_of(k);
    if (!ImGui::IsRectVisible(cell.min, {at.x + room, cell.max.y})) continue;
    first = std::min(first, k);
    last = std::min(static_cast<int>(filters_), k + grid.columns);
  }
  std::optional<FilterRef> hovered;
  if (first < last) {
    for (const Part& part : parts_) {
      if (part.has_values) refresh(ui, scene, part, first, last, slot);
    }
    const bool is_over = ImGui::IsWindowHovered();
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    for (int k = first; k < last; ++k) {
      const Cell cell = cell_of(k);
      draw_cell(ui, scene, k, cell, slot, caption, first);
      record_cell(ui, scene, k, cell);
      const bool is_inside =
          mouse.x >= cell.min.x && mouse.x < cell.max.x && mouse.y >= cell.min.y && mouse.y < cell.max.y;
      if (!is_over || !is_inside) continue;
      hovered = FilterRef{layer_, k};
      tell_value(ui, scene, k, cell, slot);
    }
  }
  ImGui::SetCursorScreenPos(at);
  ImGui::Dummy({room, static_cast<float>(grid.content_height)});
  return hovered;
}

}  // namespace convlens::ui
