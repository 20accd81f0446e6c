// Cards and lines of the file browser.
#include "app/ui/file_browser_items.h"

#include <algorithm>
#include <cmath>

#include "app/ui/builtin_picker.h"

namespace convlens::ui {
namespace {

constexpr float kCardWidth = 118;
constexpr float kPictureHeight = 84;
constexpr float kLineHeight = 28;

bool has_thumbnail(const FileEntry& entry) { return entry.kind == FileKind::kPicture; }

void draw_folder_sign(ImDrawList* draw, const ImVec2& middle, float half, ImU32 colour) {
  const float w = half, h = half * 0.74F, round = half * 0.14F;
  draw->AddRectFilled({middle.x - w, middle.y - h}, {middle.x - w * 0.05F, middle.y}, colour, round);
  draw->AddRectFilled({middle.x - w, middle.y - h * 0.66F}, {middle.x + w, middle.y + h}, colour, round);
}

// A sheet with a word on it.
void draw_sheet_sign(ImDrawList* draw, const ImVec2& middle, float half, const char* word, ImU32 colour) {
  const float w = half * 0.8F, h = half, fold = half * 0.5F;
  const ImVec2 outline[] = {{middle.x - w, middle.y - h},
                            {middle.x + w - fold, middle.y - h},
                            {middle.x + w, middle.y - h + fold},
                            {middle.x + w, middle.y + h},
                            {middle.x - w, middle.y + h}};
  draw->AddPolyline(outline, 5, colour, ImDrawFlags_Closed, std::max(1.0F, half * 0.07F));
  const float size = std::min(ImGui::GetFontSize(), half * 0.8F);
  const ImVec2 extent = ImGui::GetFont()->CalcTextSizeA(size, FLT_MAX, 0, word);
  draw->AddText(ImGui::GetFont(), size, {middle.x - extent.x / 2, middle.y - extent.y / 2 + half * 0.2F}, colour, word);
}

void draw_clipped_text(const ImVec2& at, float width, ImU32 colour, const std::string& text) {
  ImGui::GetWindowDrawList()->AddText(at, colour, shortened(text, width).c_str());
}

void draw_card(Ui& ui, Thumbnails& thumbnails, const FileEntry& entry, const ImVec2& min, const ImVec2& size) {
  const float pad = 5 * ui.scale;
  const ImVec2 max(min.x + size.x, min.y + size.y);
  draw_file_icon(ui, thumbnails, entry, {min.x + pad, min.y + pad},
                 {max.x - pad, min.y + pad + kPictureHeight * ui.scale});
  const float width = size.x - 2 * pad;
  const auto centred = [&](float y, const std::string& text, ImU32 colour) {
    const std::string shown = shortened(text, width);
    const float x = (min.x + max.x - ImGui::CalcTextSize(shown.c_str()).x) / 2;
    ImGui::GetWindowDrawList()->AddText({std::round(x), y}, colour, shown.c_str());
  };
  const float y = min.y + 2 * pad + kPictureHeight * ui.scale;
  centred(y, entry.name, ui.palette.text);
  ImGui::PushFont(ui.fonts.small);
  const std::string dimensions = dimension_words(thumbnails, entry);
  const float below = y + ui.fonts.body->FontSize * ImGui::GetIO().FontGlobalScale;
  if (entry.kind != FileKind::kFolder) {
    centred(below, dimensions.empty() ? size_words(entry.size) : dimensions, ui.palette.text_dim);
  }
  ImGui::PopFont();
}

void draw_line(Ui& ui, Thumbnails& thumbnails, const FileEntry& entry, const ImVec2& min, const ImVec2& size) {
  const float s = ui.scale;
  const float y = min.y + (size.y - ImGui::GetFontSize()) / 2;
  draw_file_icon(ui, thumbnails, entry, {min.x + 2 * s, min.y + 2 * s},
                 {min.x + size.y * 1.3F, min.y + size.y - 2 * s});
  const float name_x = min.x + size.y * 1.3F + 8 * s;
  const float right = min.x + size.x;
  const float date_x = right - 130 * s, size_x = date_x - 80 * s, dimensions_x = size_x - 110 * s;
  draw_clipped_text({name_x, y}, dimensions_x - name_x - 8 * s, ui.palette.text, entry.name);
  draw_clipped_text({date_x, y}, right - date_x, ui.palette.text_dim, date_words(entry.changed));
  if (entry.kind == FileKind::kFolder) return;
  draw_clipped_text({size_x, y}, date_x - size_x, ui.palette.text_dim, size_words(entry.size));
  draw_clipped_text({dimensions_x, y}, size_x - dimensions_x, ui.palette.text_dim, dimension_words(thumbnails, entry));
}

}  // namespace

ImVec2 item_size(const Ui& ui, bool is_grid) {
  if (!is_grid) return {200 * ui.scale, kLineHeight * ui.scale};
  const float lines = (ui.fonts.body->FontSize + ui.fonts.small->FontSize) * ImGui::GetIO().FontGlobalScale;
  return {kCardWidth * ui.scale, kPictureHeight * ui.scale + 15 * ui.scale + lines};
}

void draw_file(Ui& ui, Thumbnails& thumbnails, const FileEntry& entry, bool is_grid, const ImVec2& min,
               const ImVec2& size) {
  if (is_grid) {
    draw_card(ui, thumbnails, entry, min, size);
  } else {
    draw_line(ui, thumbnails, entry, min, size);
  }
}

void draw_file_icon(Ui& ui, Thumbnails& thumbnails, const FileEntry& entry, const ImVec2& min, const ImVec2& max) {
  if (has_thumbnail(entry)) {
    draw_thumbnail(ui, thumbnails.of_file(entry.path, entry.changed), min, max);
    return;
  }
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const ImVec2 middle((min.x + max.x) / 2, (min.y + max.y) / 2);
  const float half = std::min({max.x - min.x, max.y - min.y, 64 * ui.scale}) * 0.42F;
  switch (entry.kind) {
    case FileKind::kFolder:
      draw_folder_sign(draw, middle, half, ui.palette.accent);
      break;
    case FileKind::kArray:
      draw_sheet_sign(draw, middle, half, "npy", ui.palette.text_dim);
      break;
    case FileKind::kSession:
      draw_sheet_sign(draw, middle, half, "{ }", ui.palette.text_dim);
      break;
    case FileKind::kModel:
      draw_sheet_sign(draw, middle, half, "net", ui.palette.text_dim);
      break;
    case FileKind::kPicture:
    case FileKind::kOther:
      draw_sheet_sign(draw, middle, half, "", ui.palette.text_dim);
      break;
  }
}

std::string dimension_words(Thumbnails& thumbnails, const FileEntry& entry) {
  if (!has_thumbnail(entry)) return {};
  const Thumbnail& thumbnail = thumbnails.of_file(entry.path, entry.changed);
  if (thumbnail.width == 0) return {};
  return std::to_string(thumbnail.width) + " × " + std::to_string(thumbnail.height);
}

std::string file_tooltip(Thumbnails& thumbnails, const FileEntry& entry) {
  std::string text = entry.name;
  if (entry.kind != FileKind::kFolder) {
    const std::string dimensions = dimension_words(thumbnails, entry);
    text += "\n" + (dimensions.empty() ? std::string() : dimensions + " pixels, ") + size_words(entry.size);
  }
  text += "\n" + date_words(entry.changed);
  if (has_thumbnail(entry)) {
    const Thumbnail& thumbnail = thumbnails.of_file(entry.path, entry.changed);
    if (!thumbnail.error.empty()) text += "\n" + thumbnail.error;
  }
  return text;
}

}  // namespace convlens::ui
