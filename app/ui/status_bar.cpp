// Draws the status bar: hover words and messages from the left, facts from the right.
#include "app/ui/status_bar.h"

#include <algorithm>
#include <utility>

#include "app/ui/text.h"
#include "app/ui/widgets.h"
#include "engine/conv/accelerator.h"

namespace convlens::ui {
namespace {

constexpr double kInfoSeconds = 8;          // how long good news stays; errors stay until they are clicked or replaced
constexpr double kBusyAfterSeconds = 0.15;  // shorter jobs show no progress: it would only flicker

std::string kernel_help(const model::ConvResult& result) {
  if (result.report.kernel == conv::kAcceleratorKernel) {
    return "Compute shaders, as asked for. The time is theirs alone, without the way to the GPU and back.";
  }
  if (result.gpu_refusal) return "The GPU was asked for and cannot: " + result.gpu_refusal->reason + ".";
  const bool is_forced = result.settings.kernel.kernel != "auto";
  return std::string(is_forced ? "The kernel that was asked for." : "The kernel that is expected to be fastest.") +
         "\nExpected on one core of a reference machine: " + conv::choice_in_words(result.candidates) + ".";
}

StatusFact renderer_fact(const Ui& ui) {
  const std::string compute = ui.gl.has_compute ? "" : "\nNo compute shaders here: everything is computed by the CPU.";
  return {"status/renderer", ui.gl.is_software ? "software GL" : "OpenGL " + ui.gl.version.substr(0, 3),
          ui.gl.renderer + "\nOpenGL " + ui.gl.version + compute};
}

// Draws the facts so that they end at `right`; those that would reach beyond `left` are left out. Returns where they
// begin.
float draw_facts(Ui& ui, const std::vector<StatusFact>& facts, float left, float right) {
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
float draw_progress(Ui& ui, const StatusProgress& work, float right, const ImVec4& rect) {
  if (work.seconds < kBusyAfterSeconds) {
    ui.wake_in(kBusyAfterSeconds - work.seconds + 0.01);
    return right;
  }
  ui.wake_in(0.1);
  const float progress = std::clamp(work.done, 0.0F, 1.0F);
  const float width = 110 * ui.scale, height = 4 * ui.scale;
  const ImVec2 from(right - width, rect.y + (rect.w - height) / 2);
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const ImVec2 to(right, from.y + height);
  draw.AddRectFilled(from, to, ImGui::GetColorU32(ImGuiCol_FrameBg), height / 2);
  draw.AddRectFilled(from, ImVec2(from.x + width * progress, to.y), ui.palette.accent, height / 2);
  record_rect(ui, from, to, "status/progress", "text", "Computing", static_cast<double>(progress));
  return from.x - 18 * ui.scale;
}

}  // namespace

std::string milliseconds_text(double milliseconds) { return number_text(milliseconds, 3) + " ms"; }

WorkStatus layer_status(const model::Document& document) {
  WorkStatus work;
  const model::ConvSession& session = document.conv_session();
  if (session.is_busy()) work.progress = {session.running_seconds(), session.progress()};
  const model::ConvResultPtr& result = document.result();
  if (!result) return work;
  const conv::Report& report = result->report;
  const bool is_gpu = report.kernel == conv::kAcceleratorKernel;
  std::vector<StatusFact>& facts = work.facts;
  facts.push_back({"status/kernel", report.kernel + (is_gpu ? " on " + report.isa : ""), kernel_help(*result)});
  if (!is_gpu) {
    if (!report.isa.empty()) facts.push_back({"status/isa", report.isa, "The instruction set that it ran on."});
    facts.push_back({"status/threads", std::to_string(report.threads) + (report.threads == 1 ? " thread" : " threads"),
                     "Threads that it ran on."});
  }
  if (result->is_complete && result->computed_maps == 0) {
    facts.push_back({"status/time", "maps kept", "All of these maps were there already: nothing was computed."});
  } else {
    facts.push_back({"status/time", milliseconds_text(report.milliseconds), "Time of the convolution alone."});
    facts.push_back({"status/speed", number_text(report.gflops, 3) + " GFLOP/s",
                     "Two floating-point operations per multiply-add, divided by the time."});
  }
  return work;
}

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
  const std::string text = fitted(ImGui::GetFont(), message->text, width);
  ImGui::PushStyleColor(ImGuiCol_Text, is_error ? ui.palette.error : ui.palette.text);
  ImGui::TextUnformatted(text.c_str());
  ImGui::PopStyleColor();
  record(ui, "status/message", "text", message->text, message->text, {}, true, message->text);
  tooltip(ui, message->text);
  if (ImGui::IsItemClicked()) dismissed_ = message->serial;
}

void StatusBar::draw(Ui& ui, const ImVec4& rect, WorkStatus work) {
  ImGui::SetCursorScreenPos(ImVec2(rect.x, rect.y));
  ImGui::PushStyleColor(ImGuiCol_ChildBg, IM_COL32_BLACK_TRANS);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(0, 0));
  ImGui::BeginChild("status", ImVec2(rect.z, rect.w), false, ImGuiWindowFlags_NoScrollbar);
  ImGui::PopStyleVar();
  ImGui::PopStyleColor();
  const float pad = 8 * ui.scale;
  ImGui::SetCursorScreenPos(ImVec2(rect.x + pad, rect.y + (rect.w - ImGui::GetTextLineHeight()) / 2));

  std::vector<StatusFact>& facts = work.facts;
  facts.push_back(renderer_fact(ui));
  const std::string hover = fitted(ImGui::GetFont(), ui.hovered_value, rect.z * 0.55F);
  ImGui::TextUnformatted(hover.c_str());
  if (!hover.empty()) record(ui, "status/hover", "text", "Under the pointer", ui.hovered_value);
  const float after_hover = ImGui::GetItemRectMax().x + 18 * ui.scale;
  ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.text_dim);
  const ImVec2 line = ImVec2(ImGui::GetItemRectMax().x, ImGui::GetItemRectMin().y);
  float free = draw_facts(ui, facts, after_hover, rect.x + rect.z - pad);
  ImGui::PopStyleColor();
  if (work.progress) free = draw_progress(ui, *work.progress, free, rect);
  ImGui::SetCursorScreenPos(line);
  ImGui::Dummy(ImVec2(0, ImGui::GetTextLineHeight()));
  draw_message(ui, free);

  line_ = ui.hovered_value;
  for (const StatusFact& fact : facts) line_.append(line_.empty() ? "" : " · ").append(fact.text);
  ImGui::EndChild();
}

}  // namespace convlens::ui
