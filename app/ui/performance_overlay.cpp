// Draws the stages of the last edits as a stacked bar with a table, and the last frames as columns.
#include "app/ui/performance_overlay.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string>

#include "app/ui/widgets.h"

namespace convlens::ui {
namespace {

constexpr double kScreenFrame = 1000.0 / 60;  // milliseconds

// Colours that people with any colour vision tell apart, on dark and on light ground. (Okabe and Ito, "Color universal
// design", 2008, with greys for the stages that only wait.)
constexpr std::array<ImU32, model::kEditStages> kStageColours = {
    IM_COL32(0x99, 0x99, 0x99, 255), IM_COL32(0x6B, 0x72, 0x7B, 255), IM_COL32(0xE6, 0x9F, 0x00, 255),
    IM_COL32(0xD5, 0x5E, 0x00, 255), IM_COL32(0xB4, 0xB9, 0xC0, 255), IM_COL32(0x00, 0x9E, 0x73, 255),
    IM_COL32(0x2B, 0x83, 0xC6, 255), IM_COL32(0xCC, 0x79, 0xA7, 255)};

// Always two decimals, so that points stand below each other.
std::string fixed(double milliseconds) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), milliseconds < 1000 ? "%.2f" : "%.0f", milliseconds);
  return text.data();
}

// The columns of the table, in pixels from its left edge; numbers end at theirs.
struct Columns {
  float label = 0;
  std::array<float, 3> ends{};
  float width = 0;
};

Columns columns_of(const Ui& ui) {
  const float number = ui.fonts.mono->CalcTextSizeA(font_height(ui.fonts.mono), FLT_MAX, 0, "0000.00").x;
  Columns columns;
  columns.label = 16 * ui.scale;
  float x = columns.label + 66 * ui.scale;
  for (float& end : columns.ends) end = x += number + 10 * ui.scale;
  columns.width = x;
  return columns;
}

void text_ending_at(const ImVec2& corner, float end, ImFont* font, ImU32 colour, const std::string& text) {
  const float size = font_height(font);
  const float width = font->CalcTextSizeA(size, FLT_MAX, 0, text.c_str()).x;
  ImGui::GetWindowDrawList()->AddText(font, size, {std::round(corner.x + end - width), corner.y}, colour, text.c_str());
}

// The newest edit as one bar, each stage as wide as it was long.
void draw_bar(Ui& ui, const model::EditTimes& edit, float width) {
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const float height = 12 * ui.scale;
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const double total = std::max(edit.total(), 1e-6);
  double sum = 0;
  for (std::size_t i = 0; i < model::kEditStages; ++i) {
    const float x0 = from.x + width * static_cast<float>(sum / total);
    sum += edit.milliseconds[i];
    const float x1 = from.x + width * static_cast<float>(sum / total);
    if (x1 > x0) draw.AddRectFilled({x0, from.y}, {x1, from.y + height}, kStageColours[i]);
  }
  ImGui::Dummy({width, height});
  record(ui, "performance/bar", "plot", "Newest edit", edit.milliseconds);
}

void draw_row(Ui& ui, const Columns& columns, ImU32 mark, const char* label, ImU32 colour,
              const std::array<std::string, 3>& numbers) {
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  const float line = ImGui::GetTextLineHeight();
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const float side = 9 * ui.scale;
  const float top = std::round(corner.y + (line - side) / 2);
  if (mark != 0) draw.AddRectFilled({corner.x, top}, {corner.x + side, top + side}, mark, 2 * ui.scale);
  draw.AddText({corner.x + (mark != 0 ? columns.label : 0), corner.y}, colour, label);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const float drop = std::round((line - font_height(ui.fonts.mono)) / 2);
    text_ending_at({corner.x, corner.y + drop}, columns.ends[i], ui.fonts.mono, i == 0 ? ui.palette.text : colour,
                   numbers[i]);
  }
  ImGui::Dummy({columns.width, line});
}

void draw_table(Ui& ui, const model::EditHistory& edits, const Columns& columns) {
  const model::EditTimes& newest = edits.newest();
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  constexpr std::array<const char*, 3> kHeads = {"newest", "median", "99 %"};
  ImFont* small = ui.fonts.small != nullptr ? ui.fonts.small : ImGui::GetFont();
  for (std::size_t i = 0; i < kHeads.size(); ++i) {
    text_ending_at(corner, columns.ends[i], small, ui.palette.text_dim, kHeads[i]);
  }
  ImGui::GetWindowDrawList()->AddText(small, font_height(small), corner, ui.palette.text_dim, "milliseconds");
  ImGui::Dummy({columns.width, font_height(small)});
  for (std::size_t i = 0; i < model::kEditStages; ++i) {
    const auto stage = static_cast<model::EditStage>(i);
    const model::EditStageName& name = model::edit_stage_names()[i];
    const double median = edits.quantile(stage, 0.5);
    const double p99 = edits.quantile(stage, 0.99);
    draw_row(ui, columns, kStageColours[i], name.label.data(), ui.palette.text_dim,
             {fixed(newest.stage(stage)), fixed(median), fixed(p99)});
    record(ui, "performance/" + std::string(name.name), "text", name.label, {newest.stage(stage), median, p99}, {},
           true, std::string(name.summary));
    tooltip(ui, std::string(name.summary));
  }
  const ImVec2 line = ImGui::GetCursorScreenPos();
  ImGui::GetWindowDrawList()->AddLine(line, {line.x + columns.width, line.y}, ui.palette.panel_border, ui.scale);
  ImGui::Dummy({columns.width, ui.scale});
  const std::array<double, 3> totals = {newest.total(), edits.total_quantile(0.5), edits.total_quantile(0.99)};
  draw_row(ui, columns, 0, "Edit to picture", ui.palette.text, {fixed(totals[0]), fixed(totals[1]), fixed(totals[2])});
  record(ui, "performance/total", "text", "Edit to picture", totals);
}

