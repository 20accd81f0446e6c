// How a value came about: matrices, and the sum in words. All numbers are engine/explain's.
#include <algorithm>
#include <cmath>
#include <sstream>

#include "app/ui/cell_matrix.h"
#include "app/ui/probe_table.h"
#include "app/ui/stack_panels.h"
#include "app/ui/text.h"
#include "app/ui/widgets.h"
#include "engine/explain/probe_text.h"

namespace convlens::ui {

namespace {

using Kind = explain::SumStep::Kind;

// Of one product each, as in dense layers: subtotals would say nothing new.
bool has_single_products(const explain::Probe& probe) { return probe.cells.size() == probe.channels.size(); }

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// What the channels that a unit reads are called.
std::string channel_name(const model::StackResult& result, std::size_t level, std::int64_t channel) {
  const std::size_t below = level - 1;
  const Shape shape = result.stack->level_shape(below);
  if (below == 0 && shape.c == 3) return std::string(1, "RGB"[channel]);
  return (is_flat(result, below) ? "input " : below == 0 ? "channel " : "map ") + std::to_string(channel);
}

}  // namespace

// Patch, filter slice and products of every channel of a convolution, as coloured cells with their numbers.
void StackUnit::make_matrices(const Ui& ui, const explain::Probe& probe) {
  matrices_.clear();
  const int rows = static_cast<int>(probe.window.rows.size()), cols = static_cast<int>(probe.window.cols.size());
  if (rows * cols < 2) return;  // dense layers and 1x1: the table says it all
  float input_lo = 0, input_hi = 0, weight = 0, product = 0;
  const auto value_of_product = [](const explain::ProbeCell& cell) { return cell.input_value * cell.weight_value; };
  for (const explain::ProbeCell& cell : probe.cells) {
    input_lo = std::min(input_lo, cell.input_value), input_hi = std::max(input_hi, cell.input_value);
    weight = std::max(weight, std::abs(cell.weight_value));
    product = std::max(product, std::abs(value_of_product(cell)));
  }
  const model::ViewSettings& view = ui.document.settings.view;
  const view::Colormap& inputs = view::find_colormap(input_lo < 0 ? view.map_colormap : view.unsigned_colormap);
  const view::Colormap& signed_map = view::find_colormap(view.map_colormap);
  const view::Colormap& weights = view::find_colormap(view.weight_colormap);
  const view::ValueRange input_range = view::display_range(inputs, input_lo, input_hi);
  const view::ValueRange weight_range = view::display_range(weights, -weight, weight);
  const view::ValueRange product_range = view::display_range(signed_map, -product, product);
  for (const explain::ProbeChannel& channel : probe.channels) {
    ChannelMatrices m;
    m.title = channel_name(*told_->result, told_->level, channel.channel) + ": " + explain::to_text(channel.subtotal);
    m.first_cell = channel.first_cell;
    m.cell_count = channel.cell_count;
    for (CellMatrix* matrix : {&m.input, &m.weights, &m.products}) matrix->rows = rows, matrix->cols = cols;
    for (std::size_t i = channel.first_cell; i < channel.first_cell + channel.cell_count; ++i) {
      const explain::ProbeCell& cell = probe.cells[i];
      m.input.colours.push_back(view::colour_of(inputs, input_range, cell.input_value));
      m.input.texts.push_back(number_text(static_cast<double>(cell.input_value), 2));
      m.input.is_hatched.push_back(cell.is_padding());
      m.weights.colours.push_back(view::colour_of(weights, weight_range, cell.weight_value));
      m.weights.texts.push_back(number_text(static_cast<double>(cell.weight_value), 2));
      m.products.colours.push_back(view::colour_of(signed_map, product_range, value_of_product(cell)));
      m.products.texts.push_back(number_text(static_cast<double>(value_of_product(cell)), 2));
    }
    matrices_.push_back(std::move(m));
  }
}

// While the sum is told, cells that were not added yet are veiled and the channel that is being added is in sight.
void StackUnit::draw_matrices(Ui& ui, const ToldSum& told) {
  const float s = ui.scale;
  const float sign = 13 * s;
  const auto cols = static_cast<float>(matrices_.front().input.cols),
             rows = static_cast<float>(matrices_.front().input.rows);
  const float side = std::floor(std::clamp((ImGui::GetContentRegionAvail().x - 2 * sign) / (3 * cols), 5 * s, 34 * s));
  MatrixLook look;
  look.cell = {side, side};
  std::vector<CellMatrix> one{matrices_.front().input, matrices_.front().weights, matrices_.front().products};
  look.font_size = fitting_font(ui, one, look.cell);
  const float line = font_height(ui.fonts.small) + 2 * s;
  const float block = line + rows * side + 6 * s;
  const std::size_t taken = told.playback.taken();
  const std::size_t per_channel = matrices_.front().cell_count + 1;
  if (const std::size_t now = taken > 0 ? (taken - 1) / per_channel : 0;
      !told.playback.is_over() && taken > 0 && now != scrolled_to_) {
    ImGui::SetScrollY(block * static_cast<float>(now));
    scrolled_to_ = now;
  }
  const std::optional<std::size_t> lit = pointed_ ? pointed_ : cell_being_added(told);
  pointed_.reset();
  const auto draw = [&](const CellMatrix& matrix, const ChannelMatrices& m, const ImVec2& corner, const char* what,
                        const std::string& name) {
    ImGui::SetCursorScreenPos(corner);
    ImGui::PushID(what);
    ImGui::InvisibleButton("cells", matrix_extent(matrix, look.cell));
    ImGui::PopID();
    const auto hit = cell_at(matrix, corner, look.cell, ImGui::GetIO().MousePos);
    if (hit && ImGui::IsItemHovered()) {
      pointed_ = m.first_cell + *hit;
      const explain::ProbeCell& cell = told.probe.cells[*pointed_];
      tooltip(ui, cell_place(cell) + "\n" + explain::to_text(cell.input) + " × " + explain::to_text(cell.weight) + " " +
                      cell_weight(cell) + " = " + explain::to_text(cell.product));
    }
    record(ui, name + what, "cell", m.title, matrix.texts, {}, true, what);
    draw_matrix(ui, matrix, corner, look);
  };
  ImGuiListClipper clipper;
  clipper.Begin(static_cast<int>(matrices_.size()), block);
  while (clipper.Step()) {
    for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) {
      const ChannelMatrices& m = matrices_[static_cast<std::size_t>(i)];
      const std::size_t before = static_cast<std::size_t>(i) * per_channel;
      look.bright = static_cast<std::size_t>(-1);
      if (!told.playback.is_over()) look.bright = std::min(taken > before ? taken - before : 0, m.cell_count);
      look.lit.reset();
      if (lit && *lit >= m.first_cell && *lit < m.first_cell + m.cell_count) look.lit = *lit - m.first_cell;
      const ImVec2 at = ImGui::GetCursorScreenPos();
      put_text(ui.fonts.small, at, ui.palette.text_dim, m.title);
      const float y = at.y + line, middle = y + (rows * side - font_height(ui.fonts.body)) / 2;
      const std::string name = "stack/number/" + std::to_string(i) + "/";
      ImGui::PushID(i);
      draw(m.input, m, {at.x, y}, "input", name);
      put_text(ui.fonts.body, {at.x + cols * side + 2 * s, middle}, ui.palette.text, "×");
      draw(m.weights, m, {at.x + cols * side + sign, y}, "weights", name);
      put_text(ui.fonts.body, {at.x + 2 * cols * side + sign + 2 * s, middle}, ui.palette.text, "=");
      draw(m.products, m, {at.x + 2 * (cols * side + sign), y}, "products", name);
      ImGui::PopID();
      ImGui::SetCursorScreenPos(at);
      ImGui::Dummy({1, block - ImGui::GetStyle().ItemSpacing.y});
    }
  }
}

