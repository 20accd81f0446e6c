// Draws the status bar: hover words and messages from the left, facts from the right.
#include "app/ui/status_bar.h"

#include <algorithm>
#include <vector>

#include "app/ui/widgets.h"
#include "engine/conv/accelerator.h"

namespace convlens::ui {
namespace {

constexpr double kInfoSeconds = 8;          // how long good news stays; errors stay until they are clicked or replaced
constexpr double kBusyAfterSeconds = 0.15;  // shorter jobs show no progress: it would only flicker

struct Fact {
  const char* name;
  std::string text;
  std::string help;
};

std::string milliseconds_text(double milliseconds) { return number_text(milliseconds, 3) + " ms"; }

std::string kernel_help(const model::ConvResult& result) {
  if (result.report.kernel == conv::kAcceleratorKernel) {
    return "Compute shaders, as asked for. The time is theirs alone, without the way to the GPU and back.";
  }
  if (result.gpu_refusal) return "The GPU was asked for and cannot: " + result.gpu_refusal->reason + ".";
  const bool is_forced = result.settings.kernel.kernel != "auto";
  return std::string(is_forced ? "The kernel that was asked for." : "The kernel that is expected to be fastest.") +
         "\nExpected on one core of a reference machine: " + conv::choice_in_words(result.candidates) + ".";
}

std::vector<Fact> facts_of(const Ui& ui) {
  std::vector<Fact> facts;
  if (const model::ConvResultPtr& result = ui.document.result()) {
    const conv::Report& report = result->report;
    const bool is_gpu = report.kernel == conv::kAcceleratorKernel;
    facts.push_back({"status/kernel", report.kernel + (is_gpu ? " on " + report.isa : ""), kernel_help(*result)});
    if (!is_gpu) {
      if (!report.isa.empty()) facts.push_back({"status/isa", report.isa, "The instruction set that it ran on."});
      facts.push_back({"status/threads",
                       std::to_string(report.threads) + (report.threads == 1 ? " thread" : " threads"),
                       "Threads that it ran on."});
    }
    if (result->is_complete && result->computed_maps == 0) {
      facts.push_back({"status/time", "maps kept", "All of these maps were there already: nothing was computed."});
    } else {
      facts.push_back({"status/time", milliseconds_text(report.milliseconds), "Time of the convolution alone."});
      facts.push_back({"status/speed", number_text(report.gflops, 3) + " GFLOP/s",
                       "Two floating-point operations per multiply-add, divided by the time."});
    }
  }
  const std::string compute = ui.gl.has_compute ? "" : "\nNo compute shaders here: everything is computed by the CPU.";
  facts.push_back({"status/renderer", ui.gl.is_software ? "software GL" : "OpenGL " + ui.gl.version.substr(0, 3),
                   ui.gl.renderer + "\nOpenGL " + ui.gl.version + compute});
  return facts;
}

// Draws the facts so that they end at `right`; those that would reach beyond `left` are left out. Returns where they
// begin.
float draw_facts(Ui& ui, const std::vector<Fact>& facts, float left, float right) {
  const float gap = 18 * ui.scale;
  float x = right;
  for (std::size_t i = facts.size(); i-- > 0;) {
    const float width = ImGui::CalcTextSize(facts[i].text.c_str()).x;
    if (x - width < left) break;
    x -= width;
    ImGui::SameLine();
    ImGui::SetCursorScreenPos(ImVec2(x, ImGui::GetCursorScreenPos().y));
    ImGui::TextUnformatted(facts[i].text.c_str());
    record(ui, facts[i].name, "text", facts[i].text, facts[i].text, {}, true, facts[i].help);
    tooltip(ui, facts[i].help);
    x -= gap;
  }
  return x;
}

// A slim bar in front of the facts while a job takes its time. Returns where it begins.
float draw_progress(Ui& ui, float right, const ImVec4& rect) {
  const model::ConvSession& session = ui.document.conv_session();
  if (!session.is_busy()) return right;
  const double running = session.running_seconds();
  if (running < kBusyAfterSeconds) {
    ui.wake_in(kBusyAfterSeconds - running + 0.01);
    return right;
  }
  ui.wake_in(0.1);
  const float progress = std::clamp(session.progress(), 0.0F, 1.0F);
  const float width = 110 * ui.scale, height = 4 * ui.scale;
  const ImVec2 from(right - width, rect.y + (rect.w - height) / 2);
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const ImVec2 to(right, from.y + height);
  draw.AddRectFilled(from, to, ImGui::GetColorU32(ImGuiCol_FrameBg), height / 2);
  draw.AddRectFilled(from, ImVec2(from.x + width * progress, to.y), ui.palette.accent, height / 2);
  record_rect(ui, from, to, "status/progress", "text", "Computing", static_cast<double>(progress));
  return from.x - 18 * ui.scale;
}

// Text of at most `width`, cut with an ellipsis.
std::string fitted(const std::string& text, float width) {
  if (ImGui::CalcTextSize(text.c_str()).x <= width) return text;
  std::size_t size = text.size();
  const float dots = ImGui::CalcTextSize("…").x;
  while (size > 0 && ImGui::CalcTextSize(text.data(), text.data() + size).x + dots > width) {
    --size;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;  // whole characters only
  }
  return text.substr(0, size) + "…";
}

}  // namespace

float StatusBar::height(const Ui& ui) { return ImGui::GetFontSize() + 8 * ui.scale; }

void StatusBar::draw_message(Ui& ui, float right) {
  const auto& message = ui.document.message();
  if (!message) return;
  if (message->serial != message_serial_) {
    message_serial_ = message->serial;
    message_since_ = ImGui::GetTime();
  }
  if (message->serial == dismissed_) return;
  const bool is_error = message->kind == model::Message::Kind::kError;
  const double left = message_since_ + kInfoSeconds - ImGui::GetTime();
  if (!is_error && left <= 0) return;
  if (!is_error) ui.wake_in(left + 0.01);

  ImGui::SameLine(0, 18 * ui.scale);
  const float width = right - ImGui::GetCursorScreenPos().x;
  if (width < 60 * ui.scale) return;
  const std::string text = fitted(message->text, width);
  ImGui::PushStyleColor(ImGuiCol_Text, is_error ? ui.palette.error : ui.palette.text);
  ImGui::TextUnformatted(text.c_str());
  ImGui::PopStyleColor();
  record(ui, "status/message", "text", message->text, message->text, {}, true, message->text);
  tooltip(ui, message->text);
  if (ImGui::IsItemClicked()) dismissed_ = message->serial;
}

void StatusBar::draw(Ui& ui, const ImVec4& rect) {
  ImGui::SetCursorScreenPos(ImVec2(rect.x, rect.y));
  ImGui::PushStyleColor(ImGuiCol_ChildBg, IM_COL32_BLACK_TRANS);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(0, 0));
  ImGui::BeginChild("status", ImVec2(rect.z, rect.w), false, ImGuiWindowFlags_NoScrollbar);
  ImGui::PopStyleVar();
  ImGui::PopStyleColor();
  const float pad = 8 * ui.scale;
  ImGui::SetCursorScreenPos(ImVec2(rect.x + pad, rect.y + (rect.w - ImGui::GetTextLineHeight()) / 2));

  const std::vector<Fact> facts = facts_of(ui);
  const std::string hover = fitted(ui.hovered_value, rect.z * 0.55F);
  ImGui::TextUnformatted(hover.c_str());
  if (!hover.empty()) record(ui, "status/hover", "text", "Under the pointer", ui.hovered_value);
  const float after_hover = ImGui::GetItemRectMax().x + 18 * ui.scale;
  ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.text_dim);
  const ImVec2 line = ImVec2(ImGui::GetItemRectMax().x, ImGui::GetItemRectMin().y);
  float free = draw_facts(ui, facts, after_hover, rect.x + rect.z - pad);
  ImGui::PopStyleColor();
  free = draw_progress(ui, free, rect);
  ImGui::SetCursorScreenPos(line);
  ImGui::Dummy(ImVec2(0, ImGui::GetTextLineHeight()));
  draw_message(ui, free);

  line_ = ui.hovered_value;
  for (const Fact& fact : facts) line_.append(line_.empty() ? "" : " · ").append(fact.text);
  ImGui::EndChild();
}

}  // namespace convlens::ui
