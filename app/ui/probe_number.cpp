// Lays out the matrices, the table and the controls of one number's sum.
#include "app/ui/probe_number.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "app/ui/equation.h"
#include "app/ui/probe_moves.h"
#include "app/ui/transport.h"
#include "app/ui/weight_cells.h"
#include "app/ui/weight_grid.h"
#include "app/ui/widgets.h"
#include "engine/explain/decimal.h"
#include "engine/explain/probe_text.h"

namespace convlens::ui {
namespace {

using explain::ProbeCell;

constexpr float kSignGap = 16;          // between matrices, at 100 % interface scale
constexpr float kLargestBlank = 22;     // side of a cell without a number
constexpr float kMatricesShare = 0.7F;  // of the height; more scrolls

ImVec2 text_size(ImFont* font, float size, const std::string& text) {
  return font->CalcTextSizeA(size, FLT_MAX, 0, text.c_str());
}

void put(ImFont* font, float size, const ImVec2& at, ImU32 colour, const std::string& text) {
  ImGui::GetWindowDrawList()->AddText(font, size, {std::floor(at.x), std::floor(at.y)}, colour, text.c_str());
}

std::string padding_words(const explain::Probe& probe) {
  const conv::ChoiceName& border = conv::border_names()[static_cast<std::size_t>(probe.geometry.border)];
  return std::to_string(probe.padding_cells) + " of " + std::to_string(probe.cells.size()) +
         " cells are padding (hatched), border " + std::string(border.label) + ": " +
         number_text(100 * probe.padding_share, 3) + " % of the sum of absolute products";
}

}  // namespace

void NumberView::follow(Ui& ui, const ShownMaps& maps, const explain::Probe& probe) {
  const model::ViewSettings& view = ui.document.settings.view;
  const std::string looks = view.weight_colormap + "\n" + view.map_colormap;
  if (cache_.version() == version_ && looks == looks_) return;
  version_ = cache_.version();
  looks_ = looks;
  const view::Colormap& grey = view::find_colormap("grey");
  const view::Colormap& weight_colours = view::find_colormap(view.weight_colormap);
  const view::Colormap& product_colours = view::find_colormap(view.map_colormap);
  float largest_weight = 0, largest_product = 0;
  const auto product_of = [](const ProbeCell& cell) {
    return cell.is_zero() ? 0.0F : cell.input_value * cell.weight_value;
  };
  for (const ProbeCell& cell : probe.cells) {
    largest_weight = std::max(largest_weight, std::abs(cell.weight_value));
    const float product = std::abs(product_of(cell));
    if (std::isfinite(product)) largest_product = std::max(largest_product, product);
  }
  if (!(largest_weight > 0)) largest_weight = 1;
  if (!(largest_product > 0)) largest_product = 1;
  const CellMatrix empty{
      static_cast<int>(maps.result->geometry.r), static_cast<int>(maps.result->geometry.s), {}, {}, {}};
  inputs_.assign(probe.channels.size(), empty);
  weights_.assign(probe.channels.size(), empty);
  products_.assign(probe.channels.size(), empty);
  for (std::size_t c = 0; c < probe.channels.size(); ++c) {
    const explain::ProbeChannel& channel = probe.channels[c];
    for (std::size_t i = channel.first_cell; i < channel.first_cell + channel.cell_count; ++i) {
      const ProbeCell& cell = probe.cells[i];
      inputs_[c].colours.push_back(view::colour_of(grey, {0, 1}, cell.input_value));
      inputs_[c].texts.push_back(explain::to_text(cell.input));
      inputs_[c].is_hatched.push_back(cell.is_padding());
      weights_[c].colours.push_back(
          view::colour_of(weight_colours, {-largest_weight, largest_weight}, cell.weight_value));
      weights_[c].texts.push_back(explain::to_text(cell.weight));
      products_[c].colours.push_back(
          view::colour_of(product_colours, {-largest_product, largest_product}, product_of(cell)));
      products_[c].texts.push_back(explain::to_text(cell.product));
      products_[c].is_hatched.push_back(cell.is_padding());
    }
  }
}

NumberView::Grid NumberView::lay_out(const Ui& ui, float width) const {
  const float s = ui.scale;
  const auto cols = static_cast<float>(inputs_.front().cols);
  const auto rows = static_cast<float>(inputs_.front().rows);
  Grid grid;
  grid.gap = kSignGap * s;
  grid.caption = font_height(ui.fonts.small) + 4 * s;
  const float text_height = std::floor(font_height(ui.fonts.mono) + 4 * s);
  const auto fits = [&](const ImVec2& cell) {
    float size = font_height(ui.fonts.mono);
    for (const auto* matrices : {&inputs_, &weights_, &products_}) {
      size = std::min(size, fitting_font(ui, *matrices, cell));
    }
    return size;
  };
  float full = 0;
  for (const auto* matrices : {&inputs_, &weights_, &products_}) {
    full = std::max(full, full_cell_width(ui, *matrices));
  }
  grid.cell = {std::min(full, std::floor((width - 2 * grid.gap) / (3 * cols))), text_height};
  grid.font_size = fits(grid.cell);
  if (grid.font_size == 0) {
    const ImVec2 wider{std::min(full, std::floor((width - grid.gap) / (2 * cols))), text_height};
    if (const float size = fits(wider); size > 0) {
      grid.is_wide = false;
      grid.cell = wider;
      grid.font_size = size;
    } else {
      const float side = std::clamp(std::floor((width - 2 * grid.gap) / (3 * cols)), 2.0F, kLargestBlank * s);
      grid.cell = {side, side};
    }
  }
  grid.height = grid.caption + grid.cell.y * rows * (grid.is_wide ? 1.0F : 2.0F) + (grid.is_wide ? 8 : 13) * s;
  return grid;
}

void NumberView::draw(Ui& ui, const ShownMaps& maps, const ImVec2& size) {
  model::Document& document = ui.document;
  if (!maps.result->input) return;
  // No value of a map is under the pointer here.
  if (document.hover.kind == model::Hover::Kind::kMap) document.hover = {};
  const model::OutputCell at = animation_cell(document);
  const model::Pin pin{maps.selected, at.row, at.col};
  document.probe.focus = pin;
  const explain::Probe& probe = cache_.get(maps.result, pin);
  follow(ui, maps, probe);
  model::SumPlayback& sum = document.probe.sum;
  sum.count = cache_.steps().size();
  pointed_.reset();

  const float s = ui.scale;
  const float top = ImGui::GetCursorPosY();
  draw_head(ui, maps, probe);
  const float head = ImGui::GetCursorPosY() - top;
  if (foot_ == 0) foot_ = 2 * ImGui::GetFrameHeightWithSpacing() + 2 * ImGui::GetTextLineHeightWithSpacing();
  const float room = std::max(140 * s, size.y - head - foot_);
  draw_matrices(ui, probe, room * kMatricesShare);
  const float used = ImGui::GetCursorPosY() - top - head;
  const ToldSum told{probe, cache_.steps(), cache_.version(), sum, "maps/sum", [&](std::size_t channel) {
                       return slice_name(ui, static_cast<int>(probe.at.k), static_cast<int>(channel));
                     }};
  table_.draw(ui, told, {size.x, std::max(60 * s, room - used)});
  if (table_.pointed_cell()) pointed_ = table_.pointed_cell();
  const float foot_top = ImGui::GetCursorPosY();
  transport_.draw(ui, told);
  if (const auto format = copy_row(ui, "maps/number/copy/", true, " (Ctrl+C over this panel)")) copy_value(ui, *format);
  const float foot = ImGui::GetCursorPosY() - foot_top + ImGui::GetStyle().ItemSpacing.y;
  if (std::abs(foot - foot_) > 0.5F) ui.needs_frames = true;
  foot_ = foot;

  document.probe.lit_cell = pointed_;
  if (!pointed_) document.probe.lit_cell = cell_being_added(told);
  if (pointed_) {
    const ProbeCell& cell = probe.cells[*pointed_];
    ui.hovered_value = cell_place(cell) + ": " + explain::to_text(cell.input) + " × " + explain::to_text(cell.weight) +
                       " " + cell_weight(cell) + " = " + explain::to_text(cell.product) + ", running sum " +
                       explain::to_text(cell.running);
  }
  tell(ui, probe);
}

void NumberView::draw_head(Ui& ui, const ShownMaps& maps, const explain::Probe& probe) {
  const bool is_made = maps.result->has(maps.selected);
  const std::string value = explain::to_text(probe.value);
  const std::string title = maps.name(maps.selected) + " = " + value;
  heading(ui, title.c_str());
  record(ui, "maps/number/value", "text", title, value, {}, true, "The value in the map");
  const std::string exact = is_made ? "float32 " + explain::shortest(probe.map_value) : "this map is being computed";
  const float width = ImGui::CalcTextSize(exact.c_str()).x;
  ImGui::SameLine(0, 10 * ui.scale);
  if (ImGui::GetContentRegionAvail().x < width) ImGui::NewLine();
  ImGui::PushStyleColor(ImGuiCol_Text, is_made ? ui.palette.text_dim : ui.palette.warning);
  ImGui::TextUnformatted(exact.c_str());
  ImGui::PopStyleColor();
  draw_equation(
      ui, "maps/number/equation", equation_of(probe),
      "The subtotal of each channel, the bias, and their sum: all digits add up as shown. The last number is the "
      "one that the map holds, rounded to what the sum and the float agree on.");
  if (!probe.agrees && is_made) {
    ImGui::PushTextWrapPos(0);
    ImGui::TextColored(ImGui::ColorConvertU32ToFloat4(ui.palette.warning), "The sum gives %s, and the map holds %s.",
                       explain::to_text(probe.activated).c_str(), value.c_str());
    ImGui::PopTextWrapPos();
  }
  if (probe.padding_cells > 0) {
    const std::string words = padding_words(probe);
    ImGui::PushFont(ui.fonts.small);
    dim_text(ui, words);
    ImGui::PopFont();
    record(ui, "maps/number/padding", "text", words, words);
  }
}

void NumberView::draw_matrices(Ui& ui, const explain::Probe& probe, float most) {
  const float width = ImGui::GetContentRegionAvail().x;
  Grid grid = lay_out(ui, width);
  const auto channels = static_cast<float>(probe.channels.size());
  const float height = std::min(most, grid.height * channels);
  const bool scrolls = grid.height * channels > height + 1;
  if (scrolls) grid = lay_out(ui, width - ImGui::GetStyle().ScrollbarSize);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
  ImGui::BeginChild("matrices", {width, height}, false, scrolls ? ImGuiWindowFlags_None : ImGuiWindowFlags_NoScrollbar);
  ImGui::PopStyleVar();
  const ImVec2 corner = ImGui::GetCursorScreenPos();

  // While the sum is told, the channel that is being added comes into sight.
  const model::SumPlayback& sum = ui.document.probe.sum;
  const std::size_t per_channel = probe.channels.front().cell_count + 1;
  std::optional<std::size_t> told;
  if (!sum.is_over() && sum.taken() > 0) told = std::min((sum.taken() - 1) / per_channel, probe.channels.size() - 1);
  if (told && told != scrolled_channel_ && scrolls) ImGui::SetScrollY(grid.height * static_cast<float>(*told));
  scrolled_channel_ = told;

  for (std::size_t c = 0; c < probe.channels.size(); ++c) {
    draw_channel(ui, probe, grid, {corner.x, corner.y + grid.height * static_cast<float>(c)}, c);
  }
  ImGui::SetCursorScreenPos(corner);
  ImGui::Dummy({1, grid.height * channels});
  const bool is_on_nothing = ImGui::IsWindowHovered() && !ImGui::IsAnyItemHovered();
  if (is_on_nothing && ImGui::IsMouseClicked(ImGuiMouseButton_Left)) one_level_up(ui.document);
  ImGui::EndChild();
}

void NumberView::draw_channel(Ui& ui, const explain::Probe& probe, const Grid& grid, const ImVec2& corner,
                              std::size_t channel) {
  const explain::ProbeChannel& sums = probe.channels[channel];
  const float s = ui.scale;
  const std::string name = slice_name(ui, static_cast<int>(probe.at.k), static_cast<int>(channel));
  const ImU32 ink = slice_colour(ui, name);
  ImFont* small = ui.fonts.small;
  const float small_size = font_height(small);
  const model::SumPlayback& sum = ui.document.probe.sum;
  const std::size_t before = channel * (sums.cell_count + 1);
  MatrixLook look{.cell = grid.cell, .font_size = grid.font_size};
  if (!sum.is_over()) look.bright = std::min(sum.taken() > before ? sum.taken() - before : 0, sums.cell_count);
  if (const auto lit = ui.document.probe.lit_cell;
      lit && *lit >= sums.first_cell && *lit < sums.first_cell + sums.cell_count) {
    look.lit = *lit - sums.first_cell;
  }

  const std::string prefix = "maps/number/" + std::to_string(channel) + "/";
  const auto place = [&](const CellMatrix& matrix, const ImVec2& at, const std::string& id, const std::string& label) {
    const ImVec2 extent = matrix_extent(matrix, grid.cell);
    ImGui::SetCursorScreenPos(at);
    ImGui::InvisibleButton((prefix + id).c_str(), extent);
    const auto hit = cell_at(matrix, at, grid.cell, ImGui::GetIO().MousePos);
    if (hit && ImGui::IsItemHovered()) {
      pointed_ = sums.first_cell + *hit;
      const ProbeCell& cell = probe.cells[*pointed_];
      tooltip(ui, cell_place(cell) + "\n" + explain::to_text(cell.input) + " × " + explain::to_text(cell.weight) + " " +
                      cell_weight(cell) + " = " + explain::to_text(cell.product));
    }
    record(ui, prefix + id, "cell", label, matrix.texts, {}, true, label);
    draw_matrix(ui, matrix, at, look);
    return extent;
  };
  const auto sign = [&](const ImVec2& at, float height, const char* text) {
    const ImVec2 size = text_size(ui.fonts.heading, font_height(ui.fonts.heading), text);
    put(ui.fonts.heading, font_height(ui.fonts.heading), {at.x + (grid.gap - size.x) / 2, at.y + (height - size.y) / 2},
        ui.palette.text, text);
  };

  put(small, small_size, {corner.x, corner.y + s}, ink, "input " + name);
  const ImVec2 first{corner.x + s, corner.y + grid.caption};
  const ImVec2 extent = place(inputs_[channel], first, "input", "Input " + name + " under the filter");
  sign({first.x + extent.x, first.y}, extent.y, "×");
  const ImVec2 second{first.x + extent.x + grid.gap, first.y};
  const std::string weights_name = probe.geometry.flip ? "weights " + name + ", turned" : "weights " + name;
  put(small, small_size, {second.x, corner.y + s}, ink, weights_name);
  place(weights_[channel], second, "weights", "Weights " + name);

  const std::string subtotal = explain::to_text(sums.subtotal);
  ImFont* mono = ui.fonts.mono;
  const ImVec2 subtotal_size = text_size(mono, font_height(mono), subtotal);
  if (grid.is_wide) {
    sign({second.x + extent.x, first.y}, extent.y, "=");
    const ImVec2 third{second.x + extent.x + grid.gap, first.y};
    const float label_width = text_size(small, small_size, "sum ").x;
    const float right = third.x + extent.x;
    if (extent.x > subtotal_size.x + label_width) {
      put(small, small_size, {right - subtotal_size.x - label_width, corner.y + s}, ui.palette.text_dim, "sum ");
    }
    // Beside the name of the weights, where there is room; the equation above has it too.
    if (right - subtotal_size.x > second.x + text_size(small, small_size, weights_name).x + 4 * s) {
      put(mono, font_height(mono), {right - subtotal_size.x, corner.y + s}, ui.palette.text, subtotal);
    }
    place(products_[channel], third, "products", "Products " + name);
  } else {
    const ImVec2 below{first.x + grid.gap, first.y + extent.y + 5 * s};
    sign({first.x - s, below.y}, extent.y, "=");
    place(products_[channel], below, "products", "Products " + name);
    const float x = below.x + extent.x + grid.gap;
    put(small, small_size, {x, below.y + extent.y / 2 - small_size - s}, ui.palette.text_dim, "subtotal " + name);
    put(mono, font_height(mono), {x, below.y + extent.y / 2 + s}, ui.palette.text, subtotal);
  }
}

void NumberView::tell(Ui& ui, const explain::Probe& probe) {
  if (!ui.twin.is_active()) return;
  if (told_version_ != cache_.version() || told_.is_null()) {
    told_ = nlohmann::json::parse(explain::probe_json(probe, explain::kMaxProbeDepth), nullptr, false);
    told_version_ = cache_.version();
  }
  ui.twin.set("number", told_);
}

}  // namespace convlens::ui
