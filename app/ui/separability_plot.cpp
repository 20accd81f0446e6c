// Draws the nearest rank-1 filter beside the slice. Column and row are scaled to small numbers whose product it is.
#include "app/ui/separability_plot.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "app/ui/weight_cells.h"
#include "app/ui/widgets.h"
#include "app/view/colormap.h"

namespace convlens::ui {
namespace {

constexpr std::size_t kMostNumbers = 9;  // singular values and taps that are written out

// factor * column * row, where column and row have 1 as their smallest magnitude that counts.
struct Passes {
  double factor = 0;
  std::vector<double> column, row;
};

// Divides by the smallest magnitude that counts, signed so that the largest is positive. Returns the divisor.
double make_friendly(std::vector<double>& values) {
  double largest = 0;
  for (const double value : values) largest = std::abs(value) > std::abs(largest) ? value : largest;
  double smallest = std::abs(largest);
  for (const double value : values) {
    if (std::abs(value) > 1e-5 * std::abs(largest)) smallest = std::min(smallest, std::abs(value));
  }
  if (smallest == 0) return 1;
  const double divisor = largest < 0 ? -smallest : smallest;
  for (double& value : values) {
    value /= divisor;
    if (std::abs(value) < 1e-5) value = 0;
  }
  return divisor;
}

Passes passes_of(const conv::RankOne& rank_one) {
  Passes passes{rank_one.scale, rank_one.column, rank_one.row};
  passes.factor *= make_friendly(passes.column);
  passes.factor *= make_friendly(passes.row);
  // One sign is free: the factor takes none.
  if (passes.factor < 0) {
    passes.factor = -passes.factor;
    for (double& value : passes.row) value = value == 0 ? 0 : -value;
  }
  return passes;
}

std::string joined(const std::vector<double>& values) {
  std::string text;
  for (std::size_t i = 0; i < values.size() && i < kMostNumbers; ++i) {
    // What rounding leaves of 0 is 0.
    const bool is_nothing = std::abs(values[i]) < 1e-6 * std::abs(values.front());
    text += (i > 0 ? "  " : "") + number_text(is_nothing ? 0 : values[i], 3);
  }
  return values.size() > kMostNumbers ? text + " …" : text;
}

// Cells of a weight-coloured grid with its upper left corner at `corner`.
void draw_grid(Ui& ui, const ImVec2& corner, float cell, const Tensor& values, float range) {
  const view::Colormap& map = view::find_colormap(ui.document.settings.view.weight_colormap);
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const Shape& shape = values.shape();
  for (std::int64_t r = 0; r < shape.h; ++r) {
    for (std::int64_t s = 0; s < shape.w; ++s) {
      const view::Rgb c = view::colour_of(map, {-range, range}, values.at(0, 0, r, s));
      const ImVec2 from{corner.x + cell * static_cast<float>(s), corner.y + cell * static_cast<float>(r)};
      draw.AddRectFilled(from, {from.x + cell, from.y + cell}, IM_COL32(c.r, c.g, c.b, 255));
    }
  }
  draw.AddRect(corner, {corner.x + cell * static_cast<float>(shape.w), corner.y + cell * static_cast<float>(shape.h)},
               ui.palette.panel_border);
}

Tensor strip(const std::vector<double>& values, bool is_column) {
  const auto count = static_cast<std::int64_t>(values.size());
  Tensor tensor({1, 1, is_column ? count : 1, is_column ? 1 : count});
  double largest = 0;
  for (const double value : values) largest = std::max(largest, std::abs(value));
  for (std::size_t i = 0; i < values.size() && largest > 0; ++i) {
    tensor.data()[i] = static_cast<float>(values[i] / largest);
  }
  return tensor;
}

void draw_singular_values(Ui& ui, const std::string& name, float width, const std::vector<double>& values) {
  const float s = ui.scale;
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  const float height = 26 * s;
  const auto count = static_cast<float>(values.size());
  const float pitch = std::min(22 * s, width * 0.4F / count);
  ImGui::Dummy({pitch * count, height});
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto share = static_cast<float>(values[0] > 0 ? values[i] / values[0] : 0);
    const float x = corner.x + pitch * static_cast<float>(i);
    const float top = corner.y + height - std::max(1.0F, share * height);
    draw.AddRectFilled({x, top}, {x + pitch - std::min(3 * s, pitch / 4), corner.y + height}, ui.palette.accent);
  }
  const std::string help =
      "Singular values of the slice: how much each further pair of 1-D passes adds. One that counts: the filter is a "
      "column times a row.";
  record(ui, name + "/singular", "plot", "Singular values", values, {}, true, help);
  tooltip(ui, help);
  ImGui::SameLine(0, 8 * s);
  ImGui::BeginGroup();
  ImGui::PushFont(ui.fonts.small);
  dim_text(ui, "singular values");
  ImGui::PopFont();
  ImGui::PushFont(ui.fonts.mono);
  ImGui::PushTextWrapPos(0);
  ImGui::TextUnformatted(joined(values).c_str());
  ImGui::PopTextWrapPos();
  ImGui::PopFont();
  ImGui::EndGroup();
}

}  // namespace

