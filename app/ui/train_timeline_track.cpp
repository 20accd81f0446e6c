// Draws the track and follows the pointer along it.
#include "app/ui/train_timeline_track.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "app/model/curve_reading.h"
#include "app/ui/text.h"
#include "app/ui/train_curve_axes.h"
#include "app/ui/train_moments.h"
#include "app/ui/widgets.h"
#include "engine/core/text.h"

namespace convlens::ui {
namespace {

struct Track {
  ImVec2 min, max;
  double first = 0, end = 1;

  float x(double step) const { return min.x + static_cast<float>((step - first) / (end - first)) * (max.x - min.x); }
  float x(std::int64_t step) const { return x(static_cast<double>(step)); }
  std::int64_t step_at(float at) const {
    const double share = static_cast<double>((at - min.x) / (max.x - min.x));
    return static_cast<std::int64_t>(std::llround(first + std::clamp(share, 0.0, 1.0) * (end - first)));
  }
};

void draw_scale(Ui& ui, const Track& track, const model::TrainSnapshot& snapshot) {
  const float s = ui.scale;
  ImFont* font = ui.fonts.small;
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const auto per_epoch = static_cast<double>(std::max<std::int64_t>(1, snapshot.run->steps_per_epoch));
  const int room = std::clamp(static_cast<int>((track.max.x - track.min.x) / (86 * s)), 2, 40);
  const std::vector<double> epochs = model::axis_ticks(track.first / per_epoch, track.end / per_epoch, room, true);
  // One by one they are named at their beginning; otherwise it is told how many are over.
  const bool is_each = epochs.size() < 2 || epochs[1] - epochs[0] < 1.5;
  for (const double epoch : epochs) {
    const float x = std::floor(track.x(epoch * per_epoch));
    if (epoch > 0) draw.AddLine({x, track.min.y}, {x, track.max.y}, faded(ui.palette.text_dim, 0.44F));
    const auto count = static_cast<std::int64_t>(std::llround(epoch));
    const std::string name = is_each ? "epoch " + grouped(count + 1) : grouped(count) + " epochs";
    if ((is_each || count > 0) && x + width_of(font, name) + 6 * s < track.max.x) {
      put_text(font, {x + 4 * s, track.min.y}, ui.palette.text_dim, name);
    }
  }
}

void draw_tests(Ui& ui, const Track& track, const model::TrainSnapshot& snapshot, float y) {
  if (!snapshot.tests) return;
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  float drawn = -1e9F;
  for (const training::TestPoint& test : *snapshot.tests) {
    const float x = track.x(test.step);
    if (x - drawn < 4 * ui.scale) continue;
    drawn = x;
    draw.AddCircleFilled({x, y}, 2 * ui.scale, ui.palette.held_out, 8);
  }
}

void draw_marks(Ui& ui, const Track& track, const model::TrainSnapshot& snapshot, float y) {
  if (!snapshot.marks) return;
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const float half = 4 * ui.scale;
  float drawn = -1e9F;
  for (const model::TrainMark& mark : *snapshot.marks) {
    const float x = track.x(mark.step);
    if (std::abs(x - drawn) < 1) continue;
    drawn = x;
    draw.AddLine({x, track.min.y}, {x, track.max.y}, faded(ui.palette.mark, 0.56F));
    draw.AddQuadFilled({x - half, y}, {x, y - half}, {x + half, y}, {x, y + half}, ui.palette.mark);
  }
}

void draw_handles(Ui& ui, const Track& track, const model::TrainSnapshot& snapshot, const TrackMoments& moments,
                  bool is_lit) {
  const float s = ui.scale;
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  if (moments.other) {
    const float x = track.x(*moments.other);
    draw.AddLine({x, track.min.y}, {x, track.max.y}, ui.palette.output_outline, 1.5F * s);
    put_text(ui.fonts.small, {x + 3 * s, track.max.y - font_height(ui.fonts.small) - s}, ui.palette.output_outline,
             "B");
  }
  if (moments.looked_at != snapshot.step) {
    const float x = track.x(snapshot.step);
    draw.AddLine({x, track.min.y}, {x, track.max.y}, ui.palette.text, s);
    draw.AddTriangleFilled({x - 4 * s, track.max.y}, {x + 4 * s, track.max.y}, {x, track.max.y - 6 * s},
                           ui.palette.text);
  }
  const float x = track.x(moments.looked_at);
  const float half = (is_lit ? 6.5F : 5.5F) * s;
  draw.AddLine({x, track.min.y}, {x, track.max.y}, ui.palette.accent, 2 * s);
  draw.AddRectFilled({x - half, track.min.y - 2 * s}, {x + half, track.min.y + 9 * s}, ui.palette.accent, 3 * s);
}

std::string words_at(const Track& track, const model::TrainSnapshot& snapshot, std::int64_t step, float reach) {
  std::string words = step_in_words(*snapshot.run, step);
  if (step > snapshot.last_step) return words + ": not trained yet";
  if (const std::int64_t kept = snapshot.frame_at(step).step; kept != step) {
    words += "\nthe newest filters kept until then are of step " + grouped(kept);
  }
  const auto is_near = [&](std::int64_t at) { return std::abs(track.x(at) - track.x(step)) <= reach; };
  if (snapshot.tests) {
    for (const training::TestPoint& test : *snapshot.tests) {
      if (!is_near(test.step)) continue;
      words += "\ntested at step " + grouped(test.step) + ": " + formatted("%.1f %%", test.evaluation.accuracy * 100) +
               " of " + grouped(test.evaluation.images) + " held-out pictures right";
      break;
    }
  }
  int told = 0;
  if (snapshot.marks) {
    for (const model::TrainMark& mark : *snapshot.marks) {
      if (!is_near(mark.step)) continue;
      if (++told > 4) return words + "\n…";
      words += "\n◆ step " + grouped(mark.step) + ": " + mark.label;
    }
  }
  return words;
}

}  // namespace

std::int64_t track_end(const model::TrainSnapshot& snapshot) {
  const std::int64_t first = snapshot.frames.empty() ? 0 : snapshot.frames.front().step;
  const std::int64_t planned = snapshot.run->planned_steps - first, used = snapshot.last_step - first;
  std::int64_t room = 64;
  while (room < used) room *= 2;
  if (planned >= used && planned > 0) room = std::min(room, planned);
  return first + room;
}

void TimelineTrack::gather(const model::TrainSnapshot& snapshot, std::int64_t end, int pixels) {
  if (generation_ == snapshot.generation && end_ == end && std::ssize(kept_) == pixels) return;
  generation_ = snapshot.generation;
  end_ = end;
  kept_.assign(static_cast<std::size_t>(pixels), Kept::kNothing);
  const std::int64_t first = snapshot.frames.front().step;
  for (const training::Frame& frame : snapshot.frames) {
    const double share = static_cast<double>(frame.step - first) / static_cast<double>(end - first);
    const auto at = std::min(static_cast<std::size_t>(share * (pixels - 1) + 0.5), kept_.size() - 1);
    kept_[at] = std::max(kept_[at], frame.key ? Kept::kKeyFrame : Kept::kFrame);
  }
}

TrackEvents TimelineTrack::draw(Ui& ui, const ImVec2& size, const model::TrainSnapshot& snapshot,
                                const TrackMoments& moments) {
  const float s = ui.scale, inset = 7 * s;
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  ImGui::InvisibleButton("track", size);
  const bool is_held = ImGui::IsItemActive(), was_let_go = ImGui::IsItemDeactivated();
  const bool is_hovered = ImGui::IsItemHovered();
  const std::int64_t end = track_end(snapshot);
  const Track track{{corner.x + inset, corner.y},
                    {corner.x + size.x - inset, corner.y + size.y},
                    static_cast<double>(snapshot.frames.front().step),
                    static_cast<double>(end)};
  TrackEvents events;
  const std::int64_t pointed = track.step_at(ImGui::GetIO().MousePos.x);
  const std::int64_t reached = std::clamp(pointed, snapshot.frames.front().step, snapshot.last_step);
  if (is_held) events.dragged = reached;
  if (was_let_go) events.released = reached;
  if (is_hovered) events.hovered = pointed;

  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const ImVec2 far(corner.x + size.x, corner.y + size.y);
  draw.AddRectFilled(corner, far, ui.palette.canvas, 3 * s);
  draw.PushClipRect(corner, far, true);
  // What is behind the trainer, and what was recorded beyond.
  draw.AddRectFilled(track.min, {track.x(snapshot.step), track.max.y}, faded(ui.palette.accent, 0.19F));
  draw.AddRectFilled({track.x(snapshot.step), track.min.y}, {track.x(snapshot.last_step), track.max.y},
                     faded(ui.palette.accent, 0.1F));
  draw_scale(ui, track, snapshot);
  const int pixels = std::max(2, static_cast<int>(track.max.x - track.min.x));
  gather(snapshot, end, pixels);
  for (int i = 0; i < pixels; ++i) {
    const Kept kept = kept_[static_cast<std::size_t>(i)];
    if (kept == Kept::kNothing) continue;
    const float x = track.min.x + static_cast<float>(i), height = (kept == Kept::kKeyFrame ? 8 : 4) * s;
    draw.AddRectFilled({x, track.max.y - height}, {x + 1, track.max.y},
                       faded(ui.palette.text_dim, kept == Kept::kKeyFrame ? 0.82F : 0.56F));
  }
  draw_tests(ui, track, snapshot, track.max.y - 12 * s);
  draw_marks(ui, track, snapshot, track.max.y - 12 * s);
  draw.PopClipRect();
  draw_handles(ui, track, snapshot, moments, is_hovered || is_held);
  record_rect(ui, track.min, track.max, "train/timeline/track", "slider", "Timeline", moments.looked_at,
              {snapshot.frames.front().step, end}, true,
              "The whole run: drag to look at any moment of it. Ticks: filters kept (long: training can go on from "
              "there at once). Orange dots: tests. Diamonds: what was done by hand.");
  if (is_hovered || is_held) {
    const std::string words = words_at(track, snapshot, is_held ? reached : pointed, 4 * s);
    ImGui::SetTooltip("%s", words.c_str());
    ui.hovered_value = words.substr(0, words.find('\n'));
  }
  return events;
}

}  // namespace convlens::ui
