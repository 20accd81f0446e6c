// Lines of engine/explain/cost, and a table of kernels whose times are measured when asked for.
#include "app/ui/cost_tab.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string>

#include "app/model/fields.h"
#include "app/model/kernel_timing.h"
#include "app/ui/widgets.h"
#include "engine/explain/cost.h"

namespace convlens::ui {
namespace {

// "parameters" as "Parameters".
std::string titled(std::string_view name) {
  std::string text(name);
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

const char* help_of(std::string_view name) {
  if (name == "parameters") return "Numbers to learn: the weights, and one bias for each filter";
  if (name == "multiply-adds") return "Of the whole layer; padding counts like any other value";
  if (name == "multiply-adds per output") return "One for each weight that a filter has";
  if (name == "bytes") return "float32 values that must move at least once: input and weights in, maps out";
  if (name == "arithmetic intensity") {
    return "Two operations for each multiply-add, by the bytes: below about 10 a processor waits for memory, far above "
           "it for arithmetic";
  }
  if (name == "dense parameters") return "Of a dense layer in its place: every output has a weight for every input";
  if (name == "dense multiply-adds") return "Of that dense layer, for the same pictures";
  if (name == "parameters saved") return "How many times fewer numbers the convolution has to learn";
  return "";
}

std::string value_text(const explain::CostLine& line) {
  std::string text = line.arithmetic.substr(line.arithmetic.rfind('=') + 1);
  text.erase(0, text.find_first_not_of(' '));
  if (!line.unit.empty()) text += " " + std::string(line.unit);
  return text;
}

// Name and value on one line, the arithmetic below.
void cost_row(Ui& ui, const explain::CostLine& line) {
  const std::string value = value_text(line);
  const std::string label = titled(line.name);
  ImGui::BeginGroup();
  ImGui::TextUnformatted(label.c_str());
  ImGui::PushFont(ui.fonts.mono);
  const float width = ImGui::CalcTextSize(value.c_str()).x;
  ImGui::SameLine();
  ImGui::SetCursorPosX(std::max(ImGui::GetCursorPosX(), ImGui::GetWindowContentRegionMax().x - width));
  ImGui::TextUnformatted(value.c_str());
  ImGui::PopFont();
  ImGui::PushFont(ui.fonts.small);
  dim_text(ui, line.arithmetic);
  ImGui::PopFont();
  ImGui::EndGroup();
  std::string name(line.name);
  std::replace(name.begin(), name.end(), ' ', '_');
  record(ui, "cost/" + name, "text", line.arithmetic, line.value, {}, true, help_of(line.name));
  tooltip(ui, help_of(line.name));
}

std::string milliseconds(double value) {
  if (value <= 0) return "";
  return number_text(value, value < 0.1 ? 2 : 3) + " ms";
}

// What a kernel's row says where it has no time of its own.
std::string remark(const explain::KernelTime& time, const model::Timing* timing) {
  if (!time.refusal.empty()) return std::string(time.refusal);
  if (time.measured_ms > 0) return {};
  if (time.expected_ms > model::KernelTiming::kMostMilliseconds) return "left out: too slow here";
  if (timing && timing->running == time.kernel) return "running…";
  return {};
}

}  // namespace

struct CostTab::State {
  std::unique_ptr<model::KernelTiming> timing;
  std::optional<model::Timing> times;  // as last told
  // Expectations of the present setting, asked once for each result.
  std::vector<explain::KernelTime> expected;
  std::uint64_t expected_generation = 0;