void separability_plot(Ui& ui, const std::string& name, float width, const model::Spectra& spectra) {
  const explain::Portrait& portrait = spectra.portrait;
  if (!portrait.is_finite || portrait.absolute_sum == 0) return;
  const float s = ui.scale;
  draw_singular_values(ui, name, width, portrait.singular_values);

  // slice ~ column x row = nearest, and what is left.
  const Passes passes = passes_of(spectra.rank_one);
  const Shape& shape = spectra.weights.shape();
  const float sign = 16 * s;  // room for a sign between two pictures
  const auto cols = static_cast<float>(4 * shape.w + 1), rows = static_cast<float>(shape.h);
  const float cell = std::max(1.0F, std::floor(std::min({(width - 4 * sign) / cols, 64 * s / rows, 18 * s})));
  const float height = cell * rows;
  ImFont* font = ui.fonts.small;
  const float text = font_height(font);
  ImVec2 at = ImGui::GetCursorScreenPos();
  ImGui::Dummy({width, height + text + 4 * s});
  const float range = weight_range(spectra.weights.values());
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const float middle = at.y + height / 2;
  const auto put_sign = [&](const char* label) {
    const ImVec2 extent = font->CalcTextSizeA(text, FLT_MAX, 0, label);
    draw.AddText(font, text, {at.x + (sign - extent.x) / 2, middle - text / 2}, ui.palette.text_dim, label);
    at.x += sign;
  };
  const auto put = [&](const Tensor& values, float own_range, const char* caption) {
    const float grid_height = cell * static_cast<float>(values.shape().h);
    draw_grid(ui, {at.x, middle - grid_height / 2}, cell, values, own_range);
    const float grid_width = cell * static_cast<float>(values.shape().w);
    const ImVec2 extent = font->CalcTextSizeA(text, FLT_MAX, 0, caption);
    if (extent.x <= grid_width + 2 * sign - 4 * s) {
      draw.AddText(font, text, {at.x + (grid_width - extent.x) / 2, at.y + height + 2 * s}, ui.palette.text_dim,
                   caption);
    }
    at.x += grid_width;
  };
  const bool is_exact = portrait.rank == 1;
  put(spectra.weights, range, "weights");
  put_sign(is_exact ? "=" : "≈");
  put(strip(passes.column, true), 1, "");
  put_sign("×");
  put(strip(passes.row, false), 1, "");
  put_sign("=");
  put(spectra.nearest, range, "rank 1");
  put_sign("+");
  put(spectra.left_over, range, "left over");
  const std::string help =
      "The column times the row is the rank-1 filter nearest to the slice; what it leaves over is beside it, in the "
      "same colours.";
  record(ui, name + "/passes", "plot", "Two passes",
         {{"factor", passes.factor},
          {"column", passes.column},
          {"row", passes.row},
          {"error", portrait.rank_one_error},
          {"rank", portrait.rank}},
         {}, true, help);
  tooltip(ui, help);

  ImGui::PushFont(ui.fonts.small);
  ImGui::PushTextWrapPos(0);
  const std::string numbers = "column  " + joined(passes.column) + "\nrow  " + joined(passes.row) + "\nfactor  " +
                              number_text(passes.factor, 4) + ", off by " +
                              number_text(100 * portrait.rank_one_error, 3) + " %";
  ImGui::TextUnformatted(numbers.c_str());
  ImGui::PopTextWrapPos();
  ImGui::PopFont();
  record(ui, name + "/numbers", "text", numbers, numbers);
}

}  // namespace convlens::ui
