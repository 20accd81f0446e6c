// One block for each overlay: switch, swatch with its ends, a sentence.
#include "app/ui/overlay_switches.h"

#include <algorithm>
#include <string>

#include "app/ui/field_check.h"
#include "app/ui/geometry_overlay.h"
#include "app/ui/text.h"
#include "app/ui/widgets.h"

namespace convlens::ui {
namespace {

constexpr float kSwatchWidth = 64;  // at scale 1
constexpr float kPathHeight = 18;   // ... of the row of cells that shows two dilated layers
constexpr float kMostPathCell = 22;
constexpr float kLeastPathText = 12;
constexpr std::size_t kMostPathCells = 90;
constexpr ImU32 kPicture = IM_COL32(128, 128, 128, 255);  // under the colours of a legend: a picture's middle grey
constexpr ImU32 kMap = IM_COL32(240, 240, 240, 255);      // ... and a map's zero

// Moves to where something `width` wide ends at the right edge, on the line of the switch; a new line where it is
// too narrow.
void go_to_the_right(float width) {
  const float right = ImGui::GetWindowContentRegionMax().x;
  ImGui::SameLine();
  if (ImGui::GetCursorPosX() + width > right) {
    ImGui::NewLine();
  } else {
    ImGui::SetCursorPosX(right - width);
  }
}

std::string times(std::int64_t count) { return std::to_string(count) + (count == 1 ? " time" : " times"); }

void small_text(Ui& ui, const std::string& text) {
  ImGui::PushFont(ui.fonts.small);
  ImGui::AlignTextToFramePadding();
  ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.text_dim);
  ImGui::TextUnformatted(text.c_str());
  ImGui::PopStyleColor();
  ImGui::PopFont();
}

// "0 [ramp] 9" at the right of the line, the colours over what they are laid over.
void ramp_legend(Ui& ui, const view::Ramp& ramp, ImU32 under, const std::string& from, const std::string& to) {
  const float gap = 5 * ui.scale;
  const ImVec2 size(kSwatchWidth * ui.scale, 0.55F * ImGui::GetFrameHeight());
  go_to_the_right(width_of(ui.fonts.small, from) + width_of(ui.fonts.small, to) + size.x + 2 * gap);
  small_text(ui, from);
  ImGui::SameLine(0, gap);
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  const float drop = (ImGui::GetFrameHeight() - size.y) / 2;
  const ImVec2 min(corner.x, corner.y + drop), max(corner.x + size.x, corner.y + drop + size.y);
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  draw.AddRectFilled(min, max, under);
  // Sixteen pieces: the ramp may have a step in it.
  constexpr int kPieces = 16;
  for (int i = 0; i < kPieces; ++i) {
    const float x0 = min.x + size.x * static_cast<float>(i) / kPieces;
    const float x1 = min.x + size.x * static_cast<float>(i + 1) / kPieces;
    const auto at = [&](int piece) { return ink_of(ramp.colours[static_cast<std::size_t>(255 * piece / kPieces)]); };
    const ImU32 left = at(i), right = i + 1 == kPieces ? ink_of(ramp.colours.back()) : at(i + 1);
    draw.AddRectFilledMultiColor({x0, min.y}, {x1, max.y}, left, right, right, left);
  }
  draw.AddRect(min, max, ui.palette.panel_border);
  ImGui::Dummy({size.x, ImGui::GetFrameHeight()});
  ImGui::SameLine(0, gap);
  small_text(ui, to);
}

// Small squares in a colour with what they stand for.
struct Sign {
  ImU32 colour;
  const char* words;
};
void sign_legend(Ui& ui, std::initializer_list<Sign> signs) {
  const float dot = 7 * ui.scale, gap = 5 * ui.scale;
  float width = 0;
  for (const Sign& sign : signs) width += dot + gap + width_of(ui.fonts.small, sign.words) + 2 * gap;
  go_to_the_right(width - 2 * gap);
  bool is_first = true;
  for (const Sign& sign : signs) {
    if (!is_first) ImGui::SameLine(0, 2 * gap);
    is_first = false;
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    const float drop = (ImGui::GetFrameHeight() - dot) / 2;
    ImGui::GetWindowDrawList()->AddRectFilled({corner.x, corner.y + drop}, {corner.x + dot, corner.y + drop + dot},
                                              sign.colour);
    ImGui::Dummy({dot, ImGui::GetFrameHeight()});
    ImGui::SameLine(0, gap);
    small_text(ui, sign.words);
  }
}

void sentence(Ui& ui, std::string_view name, const std::string& words, nlohmann::json numbers) {
  ImGui::PushFont(ui.fonts.small);
  dim_text(ui, words);
  ImGui::PopFont();
  record(ui, name, "text", words, std::move(numbers));
}

// In how many ways two layers of this kind read each offset of their field: 1 0 2 0 3 0 2 0 1.
void draw_paths(Ui& ui, const std::vector<std::int64_t>& paths) {
  if (paths.size() < 2 || paths.size() > kMostPathCells) return;
  const std::int64_t most = *std::max_element(paths.begin(), paths.end());
  const float cell =
      std::min(kMostPathCell * ui.scale, ImGui::GetContentRegionAvail().x / static_cast<float>(paths.size()));
  const float height = kPathHeight * ui.scale;
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const view::Ramp ramp = view::linear_ramp({30, 22, 6, 255}, {255, 194, 51, 255}, 0, static_cast<double>(most));
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const ImVec2 min(corner.x + cell * static_cast<float>(i), corner.y);
    const ImVec2 max(min.x + cell - 1, min.y + height);
    if (paths[i] == 0) {
      draw.AddRect(min, max, ui.palette.padding_hatch);
    } else {
      draw.AddRectFilled(min, max, ink_of(ramp.at(static_cast<double>(paths[i]))));
    }
    if (cell < kLeastPathText * ui.scale) continue;
    const std::string text = std::to_string(paths[i]);
    const float size = font_height(ui.fonts.small);
    const float width = width_of(ui.fonts.small, text);
    if (width > cell - 2) continue;
    const bool is_bright = 2 * paths[i] > most;
    draw.AddText(ui.fonts.small, size, {(min.x + max.x - width) / 2, min.y + (height - size) / 2},
                 paths[i] == 0 ? ui.palette.text_dim : (is_bright ? IM_COL32_BLACK : IM_COL32_WHITE), text.c_str());
  }
  ImGui::Dummy({cell * static_cast<float>(paths.size()), height});
  const std::string help =
      "Two layers like this one, on top of each other: in how many ways their output reads each column of its field. "
      "Empty cells are never read.";
  record(ui, "geometry/gridding/paths", "plot", "Two layers", paths, {}, true, help);
  tooltip(ui, help);
}

}  // namespace