  void follow(Ui& ui);
  void draw_arithmetic(Ui& ui, const conv::Geometry& geometry);
  void draw_measuring(Ui& ui);
  void draw_kernels(Ui& ui);
};

void CostTab::State::follow(Ui& ui) {
  if (!timing) timing = std::make_unique<model::KernelTiming>(ui.document.waker());
  if (auto news = timing->take()) times = std::move(*news);
  const model::ConvResultPtr& result = ui.document.result();
  if (!result || expected_generation == result->generation) return;
  expected_generation = result->generation;
  expected.clear();
  const conv::Candidate* chosen = conv::chosen(result->candidates, "auto");
  for (const conv::Candidate& candidate : result->candidates) {
    expected.push_back({.kernel = candidate.kernel,
                        .refusal = candidate.refusal,
                        .expected_ms = candidate.milliseconds,
                        .measured_ms = 0,
                        .isa = {},
                        .is_choice = &candidate == chosen});
  }
}

void CostTab::State::draw_arithmetic(Ui& ui, const conv::Geometry& geometry) {
  const std::vector<explain::CostLine> lines = explain::lines_of(explain::cost_of(geometry));
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {ImGui::GetStyle().ItemSpacing.x, 3 * ui.scale});
  heading(ui, "This layer");
  bool is_dense = false;
  for (const explain::CostLine& line : lines) {
    if (!is_dense && line.name.starts_with("dense")) {
      is_dense = true;
      ImGui::Spacing();
      heading(ui, "A dense layer in its place");
    }
    cost_row(ui, line);
  }
  ImGui::PopStyleVar();
}

void CostTab::State::draw_measuring(Ui& ui) {
  ImGui::Spacing();
  heading(ui, "Kernels");
  const model::ConvResultPtr& result = ui.document.result();
  if (timing->is_busy()) {
    if (button(ui, "cost/cancel", "Cancel", "Stops measuring; what is known so far stays.")) timing->cancel();
    const std::string words = times && times->total > 0 ? std::to_string(times->done) + " of " +
                                                              std::to_string(times->total) + " kernels measured"
                                                        : "measuring";
    ImGui::SameLine();
    ImGui::AlignTextToFramePadding();
    dim_text(ui, words);
    record(ui, "cost/progress", "text", words, times ? times->done : 0);
    ui.wake_in(0.2);
    return;
  }
  if (button(ui, "cost/measure", "Measure",
             "Runs every kernel that can do it five times at the present setting and takes the fastest run. Nothing "
             "waits for it.",
             result != nullptr && ui.document.is_current(), "The maps are being computed.")) {
    timing->request(result);
    ui.needs_frames = true;
  }
  std::string words = "Expected times are of one core.";
  if (times && !times->failure.empty()) {
    words = "Measuring ended: " + times->failure + ".";
  } else if (times && result && !model::KernelTiming::is_of(*times, *result)) {
    words = "Measured at an earlier setting: measure again.";
  } else if (times) {
    words = std::to_string(times->done) + " of " + std::to_string(times->total) + " measured, the fastest of " +
            std::to_string(model::KernelTiming::kRepeats) + " runs. Expected: one core.";
  }
  ImGui::SameLine();
  ImGui::AlignTextToFramePadding();
  dim_text(ui, words);
  record(ui, "cost/measured", "text", words, times ? times->done : 0);
}

void CostTab::State::draw_kernels(Ui& ui) {
  const model::ConvResultPtr& result = ui.document.result();
  const bool is_of_now = times && result && model::KernelTiming::is_of(*times, *result);
  const std::vector<explain::KernelTime>& rows = is_of_now ? times->kernels : expected;
  double longest = 0;
  for (const explain::KernelTime& row : rows) longest = std::max(longest, row.measured_ms);
  if (!ImGui::BeginTable("kernels", 3, ImGuiTableFlags_NoPadOuterX | ImGuiTableFlags_RowBg)) return;
  const float number = ui.fonts.mono->CalcTextSizeA(font_height(ui.fonts.mono), FLT_MAX, 0, "00000 ms").x;
  ImGui::TableSetupColumn("kernel", ImGuiTableColumnFlags_WidthFixed, ImGui::CalcTextSize("winograd ●").x);
  ImGui::TableSetupColumn("expected", ImGuiTableColumnFlags_WidthFixed, number);
  ImGui::TableSetupColumn("measured");
  ImGui::TableNextRow();
  for (const char* title : {"", "expected", "measured"}) {
    ImGui::TableNextColumn();
    ImGui::PushFont(ui.fonts.small);
    ImGui::TextDisabled("%s", title);
    ImGui::PopFont();
  }
  for (const explain::KernelTime& row : rows) {
    const std::string name(row.kernel);
    const std::string said = remark(row, is_of_now ? &*times : nullptr);
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    ImGui::PushStyleColor(ImGuiCol_Text, row.is_choice         ? ui.palette.accent
                                         : row.refusal.empty() ? ui.palette.text
                                                               : ui.palette.text_dim);
    ImGui::TextUnformatted(name.c_str());
    ImGui::PopStyleColor();
    std::string help = row.is_choice ? "The automatic choice: it is expected to be the fastest here." : "";
    if (!said.empty()) help += (help.empty() ? "" : "\n") + name + " " + said + ".";
    record(ui, "cost/kernel/" + name, "text", name,
           {{"expected", row.expected_ms},
            {"measured", row.measured_ms},
            {"refusal", std::string(row.refusal)},
            {"choice", row.is_choice}},
           {}, true, help);
    tooltip(ui, help);
    ImGui::TableNextColumn();
    ImGui::PushFont(ui.fonts.mono);
    if (row.refusal.empty()) ImGui::TextUnformatted(milliseconds(row.expected_ms).c_str());
    ImGui::PopFont();
    ImGui::TableNextColumn();
    if (row.measured_ms > 0) {
      const ImVec2 corner = ImGui::GetCursorScreenPos();
      const float full = ImGui::GetContentRegionAvail().x;
      const float width = full * static_cast<float>(row.measured_ms / longest);
      ImGui::GetWindowDrawList()->AddRectFilled(
          corner, {corner.x + std::max(width, 2 * ui.scale), corner.y + ImGui::GetTextLineHeight()},
          ImGui::GetColorU32(row.is_choice ? ImGuiCol_Header : ImGuiCol_FrameBgActive), 2 * ui.scale);
      ImGui::SetCursorPosX(ImGui::GetCursorPosX() + 4 * ui.scale);
      ImGui::PushFont(ui.fonts.mono);
      ImGui::TextUnformatted(milliseconds(row.measured_ms).c_str());
      ImGui::PopFont();
    } else if (!said.empty()) {
      ImGui::PushFont(ui.fonts.small);
      dim_text(ui, said);
      ImGui::PopFont();
    }
  }
  ImGui::EndTable();
}

CostTab::CostTab() : state_(std::make_unique<State>()) {}
CostTab::~CostTab() = default;

void CostTab::draw(Ui& ui) {
  State& s = *state_;
  s.follow(ui);
  const auto geometry = model::settings_geometry(ui.document.settings, ui.document.picture_shape());
  if (!geometry) {
    dim_text(ui, geometry.error().message + ".");
    return;
  }
  s.draw_arithmetic(ui, *geometry);
  s.draw_measuring(ui);
  s.draw_kernels(ui);
}

}  // namespace convlens::ui
