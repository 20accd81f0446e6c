// The buttons that move training, the pace, and the phases of a step.
#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string>

#include "app/ui/layer_list.h"
#include "app/ui/text.h"
#include "app/ui/train_controls.h"
#include "app/ui/transport.h"
#include "app/ui/widgets.h"
#include "engine/core/text.h"

namespace convlens::ui {
namespace {

using model::TrainPhase;
using model::TrainState;

constexpr float kSlowest = 0.25F, kFastest = 30;  // phases per second

struct PhaseWords {
  const char* name;
  const char* help;
};
// In the order of TrainPhase.
constexpr std::array<PhaseWords, 4> kPhases{{
    {"forward", "The pictures of the batch go through the net, layer by layer."},
    {"loss", "How wrong the answers are: cross-entropy of the right class, the mean over the batch."},
    {"backward", "The chain rule from the loss back to every weight: its gradient."},
    {"update", "Every weight moves a little against its gradient, as the rule says."},
}};

const model::TrainSnapshot& snapshot(const Ui& ui) { return *ui.document.train.snapshot(); }

// The phase that the numbers on the screen come from; none where whole steps fly by or nothing has been done.
std::optional<std::size_t> lit_phase(const Ui& ui) {
  const model::TrainSnapshot& now = snapshot(ui);
  const auto next = static_cast<std::size_t>(now.next_phase);
  if (next > 0) return next - 1;
  const bool is_slow = ui.slow_motion.is_on && now.state == TrainState::kRunning;
  return is_slow && now.step > 0 ? std::optional<std::size_t>(kPhases.size() - 1) : std::nullopt;
}

constexpr ImU32 kPlainGround = 0;  // as other buttons have it

// A button of that size; text and ground in these colours where it is lit.
bool sized_button(Ui& ui, const char* name, const char* label, const ImVec2& size, const std::string& help,
                  const std::string& reason, ImU32 ground = kPlainGround) {
  const bool enabled = reason.empty();
  ImGui::PushID(name);
  if (ground != kPlainGround) {
    const ImVec4 colour = ImGui::ColorConvertU32ToFloat4(ground);
    const auto towards_white = [&](float share) {
      return ImVec4(colour.x + (1 - colour.x) * share, colour.y + (1 - colour.y) * share,
                    colour.z + (1 - colour.z) * share, 1);
    };
    ImGui::PushStyleColor(ImGuiCol_Button, colour);
    ImGui::PushStyleColor(ImGuiCol_ButtonHovered, towards_white(0.12F));
    ImGui::PushStyleColor(ImGuiCol_ButtonActive, towards_white(0.22F));
    ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.panel);
  }
  ImGui::BeginDisabled(!enabled);
  const bool pressed = ImGui::Button(label, size);
  ImGui::EndDisabled();
  if (ground != kPlainGround) ImGui::PopStyleColor(4);
  ImGui::PopID();
  const std::string& shown = enabled ? help : reason;
  const std::string_view words(label);
  record(ui, name, "button", words.substr(std::min(words.find_first_not_of(' '), words.size())), {}, {}, enabled,
         shown);
  tooltip(ui, shown);
  return pressed && enabled;
}

std::string cannot_train(const Ui& ui) {
  switch (snapshot(ui).state) {
    case TrainState::kPreparing:
      return "The data are still being read";
    case TrainState::kFailed:
      return "There is no run yet: see what is said below";
    case TrainState::kDiverged:
    case TrainState::kPaused:
    case TrainState::kRunning:
    case TrainState::kGoingTo:
      break;
  }
  return snapshot(ui).run ? "" : "The first run is being made";
}

void run_button(Ui& ui, const ImVec2& size) {
  const bool is_running = ui.document.train.is_running();
  const std::string reason = cannot_train(ui);
  const std::string help = is_running ? "Pauses after the step under way (Space)"
                                      : "Trains on from here: watch noise become filters (Space)";
  const char* label = is_running ? "Pause" : "Run";
  ImGui::PushFont(ui.fonts.heading);
  // The icon stands before the word: both are centred together.
  const float icon = ImGui::GetFontSize() * 0.42F, gap = icon * 0.8F;
  ImGui::PushStyleVar(ImGuiStyleVar_ButtonTextAlign, {0.5F, 0.5F});
  const std::string padded = std::string("    ") + label;
  if (sized_button(ui, "train/run", padded.c_str(), size, help, reason,
                   is_running ? ui.palette.text_dim : ui.palette.accent)) {
    toggle_training(ui);
  }
  ImGui::PopStyleVar();
  const ImVec2 min = ImGui::GetItemRectMin(), max = ImGui::GetItemRectMax();
  const float text = ImGui::CalcTextSize(padded.c_str()).x, lead = ImGui::CalcTextSize("    ").x;
  ImGui::PopFont();
  const ImVec2 middle((min.x + max.x) / 2 - text / 2 + lead - gap - icon, (min.y + max.y) / 2);
  const ImU32 ink = reason.empty() ? ui.palette.panel : ui.palette.text_dim;
  draw_transport_icon(*ImGui::GetWindowDrawList(), is_running ? TransportIcon::kPause : TransportIcon::kPlay, middle,
                      icon, ink);
}

void reset_button(Ui& ui, const ImVec2& size) {
  const bool waits = !snapshot(ui).waiting.empty();
  const std::string help = (waits ? "Begins anew with the changed settings: " + snapshot(ui).waiting + ".\n"
                                  : std::string("Begins anew from first weights.\n")) +
                           "The run so far stays as a branch (Ctrl+Backspace).";
  const ImU32 ground = waits ? ui.palette.warning : kPlainGround;
  if (sized_button(ui, "train/reset", "Reset", size, help, cannot_reset(ui), ground)) ui.document.train.reset();
}

struct Move {
  const char* name;
  const char* label;
  const char* help;
  void (*run)(model::TrainSession&);
};
constexpr std::array<Move, 3> kMoves{{
    {"train/step", "Step", "One batch: forward, loss, backward, update; then pauses (.)",
     [](model::TrainSession& train) { train.step(); }},
    {"train/phase", "Phase", "A quarter of a step: forward, loss, backward or update (Ctrl+.)",
     [](model::TrainSession& train) { train.phase(); }},
    {"train/epoch", "Epoch", "To the end of the epoch: every picture once; then pauses (E)",
     [](model::TrainSession& train) { train.epoch(); }},
}};

void move_buttons(Ui& ui, float width, float height) {
  const float gap = 4 * ui.scale;
  const float each = (width - gap * static_cast<float>(kMoves.size() - 1)) / static_cast<float>(kMoves.size());
  for (std::size_t i = 0; i < kMoves.size(); ++i) {
    if (i > 0) ImGui::SameLine(0, gap);
    const Move& move = kMoves[i];
    if (sized_button(ui, move.name, move.label, {each, height}, move.help, cannot_train(ui))) {
      move.run(ui.document.train);
    }
  }
}

void draw_pace(Ui& ui) {
  SlowMotion pace = ui.slow_motion;
  bool changed = toggle(ui, "train/slow", "Slow motion", &pace.is_on,
                        "Runs phase by phase, at a pace that the eye can follow (S)");
  if (pace.is_on) {
    ImGui::SameLine(0, 8 * ui.scale);
    ImGui::PushID("pace");
    const float width = std::max(40 * ui.scale, ImGui::GetContentRegionAvail().x);
    changed |= filled_slider(ui, "##value", &pace.phases_per_second, kSlowest, kFastest, "%.3g/s", width, true);
    ImGui::PopID();
    const std::string help = "Phases per second\nDrag, or Ctrl+click to type";
    record(ui, "train/pace", "slider", "Pace", pace.phases_per_second, {kSlowest, kFastest}, true, help);
    tooltip(ui, help);
  }
  if (changed) set_slow_motion(ui, pace);
}

// The four names in a row with arrows between them; the present one is lit.
void draw_phases(Ui& ui) {
  const std::optional<std::size_t> lit = lit_phase(ui);
  const ImFont* font = ui.fonts.small;
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x, gap = 9 * ui.scale;
  const float height = font_height(font) + 6 * ui.scale;
  float words = 0;
  for (const PhaseWords& phase : kPhases) words += width_of(font, phase.name);
  const float free = std::max(0.0F, width - words - gap * static_cast<float>(kPhases.size() - 1));
  const float pad = std::floor(free / (2 * static_cast<float>(kPhases.size())));
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  float x = corner.x;
  for (std::size_t i = 0; i < kPhases.size(); ++i) {
    const bool is_lit = lit == i;
    const ImVec2 min(x, corner.y), max(x + width_of(font, kPhases[i].name) + 2 * pad, corner.y + height);
    ImGui::SetCursorScreenPos(min);
    ImGui::Dummy({max.x - min.x, height});
    draw.AddRectFilled(min, max, is_lit ? ui.palette.accent : ImGui::GetColorU32(ImGuiCol_FrameBg), 3 * ui.scale);
    put_text(font, {min.x + pad, min.y + 3 * ui.scale}, is_lit ? ui.palette.panel : ui.palette.text_dim,
             kPhases[i].name);
    record(ui, std::string("train/phase/") + kPhases[i].name, "text", kPhases[i].name, is_lit, {}, true,
           kPhases[i].help);
    tooltip(ui, kPhases[i].help);
    x = max.x;
    if (i + 1 < kPhases.size()) {
      const float y = corner.y + height / 2, half = 3 * ui.scale, at = x + gap / 2;
      draw.AddTriangleFilled({at - half * 0.6F, y - half}, {at - half * 0.6F, y + half}, {at + half * 0.7F, y},
                             ui.palette.text_dim);
      x += gap;
    }
  }
  ImGui::SetCursorScreenPos({corner.x, corner.y + height + ImGui::GetStyle().ItemSpacing.y});
  if (lit) dim_text(ui, kPhases[*lit].help);
}

void wrapped(ImU32 colour, const std::string& text) {
  ImGui::PushStyleColor(ImGuiCol_Text, colour);
  ImGui::PushTextWrapPos(0);
  ImGui::TextUnformatted(text.c_str());
  ImGui::PopTextWrapPos();
  ImGui::PopStyleColor();
}

// What is going on, in a sentence.
void draw_state(Ui& ui) {
  const model::TrainSnapshot& now = snapshot(ui);
  std::string words = as_sentence(now.words);
  ImU32 colour = ui.palette.text_dim;
  switch (now.state) {
    case TrainState::kPreparing:
      if (words.empty()) words = "Getting ready…";
      break;
    case TrainState::kFailed:
      colour = ui.palette.error;
      break;
    case TrainState::kPaused:
      if (!words.empty()) break;
      if (now.next_phase != TrainPhase::kForward) {
        words = "Within step " + grouped(now.step + 1) + ".";
      } else if (now.step == 0) {
        words = "Ready: press Run and watch the filters.";
      } else {
        words = "Paused after " + grouped(now.step) + (now.step == 1 ? " step." : " steps.");
      }
      break;
    case TrainState::kRunning:
      if (words.empty()) words = ui.slow_motion.is_on ? "Training in slow motion." : "Training.";
      break;
    case TrainState::kGoingTo:
      if (words.empty()) words = "Going there step by step…";
      break;
    case TrainState::kDiverged:
      colour = ui.palette.error;
      if (words.empty()) words = "Diverged after step " + grouped(now.step) + ".";
      break;
  }
  wrapped(colour, words);
  record(ui, "train/words", "text", "State", words);
  if (now.progress >= 0 && (now.state == TrainState::kPreparing || now.state == TrainState::kGoingTo)) {
    const float height = 4 * ui.scale, width = ImGui::GetContentRegionAvail().x;
    const ImVec2 min = ImGui::GetCursorScreenPos();
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    draw.AddRectFilled(min, {min.x + width, min.y + height}, ImGui::GetColorU32(ImGuiCol_FrameBg), height / 2);
    const float share = std::clamp(static_cast<float>(now.progress), 0.0F, 1.0F);
    draw.AddRectFilled(min, {min.x + width * share, min.y + height}, ui.palette.accent, height / 2);
    ImGui::Dummy({width, height});
    record(ui, "train/progress", "text", "Progress", now.progress);
  }
  if (now.waiting.empty()) return;
  const std::string waiting = "Takes effect with Reset: " + now.waiting + ".";
  wrapped(ui.palette.warning, waiting);
  record(ui, "train/waiting", "text", waiting, now.waiting);
}

}  // namespace

