// The command palette's matching and its window.
#include "app/ui/command_palette.h"

#include <imgui/imgui_stdlib.h>

#include <algorithm>
#include <cctype>
#include <vector>

#include "app/ui/keys.h"
#include "app/ui/widgets.h"

namespace convlens::ui {
namespace {

constexpr int kLetter = 1, kRun = 3, kWordStart = 4;

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

struct Match {
  const Action* action;
  std::string label;
  int score;
};

std::vector<Match> find_matches(const Ui& ui, const Actions& actions, const std::string& query) {
  std::vector<Match> matches;
  for (const Action& action : actions.all()) {
    if (!action.run || action.name == "help/palette" || action.name == "view/up") continue;
    std::string label = full_label(action, ui);
    const int score = fuzzy_score(query, label + " " + std::string(action.group()));
    if (score >= 0) matches.push_back({&action, std::move(label), score});
  }
  std::stable_sort(matches.begin(), matches.end(), [](const Match& a, const Match& b) { return a.score > b.score; });
  return matches;
}

bool draw_row(Ui& ui, const Match& match, bool is_chosen, bool scrolls) {
  const bool enabled = is_enabled(*match.action, ui);
  ImGui::BeginDisabled(!enabled);
  const bool pressed = ImGui::Selectable((match.label + "##" + match.action->name).c_str(), is_chosen);
  if (is_chosen && scrolls) ImGui::SetScrollHereY();
  record(ui, "palette/" + match.action->name, "item", match.label, is_chosen, {}, enabled, match.action->help);
  tooltip(ui, match.action->help);
  if (!match.action->key.empty()) {
    const std::string key = key_text(match.action->key);
    const float right = ImGui::GetWindowContentRegionMax().x - ImGui::GetStyle().ItemInnerSpacing.x;
    ImGui::SameLine(right - ImGui::CalcTextSize(key.c_str()).x);
    ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.text_dim);
    ImGui::TextUnformatted(key.c_str());
    ImGui::PopStyleColor();
  }
  ImGui::EndDisabled();
  return pressed && enabled;
}

}  // namespace

int fuzzy_score(std::string_view query, std::string_view text) {
  int score = 0;
  std::size_t at = 0;
  bool is_run = false;
  for (const char wanted : query) {
    if (wanted == ' ') continue;
    std::size_t found = at;
    while (found < text.size() && lower(text[found]) != lower(wanted)) ++found;
    if (found == text.size()) return -1;
    is_run = is_run && found == at;
    const bool is_word_start = found == 0 || text[found - 1] == ' ';
    score += kLetter + (is_run ? kRun : 0) + (is_word_start ? kWordStart : 0);
    at = found + 1;
    is_run = true;
  }
  return score;
}

void CommandPalette::draw(Ui& ui, const Actions& actions) {
  if (!ui.windows.palette) {
    was_open_ = false;
    return;
  }
  if (!was_open_) ImGui::OpenPopup("palette");
  const ImGuiViewport& viewport = *ImGui::GetMainViewport();
  ImGui::SetNextWindowPos(ImVec2(viewport.WorkPos.x + viewport.WorkSize.x / 2, viewport.WorkPos.y + 40 * ui.scale),
                          ImGuiCond_Always, ImVec2(0.5F, 0));
  ImGui::SetNextWindowSize(ImVec2(std::min(560 * ui.scale, viewport.WorkSize.x * 0.9F), 0));
  if (!ImGui::BeginPopup("palette", ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoResize)) {
    ui.windows.palette = was_open_ = false;
    return;
  }
  bool changed = false;
  if (!was_open_) {
    was_open_ = changed = true;
    query_.clear();
    ImGui::SetKeyboardFocusHere();
  }
  ImGui::SetNextItemWidth(-FLT_MIN);
  changed |= ImGui::InputTextWithHint("##query", "Type an action", &query_);
  record(ui, "palette/query", "field", "Command palette", query_);
  if (changed) chosen_ = 0;

  const std::vector<Match> matches = find_matches(ui, actions, query_);
  const int last = static_cast<int>(matches.size()) - 1;
  const int moved = (is_pressed(ImGuiKey_DownArrow) ? 1 : 0) - (is_pressed(ImGuiKey_UpArrow) ? 1 : 0);
  chosen_ = std::clamp(chosen_ + moved, 0, std::max(last, 0));
  const bool is_entered = is_pressed(ImGuiKey_Enter);
  const Action* to_run = nullptr;
  ImGui::PushStyleColor(ImGuiCol_ChildBg, IM_COL32_BLACK_TRANS);
  const float rows = static_cast<float>(std::max(last + 1, 1)) * ImGui::GetTextLineHeightWithSpacing();
  ImGui::BeginChild("matches", ImVec2(0, std::min(rows, viewport.WorkSize.y * 0.5F)));
  for (int i = 0; i <= last; ++i) {
    const Match& match = matches[static_cast<std::size_t>(i)];
    const bool pressed = draw_row(ui, match, i == chosen_, moved != 0);
    if (pressed || (is_entered && i == chosen_ && is_enabled(*match.action, ui))) to_run = match.action;
  }
  if (last < 0) dim_text(ui, "No action has these letters in this order.");
  ImGui::EndChild();
  ImGui::PopStyleColor();
  if (to_run) {
    ImGui::CloseCurrentPopup();
    ui.windows.palette = was_open_ = false;
  }
  ImGui::EndPopup();
  if (to_run) to_run->run(ui);
}

}  // namespace convlens::ui