// What is shown of these facts. The same value with other numbers goes on being told where it was.
void StackUnit::follow(const Ui& ui, StackView& stack, const model::UnitFactsPtr& facts) {
  if (facts == told_) return;
  const bool is_same_unit = told_ && told_->level == facts->level && told_->unit == facts->unit;
  if (!is_same_unit) {
    stack.sum = {};
    scrolled_to_ = 0;
    pointed_.reset();
  }
  told_ = facts;
  ++version_;
  copy_ = explain::to_text(facts->probe, explain::kMaxProbeDepth);
  softmax_.clear();
  if (facts->softmax) {
    const std::string table = explain::to_text(*facts->softmax);
    softmax_ = lines_of("softmax\n" + table);
    copy_ += "\nsoftmax\n" + table;
  }
  lines_ = lines_of(copy_);
  matrices_.clear();
  steps_.clear();
  if (facts->probe.sum) {
    steps_ = explain::summation_steps(*facts->probe.sum);
    if (has_single_products(*facts->probe.sum)) {
      std::erase_if(steps_, [](const explain::SumStep& step) { return step.kind == Kind::kSubtotal; });
    }
    make_matrices(ui, *facts->probe.sum);
  }
  stack.sum.count = steps_.size();
}

void StackUnit::draw_copy_row(Ui& ui, const model::UnitFacts& facts) {
  const auto format = copy_row(ui, "stack/copy/", facts.probe.sum.has_value());
  if (!format) return;
  const bool is_text = *format == explain::ProbeFormat::kText;
  ImGui::SetClipboardText(is_text ? copy_.c_str() : explain::to_string(*facts.probe.sum, *format).c_str());
  const conv::ChoiceName& name = explain::probe_format_names()[static_cast<std::size_t>(*format)];
  ui.document.say("Copied " + facts.probe.title + " as " + std::string(name.label) + ".");
}

