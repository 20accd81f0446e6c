// Buttons, numbers and words of A/B. What is compared is app/model/ab_session; what is painted, ab_paint.
#include "app/ui/compare_tab.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string>

#include "app/model/picture_loader.h"
#include "app/ui/ab_paint.h"
#include "app/ui/colour_bar.h"
#include "app/ui/compare_window.h"
#include "app/ui/text.h"
#include "app/ui/widgets.h"
#include "engine/conv/accelerator.h"

namespace convlens::ui {
namespace {

using model::AbShow;
using model::BKind;

struct Variant {
  BKind kind;
  const char* name;
  std::string label;
  const char* help;
};

std::array<Variant, 3> variants_of(const model::ConvSettings& a) {
  const bool is_gpu = a.kernel.kernel == conv::kAcceleratorKernel;
  return {Variant{BKind::kFlip, "compare/flip", a.params.flip ? "Correlation" : "Convolution",
                  "B is the same layer with correlation and convolution exchanged: the filter turned by 180°. It "
                  "follows every edit."},
          Variant{BKind::kBorder, "compare/border",
                  a.params.border == conv::Border::kZero ? "Border reflect" : "Border zero",
                  "B is the same layer with another border. It follows every edit."},
          Variant{BKind::kProcessor, "compare/processor", is_gpu ? "On the CPU" : "On the GPU",
                  "B is the same layer, computed by the other processor. It follows every edit."}};
}

void draw_choice_of_b(Ui& ui) {
  model::Document& document = ui.document;
  model::AbSession& ab = document.ab;
  const BKind kind = ab.kind();
  heading(ui, "A: the present set-up");
  ImGui::PushFont(ui.fonts.small);
  dim_text(ui, "Choose what to compare it with");
  ImGui::PopFont();
  const std::string freeze = kind == BKind::kFrozen ? "Freeze again" : "Freeze as B";
  if (choice_button(ui, "compare/freeze", freeze.c_str(), kind == BKind::kFrozen,
                    "B becomes the present set-up as it is: picture, filters and parameters. Then change anything.",
                    document.picture() != nullptr, "There is no picture yet")) {
    document.freeze_b();
  }
  for (const Variant& variant : variants_of(document.settings.conv)) {
    const bool needs_gpu = variant.kind == BKind::kProcessor && !document.no_gpu().empty();
    flow(4 * ui.scale, variant.label.c_str());
    if (choice_button(ui, variant.name, variant.label.c_str(), kind == variant.kind, variant.help, !needs_gpu,
                      document.no_gpu())) {
      ab.follow_as(kind == variant.kind ? BKind::kNone : variant.kind);
    }
  }
}

void draw_description(Ui& ui) {
  model::Document& document = ui.document;
  model::AbSession& ab = document.ab;
  const model::ConvSettings& a = document.settings.conv;
  const model::ConvSettings b = ab.kind() == BKind::kFrozen ? ab.frozen() : model::variant_of(ab.kind(), a);
  std::string words = "From B to A: " + model::difference_in_words(a, b) + ".";
  if (ab.kind() == BKind::kFrozen && b.picture != a.picture) words += " B has " + model::picture_title(b.picture) + ".";
  ImGui::PushTextWrapPos(0);
  ImGui::TextUnformatted(words.c_str());
  ImGui::PopTextWrapPos();
  record(ui, "compare/differs", "text", words, words);
  if (button(ui, "compare/swap", "Swap", "A becomes B, and B becomes what A was; undo takes it back"))
    document.swap_ab();
  ImGui::SameLine(0, 4 * ui.scale);
  if (button(ui, "compare/clear", "No B", "Ends the comparison")) ab.follow_as(BKind::kNone);
  ImGui::SameLine(0, 4 * ui.scale);
  if (button(ui, "compare/side", "Side by side",
             "A, B and their difference in a window, with one zoom and one pointer")) {
    ui.windows.side_by_side = true;
  }
}

struct Showing {
  AbShow show;
  const char* name;
  const char* label;
  const char* help;
};
constexpr std::array<Showing, 4> kShowings = {
    Showing{AbShow::kA, "compare/show/a", "A", "The maps of A"},
    Showing{AbShow::kSwipe, "compare/show/swipe", "Swipe",
            "A to the left of a line that can be dragged, B to the right"},
    Showing{AbShow::kB, "compare/show/b", "B", "The maps of B, in the colours of A's"},
    Showing{AbShow::kDifference, "compare/show/difference", "A − B", "What the maps differ by"}};

// Returns whether the button that holds B is down.
bool draw_showing(Ui& ui) {
  model::AbSession& ab = ui.document.ab;
  ImGui::AlignTextToFramePadding();
  ImGui::TextUnformatted("Maps show");
  bool is_first = true;
  for (const Showing& showing : kShowings) {
    if (is_first) {
      ImGui::SameLine(0, 8 * ui.scale);
    } else {
      ImGui::SameLine(0, 2 * ui.scale);
    }
    is_first = false;
    if (choice_button(ui, showing.name, showing.label, ab.show == showing.show, showing.help)) ab.show = showing.show;
  }
  flow(4 * ui.scale, "Hold B");
  choice_button(ui, "compare/hold", "Hold B", ab.holds_b, "As long as it is held the maps are B's; so does the key B");
  const bool is_held = ImGui::IsItemActive();
  if (ab.show == AbShow::kSwipe) {
    float percent = 100 * ab.swipe;
    if (slider_number(ui, "compare/swipe", "##swipe", &percent, 0, 100, "line at %.0f %%",
                      "Where the line stands; it can be dragged in the maps, too. From 0 to 100 %.",
                      ImGui::GetContentRegionAvail().x)) {
      ab.swipe = percent / 100;
    }
  }
  return is_held;
}

std::string db_text(double decibels) { return std::isinf(decibels) ? "∞ (equal)" : number_text(decibels, 4) + " dB"; }

void row(Ui& ui, const char* label, const std::string& value, const std::string& help) {
  ImGui::TableNextRow();
  ImGui::TableNextColumn();
  ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.text_dim);
  ImGui::TextUnformatted(label);
  ImGui::PopStyleColor();
  tooltip(ui, help);
  ImGui::TableNextColumn();
  ImGui::PushFont(ui.fonts.mono);
  ImGui::TextUnformatted(value.c_str());
  ImGui::PopFont();
}

nlohmann::json json_of(const model::MapDifference& difference, bool is_current) {
  const explain::Comparison& c = difference.comparison;
  nlohmann::json value = {{"map", difference.map},
                          {"current", is_current},
                          {"largest", c.largest},
                          {"at", {c.largest_at[2], c.largest_at[3]}},
                          {"mean_absolute", c.mean_absolute},
                          {"mean", c.mean},
                          {"rms", c.rms},
                          {"ssim", c.ssim},
                          {"equal", c.equal},
                          {"count", c.count},
                          {"not_finite", c.not_finite}};
  if (std::isfinite(c.psnr_db)) value["psnr_db"] = c.psnr_db;
  return value;
}

void draw_numbers(Ui& ui, const model::MapDifference& difference) {
  const explain::Comparison& c = difference.comparison;
  const ImVec2 start = ImGui::GetCursorScreenPos();
  if (ImGui::BeginTable("numbers", 2, ImGuiTableFlags_NoPadOuterX)) {
    ImGui::TableSetupColumn("what", ImGuiTableColumnFlags_WidthFixed, ImGui::CalcTextSize("largest |A − B|   ").x);
    ImGui::TableSetupColumn("value");
    std::string largest = number_text(c.largest);
    if (c.largest > 0) {
      largest += " at " + place_text(c.largest_at[2], c.largest_at[3]);
    }
    row(ui, "largest |A − B|", largest, "The largest difference, and the row and column of it");
    row(ui, "mean |A − B|", number_text(c.mean_absolute), "The mean size of the differences");
    row(ui, "mean A − B", number_text(c.mean), "The mean difference: how much brighter A is");
    row(ui, "RMS of A − B", number_text(c.rms), "The root of the mean of the squared differences");
    row(ui, "PSNR", db_text(c.psnr_db),
        "Peak signal-to-noise ratio: 20 log10(peak / root mean square), where the peak is the span of both maps "
        "together");
    row(ui, "SSIM", number_text(c.ssim),
        "Mean structural similarity (Wang and others, 2004): 1 for equal maps, windows of 11 × 11");
    row(ui, "A from … to", number_text(c.range_a.low) + " … " + number_text(c.range_a.high), "Least and largest value");
    row(ui, "B from … to", number_text(c.range_b.low) + " … " + number_text(c.range_b.high), "Least and largest value");
    ImGui::EndTable();
  }
  const ImVec2 end(start.x + ImGui::GetContentRegionAvail().x, ImGui::GetCursorScreenPos().y);
  const bool is_current = ui.document.ab.is_current(difference);
  record_rect(ui, start, end, "compare/result", "text", "How far A and B are apart", json_of(difference, is_current));
  if (c.equal == c.count) dim_text(ui, "The same in every bit.");
  if (c.not_finite > 0) dim_text(ui, std::to_string(c.not_finite) + " values are not finite and left out.");
}

void draw_pointed(Ui& ui, const model::MapDifference& difference) {
  const model::Hover& hover = ui.document.hover;
  std::string words = "Point at a value to compare it";
  if (hover.kind == model::Hover::Kind::kMap && hover.index == difference.map && hover.row < difference.a->rows() &&
      hover.col < difference.a->cols()) {
    const auto a = static_cast<double>(difference.a->at(hover.row, hover.col));
    const auto b = static_cast<double>(difference.b->at(hover.row, hover.col));
    words = place_text(hover.row, hover.col) + "  A " + number_text(a) + "  B " + number_text(b) + "  A − B " +
            number_text(a - b);
  }
  ImGui::PushFont(ui.fonts.small);
  dim_text(ui, words);
  ImGui::PopFont();
  record(ui, "compare/pointed", "text", words, words);
}

void draw_result(Ui& ui) {
  const model::Document& document = ui.document;
  const model::AbSession& ab = document.ab;
  if (!ab.complaint().empty()) {
    ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.warning);
    ImGui::TextWrapped("%s", ab.complaint().c_str());
    ImGui::PopStyleColor();
    record(ui, "compare/complaint", "text", ab.complaint(), ab.complaint());
  }
  if (!document.result()) return;
  const int map = std::clamp(document.selection.filter, 0, static_cast<int>(document.result()->geometry.k) - 1);
  const std::string mismatch = ab.mismatch(map);
  if (!mismatch.empty()) {
    ImGui::TextWrapped("%s", mismatch.c_str());
    record(ui, "compare/mismatch", "text", mismatch, mismatch);
    return;
  }
  const model::MapDifferencePtr difference = ab.difference(map);
  if (!difference) {
    dim_text(ui, "B is being computed.");
    return;
  }
  heading(ui, ("Map " + std::to_string(map + 1) + ": " +
               document.result()->settings.bank.filters[static_cast<std::size_t>(map)].name)
                  .c_str());
  colour_bar(ui, "compare/bar", ImGui::GetContentRegionAvail().x, difference_bar(ui, *difference));
  draw_pointed(ui, *difference);
  draw_numbers(ui, *difference);
}