void draw_overlay_switches(Ui& ui, const model::GeometryFacts& facts) {
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {ImGui::GetStyle().ItemSpacing.x, 3 * ui.scale});
  field_check(ui, "view/coverage");
  ramp_legend(ui, coverage_ramp(ui, facts), kPicture, "0", times(facts.most_read));
  sentence(ui, "geometry/coverage", model::coverage_words(facts),
           {{"least", facts.least_read},
            {"most", facts.most_read},
            {"unread", facts.unread},
            {"dropped_rows", facts.dropped_rows},
            {"dropped_cols", facts.dropped_cols}});

  field_check(ui, "view/padding_share");
  ramp_legend(ui, padding_ramp(ui), kMap, "all", "none");
  sentence(ui, "geometry/padding_share", model::padding_words(facts),
           {{"touched", facts.touched},
            {"outputs", facts.outputs},
            {"largest", facts.largest_share},
            {"mean", facts.mean_share}});

  field_check(ui, "view/gridding");
  ramp_legend(ui, kin_ramp(), kMap, "apart", "shared");
  sentence(ui, "geometry/gridding", model::gridding_words(facts),
           {{"grids_y", facts.grids_y}, {"grids_x", facts.grids_x}, {"holes", facts.holes}});
  if (facts.holes > 0) draw_paths(ui, facts.two_layers);

  field_check(ui, "view/sampling");
  sign_legend(ui, {{ui.palette.output_outline, "output"}, {IM_COL32(150, 150, 150, 255), "left out"}});
  sentence(
      ui, "geometry/sampling", model::sampling_words(facts),
      {{"stride_y", facts.sampling.stride_y}, {"stride_x", facts.sampling.stride_x}, {"kept", facts.sampling.kept}});

  field_check(ui, "view/alignment");
  sign_legend(ui, {{ui.palette.window_outline, "input"}, {ui.palette.output_outline, "outputs"}});
  sentence(ui, "geometry/alignment", model::alignment_words(facts),
           {{"first", {facts.rows.first, facts.cols.first}},
            {"step", {facts.rows.step, facts.cols.step}},
            {"shift", {facts.rows.shift, facts.cols.shift}}});
  ImGui::PopStyleVar();
}

}  // namespace convlens::ui