void StackUnit::draw_sum(Ui& ui, StackView& stack, const model::UnitFacts& facts) {
  const float s = ui.scale;
  const explain::Probe& probe = *facts.probe.sum;
  const ToldSum told{probe, steps_, version_, stack.sum, "stack/sum", [&](std::size_t channel) {
                       return channel_name(*facts.result, facts.level, probe.channels[channel].channel);
                     }};
  if (foot_ == 0) foot_ = ImGui::GetFrameHeightWithSpacing() + 2 * ImGui::GetTextLineHeightWithSpacing();
  const float room = std::max(160 * s, ImGui::GetContentRegionAvail().y - foot_);
  float left = room;
  if (!matrices_.empty()) {
    const float height = std::floor(room * 0.5F);
    ImGui::BeginChild("matrices", {0, height}, false);
    draw_matrices(ui, told);
    ImGui::EndChild();
    left -= height + ImGui::GetStyle().ItemSpacing.y;
  }
  const float softmax = softmax_.empty() ? 0 : std::floor(left * 0.45F);
  table_.draw(ui, told, {ImGui::GetContentRegionAvail().x, std::max(60 * s, left - softmax)});
  if (table_.pointed_cell()) pointed_ = table_.pointed_cell();
  if (softmax > 0) mono_lines(ui, "softmax", softmax_, softmax - ImGui::GetStyle().ItemSpacing.y);
  const float foot_top = ImGui::GetCursorPosY();
  transport_.draw(ui, told);
  const float foot = ImGui::GetCursorPosY() - foot_top + ImGui::GetStyle().ItemSpacing.y;
  if (std::abs(foot - foot_) > 0.5F) ui.needs_frames = true;
  foot_ = foot;
}

void StackUnit::draw_number(Ui& ui, StackView& stack) {
  const model::UnitFactsPtr facts = stack.facts();
  if (!facts) {
    draw_missing(ui, stack);
    return;
  }
  follow(ui, stack, facts);
  draw_copy_row(ui, *facts);
  ImGui::PushID("number");
  if (facts->probe.sum) {
    draw_sum(ui, stack, *facts);
  } else {
    mono_lines(ui, "lines", lines_, 0);
  }
  ImGui::PopID();
  record(ui, "stack/number", "text", facts->probe.title, lines_);
}

}  // namespace convlens::ui