bool can_train(const Ui& ui) { return cannot_train(ui).empty(); }

void toggle_training(Ui& ui) {
  model::TrainSession& train = ui.document.train;
  if (train.is_running()) {
    train.pause();
  } else {
    train.run();
  }
}

std::string as_sentence(std::string words) {
  if (words.empty()) return words;
  words.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(words.front())));
  const bool has_end = words.ends_with('.') || words.ends_with("…");
  return words + (has_end ? "" : ".");
}

void set_slow_motion(Ui& ui, SlowMotion pace) {
  pace.phases_per_second = std::clamp(pace.phases_per_second, kSlowest, kFastest);
  ui.slow_motion = pace;
  ui.document.train.set_pace(pace.is_on ? static_cast<double>(pace.phases_per_second) : 0);
}

std::string cannot_reset(const Ui& ui) {
  if (snapshot(ui).state == TrainState::kPreparing) return "The data are still being read";
  const auto shapes = nn::layer_shapes(ui.document.settings.train.model);
  return shapes ? std::string() : "The net does not fit: " + shapes.error().message;
}

void draw_transport_row(Ui& ui, float width) {
  const float gap = 6 * ui.scale, height = ImGui::GetFrameHeight();
  const float unit = std::min(110 * ui.scale, (width - 2 * gap) / 5);
  reset_button(ui, {unit, height});
  ImGui::SameLine(0, gap);
  run_button(ui, {unit * 1.4F, height});
  ImGui::SameLine(0, gap);
  move_buttons(ui, unit * 2.6F, height);
}

void draw_transport(Ui& ui) {
  const float gap = 6 * ui.scale, width = ImGui::GetContentRegionAvail().x;
  const float tall = ImGui::GetFrameHeight() * 1.45F;
  const float reset = ImGui::CalcTextSize("Reset").x + 2 * ImGui::GetStyle().FramePadding.x;
  reset_button(ui, {reset, tall});
  ImGui::SameLine(0, gap);
  run_button(ui, {width - reset - gap, tall});
  move_buttons(ui, width, ImGui::GetFrameHeight());
  draw_state(ui);
  draw_pace(ui);
  draw_phases(ui);
}

}  // namespace convlens::ui