// The last frames as columns, the newest on the right, with a line at 60 a second.
void draw_frames(Ui& ui, const model::FrameTimes& frames, float width) {
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const ImVec2 to{from.x + width, from.y + 30 * ui.scale};
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  draw.AddRectFilled(from, to, ui.palette.canvas, 2 * ui.scale);
  const double most = std::max(2 * kScreenFrame, frames.quantile(0.95));
  const auto height_of = [&](double milliseconds) {
    return static_cast<float>(std::min(1.0, milliseconds / most)) * (to.y - from.y);
  };
  const float step = width / static_cast<float>(model::FrameTimes::kKept);
  for (std::size_t i = 0; i < frames.count(); ++i) {
    const float x = to.x - static_cast<float>(frames.count() - i) * step;
    draw.AddRectFilled({x, to.y - height_of(frames.at(i))}, {x + step, to.y}, ui.palette.accent);
  }
  const float line = std::round(to.y - height_of(kScreenFrame));
  draw.AddLine({from.x, line}, {to.x, line}, ui.palette.text_dim, ui.scale);
  ImGui::Dummy({width, to.y - from.y});
  const std::string help = "Milliseconds of the last 120 frames; the line is a sixtieth of a second";
  record(ui, "performance/frames", "plot", "Frames", frames.quantile(0.5), {0, most}, true, help);
  tooltip(ui, help);
}

void draw_contents(Ui& ui) {
  const Columns columns = columns_of(ui);
  const model::EditHistory& edits = ui.edits;
  heading(ui, "Performance");
  if (edits.empty()) {
    dim_text(ui, "Change a weight to see where the time goes.");
  } else {
    const model::EditTimes& newest = edits.newest();
    draw_bar(ui, newest, columns.width);
    draw_table(ui, edits, columns);
    std::string words = newest.kernel + ", " + std::to_string(newest.maps) + (newest.maps == 1 ? " map" : " maps");
    if (const double rate = edits.pictures_per_second(); rate > 0) {
      words += "; " + number_text(rate, 3) + " pictures/s, " + number_text(edits.maps_per_second(), 3) + " maps/s";
    }
    ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.text_dim);
    ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + columns.width);
    ImGui::TextUnformatted(words.c_str());
    ImGui::PopTextWrapPos();
    ImGui::PopStyleColor();
    record(ui, "performance/rate", "text", words,
           {{"pictures", edits.pictures_per_second()}, {"maps", edits.maps_per_second()}});
  }
  draw_frames(ui, ui.frame_times, columns.width);
  const std::string frame =
      "Frame " + fixed(ui.frame_times.quantile(0.5)) + " ms, 99 % " + fixed(ui.frame_times.quantile(0.99)) + " ms";
  dim_text(ui, frame);
}

}  // namespace

void draw_performance_overlay(Ui& ui) {
  if (!ui.preferences.shows_performance) {
    ui.windows.performance_moved = false;
    return;
  }
  if (!ui.windows.performance_moved) {
    // Over the lower end of the picture's canvas; whoever needs that corner drags it elsewhere.
    const ImGuiViewport& viewport = *ImGui::GetMainViewport();
    ImGui::SetNextWindowPos(
        {viewport.WorkPos.x + 20 * ui.scale, viewport.WorkPos.y + viewport.WorkSize.y - 58 * ui.scale},
        ImGuiCond_Always, {0, 1});
  }
  ImGui::SetNextWindowBgAlpha(0.97F);
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {6 * ui.scale, 3 * ui.scale});
  if (ImGui::Begin("performance", nullptr,
                   ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_AlwaysAutoResize |
                       ImGuiWindowFlags_NoFocusOnAppearing | ImGuiWindowFlags_NoSavedSettings |
                       ImGuiWindowFlags_NoNav)) {
    ui.windows.performance_moved |= ImGui::IsWindowHovered() && ImGui::IsMouseDragging(ImGuiMouseButton_Left);
    draw_contents(ui);
  }
  ImGui::End();
  ImGui::PopStyleVar();
}

}  // namespace convlens::ui
