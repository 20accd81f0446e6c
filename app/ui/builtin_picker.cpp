// Built-in pictures as a grid of cards in a pop-up.
#include "app/ui/builtin_picker.h"

#include <algorithm>
#include <string>

#include "app/ui/widgets.h"
#include "engine/pictures/pictures.h"

namespace convlens::ui {
namespace {

constexpr const char* kLabel = "Built-in";
constexpr const char* kPopup = "input/builtin/popup";
constexpr int kColumns = 3;
constexpr float kCardWidth = 116;
constexpr float kPictureHeight = 78;

// One card: picture, name below, lit when it is the open one. True when chosen.
bool card(Ui& ui, const pictures::BuiltinPicture& entry, const Thumbnail& thumbnail, bool is_open) {
  const float s = ui.scale;
  const float pad = 5 * s;
  const ImVec2 size(kCardWidth * s, kPictureHeight * s + ImGui::GetTextLineHeight() + 3 * pad);
  const ImVec2 min = ImGui::GetCursorScreenPos();
  const ImVec2 max(min.x + size.x, min.y + size.y);
  const std::string name = "input/builtin/" + std::string(entry.name);
  const bool is_chosen = ImGui::InvisibleButton(name.c_str(), size);
  ImDrawList* draw = ImGui::GetWindowDrawList();
  if (is_open || ImGui::IsItemHovered()) {
    const ImGuiCol colour = is_open ? ImGuiCol_Header : ImGuiCol_ButtonHovered;
    draw->AddRectFilled(min, max, ImGui::GetColorU32(colour), 5 * s);
  }
  draw_thumbnail(ui, thumbnail, {min.x + pad, min.y + pad}, {max.x - pad, min.y + pad + kPictureHeight * s});
  const std::string label(entry.label);
  const float width = ImGui::CalcTextSize(label.c_str()).x;
  draw->AddText({(min.x + max.x - width) / 2, max.y - ImGui::GetTextLineHeight() - pad}, ui.palette.text,
                label.c_str());
  const std::string help(entry.shows);
  record(ui, name, "item", label, is_open, {}, true, help);
  tooltip(ui, help);
  return is_chosen;
}

}  // namespace

std::string shortened(const std::string& text, float width) {
  if (ImGui::CalcTextSize(text.c_str()).x <= width) return text;
  // Whole UTF-8 characters only: cut points that do not fall on a continuation byte.
  const auto is_cut = [&](std::size_t at) {
    return at >= text.size() || (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
  };
  const std::size_t tail_length = std::min<std::size_t>(text.size() / 2, 8);
  std::size_t tail = text.size() - tail_length;
  while (!is_cut(tail)) ++tail;
  for (std::size_t head = tail; head-- > 0;) {
    if (!is_cut(head)) continue;
    std::string candidate = text.substr(0, head) + "…" + text.substr(tail);
    if (ImGui::CalcTextSize(candidate.c_str()).x <= width) return candidate;
  }
  return "…";
}

void draw_thumbnail(Ui& ui, const Thumbnail& thumbnail, const ImVec2& min, const ImVec2& max) {
  ImDrawList* draw = ImGui::GetWindowDrawList();
  draw->AddRectFilled(min, max, ui.palette.canvas, 3 * ui.scale);
  const ImVec2 middle((min.x + max.x) / 2, (min.y + max.y) / 2);
  if (thumbnail.image.texture() == 0) {
    const char* sign = thumbnail.is_ready ? "—" : "…";
    const ImVec2 extent = ImGui::CalcTextSize(sign);
    draw->AddText({middle.x - extent.x / 2, middle.y - extent.y / 2}, ui.palette.text_dim, sign);
    return;
  }
  const auto width = static_cast<float>(thumbnail.image.width());
  const auto height = static_cast<float>(thumbnail.image.height());
  const float fit = std::min((max.x - min.x) / width, (max.y - min.y) / height);
  const ImVec2 half(width * fit / 2, height * fit / 2);
  draw->AddImage(reinterpret_cast<ImTextureID>(static_cast<std::intptr_t>(thumbnail.image.texture())),
                 {middle.x - half.x, middle.y - half.y}, {middle.x + half.x, middle.y + half.y});
}

float builtin_picker_width() { return ImGui::CalcTextSize(kLabel).x + 2 * ImGui::GetStyle().FramePadding.x; }

void builtin_picker(Ui& ui, Thumbnails& thumbnails) {
  if (button(ui, "input/builtin", kLabel, "Pictures that come with the program, each good for seeing one thing")) {
    ImGui::OpenPopup(kPopup);
  }
  const ImVec2 below(ImGui::GetItemRectMin().x, ImGui::GetItemRectMax().y + 2 * ui.scale);
  ImGui::SetNextWindowPos(below, ImGuiCond_Appearing);
  if (!ImGui::BeginPopup(kPopup)) return;
  thumbnails.collect();
  const model::PictureRef& open = ui.document.settings.conv.picture;
  int column = 0;
  for (const pictures::BuiltinPicture& entry : pictures::builtin_pictures()) {
    if (column++ % kColumns != 0) ImGui::SameLine();
    const bool is_open = open.kind == model::PictureRef::Kind::kBuiltin && open.name == entry.name;
    if (card(ui, entry, thumbnails.of_builtin(entry.name), is_open)) {
      ui.document.open_builtin(entry.name);
      ImGui::CloseCurrentPopup();
    }
  }
  if (thumbnails.is_busy()) ui.needs_frames = true;
  ImGui::EndPopup();
}

}  // namespace convlens::ui