bool is_b_down() {
  if (ImGui::GetIO().WantTextInput || ImGui::GetIO().KeyCtrl || ImGui::GetIO().KeyAlt) return false;
#if IMGUI_VERSION_NUM >= 18700
  return ImGui::IsKeyDown(ImGuiKey_B);
#else
  return ImGui::IsKeyDown('B');  // the window system's number of the key
#endif
}

}  // namespace

struct CompareTab::State {
  CompareWindow window;
  bool is_button_held = false;  // in this frame
};

CompareTab::CompareTab() : state_(std::make_unique<State>()) {}
CompareTab::~CompareTab() = default;

void CompareTab::draw(Ui& ui) {
  draw_choice_of_b(ui);
  if (ui.document.ab.kind() == BKind::kNone) {
    dim_text(
        ui,
        "B may be frozen, so that every later change shows; or it follows A in all but one thing. Maps can then be "
        "swiped, held against each other or subtracted.");
    return;
  }
  draw_description(ui);
  ImGui::Dummy({0, 2 * ui.scale});
  state_->is_button_held = draw_showing(ui);
  ImGui::Dummy({0, 2 * ui.scale});
  draw_result(ui);
}

void CompareTab::draw_window(Ui& ui) {
  model::AbSession& ab = ui.document.ab;
  const bool holds = ab.kind() != BKind::kNone && (state_->is_button_held || is_b_down());
  state_->is_button_held = false;
  if (holds != ab.holds_b) ui.needs_frames = true;
  ab.holds_b = holds;
  state_->window.draw(ui);
}

}  // namespace convlens::ui
