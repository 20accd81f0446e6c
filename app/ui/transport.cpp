// Moves the sliding window and draws its controls. Knows nothing of what the window covers.
#include "app/ui/transport.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "app/ui/widgets.h"

namespace convlens::ui {

namespace {

struct OutputSize {
  std::int64_t rows = 1;
  std::int64_t cols = 1;
  std::int64_t cells() const { return rows * cols; }
};

OutputSize output_size(const model::Document& document) {
  if (!document.result()) return {};
  const conv::Geometry& geometry = document.result()->geometry;
  return {geometry.p, geometry.q};
}

std::int64_t position_of(const model::Document& document) {
  const double last = static_cast<double>(output_size(document).cells() - 1);
  return static_cast<std::int64_t>(std::clamp(document.animation.position, 0.0, last));
}

void put(model::Document& document, model::OutputCell cell) {
  document.animation.position = static_cast<double>(cell.row * output_size(document).cols + cell.col);
}

using Icon = TransportIcon;

}  // namespace

model::OutputCell animation_cell(const model::Document& document) {
  const std::int64_t cols = output_size(document).cols;
  const std::int64_t position = position_of(document);
  return {position / cols, position % cols};
}

model::OutputCell looked_at_output(const model::Document& document, std::int64_t rows, std::int64_t cols) {
  const model::Hover& hover = document.hover;
  if (hover.kind == model::Hover::Kind::kMap && hover.row < rows && hover.col < cols) return {hover.row, hover.col};
  const model::OutputCell cell = animation_cell(document);
  return {std::clamp<std::int64_t>(cell.row, 0, rows - 1), std::clamp<std::int64_t>(cell.col, 0, cols - 1)};
}

void grab_animation(model::Document& document, model::OutputCell cell) {
  document.animation.is_playing = false;
  put(document, cell);
}

void step_animation(model::Document& document, int direction) {
  const std::int64_t cells = output_size(document).cells();
  const std::int64_t next = (position_of(document) + direction % cells + cells) % cells;
  document.animation.is_playing = false;
  document.animation.position = static_cast<double>(next);
}

void toggle_animation(model::Document& document) {
  model::Animation& animation = document.animation;
  animation.is_playing = !animation.is_playing;
  if (animation.is_playing && position_of(document) == output_size(document).cells() - 1) animation.position = 0;
}

// A new output size keeps the window at the same place of the picture.
void Transport::follow_geometry(model::Document& document) {
  const OutputSize size = output_size(document);
  if (rows_ > 0 && (rows_ != size.rows || cols_ != size.cols)) {
    const auto position = static_cast<std::int64_t>(document.animation.position);
    put(document, {std::min(position / cols_ * size.rows / rows_, size.rows - 1),
                   std::min(position % cols_ * size.cols / cols_, size.cols - 1)});
  }
  rows_ = size.rows;
  cols_ = size.cols;
}

void Transport::advance(Ui& ui, const model::Sweep& sweep) {
  model::Document& document = ui.document;
  if (!document.result()) return;
  follow_geometry(document);
  const bool is_playing = document.animation.is_playing;
  // A frame that ends a long sleep is not a long step of the animation.
  owed_ = is_playing && was_playing_ ? owed_ + std::min(0.25, static_cast<double>(ImGui::GetIO().DeltaTime)) : 0;
  was_playing_ = is_playing;
  if (!is_playing) return;

  const double seconds_per_stop = 1 / std::max(0.01, static_cast<double>(document.settings.view.animation_speed));
  for (; owed_ >= seconds_per_stop; owed_ -= seconds_per_stop) {
    const auto next = model::next_stop(sweep, animation_cell(document));
    if (!next) {
      document.animation.is_playing = was_playing_ = false;
      return;
    }
    put(document, *next);
  }
  ui.wake_in(seconds_per_stop - owed_);
}

void draw_transport_icon(ImDrawList& draw, TransportIcon icon, const ImVec2& middle, float half, ImU32 colour) {
  const auto triangle = [&](float x, float direction) {
    draw.AddTriangleFilled({x - direction * half * 0.7F, middle.y - half},
                           {x - direction * half * 0.7F, middle.y + half}, {x + direction * half * 0.9F, middle.y},
                           colour);
  };
  const auto bar = [&](float x) {
    draw.AddRectFilled({x - half * 0.22F, middle.y - half}, {x + half * 0.22F, middle.y + half}, colour);
  };
  switch (icon) {
    case Icon::kPlay:
      triangle(middle.x, 1);
      break;
    case Icon::kPause:
      bar(middle.x - half * 0.5F);
      bar(middle.x + half * 0.5F);
      break;
    case Icon::kStep:
      bar(middle.x - half * 0.8F);
      triangle(middle.x + half * 0.3F, 1);
      break;
    case Icon::kBack:
      bar(middle.x + half * 0.8F);
      triangle(middle.x - half * 0.3F, -1);
      break;
    case Icon::kStart:
      bar(middle.x - half * 0.9F);
      triangle(middle.x + half * 0.2F, -1);
      break;
    case Icon::kEnd:
      bar(middle.x + half * 0.9F);
      triangle(middle.x - half * 0.2F, 1);
      break;
  }
}

bool transport_button(Ui& ui, const char* name, TransportIcon icon, const char* label, const std::string& help) {
  const float side = ImGui::GetFrameHeight();
  ImGui::PushID(name);
  const bool pressed = ImGui::Button("##icon", {side * 1.15F, side});
  ImGui::PopID();
  const ImVec2 min = ImGui::GetItemRectMin();
  const ImVec2 max = ImGui::GetItemRectMax();
  draw_transport_icon(*ImGui::GetWindowDrawList(), icon, {(min.x + max.x) / 2, (min.y + max.y) / 2}, side * 0.24F,
                      ui.palette.text);
  record(ui, name, "button", label, {}, {}, true, help);
  tooltip(ui, help);
  return pressed;
}

std::optional<std::int64_t> scrub_bar(Ui& ui, const char* name, float width, std::int64_t position, std::int64_t last,
                                      ImU32 colour, const std::string& help) {
  const float height = ImGui::GetFrameHeight();
  const float knob = height * 0.28F;
  const ImVec2 start = ImGui::GetCursorScreenPos();
  ImGui::InvisibleButton(name, {width, height});
  const float left = start.x + knob;
  const float length = std::max(1.0F, width - 2 * knob);
  std::optional<std::int64_t> dragged;
  if (ImGui::IsItemActive()) {
    const float at = std::clamp((ImGui::GetIO().MousePos.x - left) / length, 0.0F, 1.0F);
    dragged = static_cast<std::int64_t>(std::llround(static_cast<double>(at) * static_cast<double>(last)));
    position = *dragged;
  }
  const float fraction = last > 0 ? static_cast<float>(static_cast<double>(position) / static_cast<double>(last)) : 0;
  const float x = left + length * fraction;
  const float y = start.y + height / 2;
  const float half = std::max(1.0F, height * 0.07F);
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  draw.AddRectFilled({left, y - half}, {left + length, y + half}, ImGui::GetColorU32(ImGuiCol_FrameBgActive), half);
  draw.AddRectFilled({left, y - half}, {x, y + half}, colour, half);
  draw.AddCircleFilled({x, y}, ImGui::IsItemHovered() || ImGui::IsItemActive() ? knob * 1.15F : knob, colour);
  record(ui, name, "slider", "Position", position, {0, last}, true, help);
  if (!ImGui::IsItemActive()) tooltip(ui, help);
  return dragged;
}

void Transport::draw(Ui& ui) {
  model::Document& document = ui.document;
  const float s = ui.scale;
  const float gap = 2 * s;
  const bool is_playing = document.animation.is_playing;
  if (transport_button(ui, "maps/transport/play", is_playing ? Icon::kPause : Icon::kPlay,
                       is_playing ? "Pause" : "Play",
                       is_playing ? "Stop the sliding window here (Space)"
                                  : "Slide the window over the picture, row by row (Space)")) {
    toggle_animation(document);
  }
  ImGui::SameLine(0, gap);
  if (transport_button(ui, "maps/transport/back", Icon::kBack, "Back", "One output position back (,)")) {
    step_animation(document, -1);
  }
  ImGui::SameLine(0, gap);
  if (transport_button(ui, "maps/transport/step", Icon::kStep, "Step", "One output position on (.)")) {
    step_animation(document, 1);
  }
  ImGui::SameLine(0, 4 * gap);
  const float room = ImGui::GetContentRegionAvail().x;
  const bool has_speed = room > 150 * s;  // else it has a line of its own
  const float width = std::max(40 * s, has_speed ? room - 84 * s - 4 * gap : room);
  if (const auto cell =
          scrub_bar(ui, "maps/transport/scrub", width, position_of(document), output_size(document).cells() - 1,
                    ui.palette.output_outline, "Where the window stands, over all output positions: drag")) {
    const std::int64_t cols = output_size(document).cols;
    grab_animation(document, {*cell / cols, *cell % cols});
  }
  if (has_speed) ImGui::SameLine(0, 4 * gap);
  field_control(ui, "view/animation_speed", -1);
}

}  // namespace convlens::ui
