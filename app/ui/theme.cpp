// The colours and measures of each theme. Every colour of Dear ImGui is derived from a dozen of ours.
#include "app/ui/theme.h"

namespace convlens::ui {
namespace {

constexpr ImU32 rgb(unsigned value) { return IM_COL32((value >> 16) & 0xFF, (value >> 8) & 0xFF, value & 0xFF, 0xFF); }

ImVec4 colour(ImU32 value, float alpha = 1) {
  ImVec4 result = ImGui::ColorConvertU32ToFloat4(value);
  result.w *= alpha;
  return result;
}

// What the widgets are made of, beside the palette that panels draw with.
struct Surfaces {
  ImU32 window;  // behind the panels
  ImU32 popup;
  ImU32 control;  // buttons and the inside of fields
  ImU32 control_hovered;
  ImU32 control_active;
  ImU32 chosen;  // the lit segment, the chosen row
  ImU32 chosen_hovered;
};

Surfaces surfaces_of(model::Theme theme) {
  switch (theme) {
    case model::Theme::kLight:
      return {.window = rgb(0xECEEF1),
              .popup = rgb(0xFFFFFF),
              .control = rgb(0xE9ECF0),
              .control_hovered = rgb(0xDDE3EA),
              .control_active = rgb(0xCCD6E2),
              .chosen = rgb(0xC3DBF8),
              .chosen_hovered = rgb(0xB2D0F4)};
    case model::Theme::kProjector:
      return {.window = rgb(0xFFFFFF),
              .popup = rgb(0xFFFFFF),
              .control = rgb(0xE4E8EE),
              .control_hovered = rgb(0xCFD8E4),
              .control_active = rgb(0xB4C4D8),
              .chosen = rgb(0xA9CCFA),
              .chosen_hovered = rgb(0x8FBCF7)};
    case model::Theme::kDark:
      break;
  }
  return {.window = rgb(0x14161A),
          .popup = rgb(0x22262D),
          .control = rgb(0x2A2F38),
          .control_hovered = rgb(0x353C47),
          .control_active = rgb(0x404957),
          .chosen = rgb(0x24517F),
          .chosen_hovered = rgb(0x2C6196)};
}

void set_measures(ImGuiStyle& style) {
  style.WindowPadding = ImVec2(10, 8);
  style.FramePadding = ImVec2(8, 4);
  style.ItemSpacing = ImVec2(8, 6);
  style.ItemInnerSpacing = ImVec2(6, 4);
  style.CellPadding = ImVec2(4, 3);
  style.IndentSpacing = 16;
  style.ScrollbarSize = 11;
  style.GrabMinSize = 10;
  style.WindowRounding = 8;
  style.ChildRounding = 6;
  style.FrameRounding = 4;
  style.PopupRounding = 6;
  style.ScrollbarRounding = 6;
  style.GrabRounding = 3;
  style.TabRounding = 4;
  style.WindowBorderSize = 1;
  style.ChildBorderSize = 1;
  style.PopupBorderSize = 1;
  style.FrameBorderSize = 0;
  style.WindowTitleAlign = ImVec2(0, 0.5F);
  style.DisabledAlpha = 0.45F;
}

void set_colours(ImGuiStyle& style, const Palette& palette, const Surfaces& surfaces) {
  ImVec4* colours = style.Colors;
  const auto set = [&](ImGuiCol index, ImU32 value, float alpha = 1) { colours[index] = colour(value, alpha); };
  set(ImGuiCol_Text, palette.text);
  set(ImGuiCol_TextDisabled, palette.text_dim);
  set(ImGuiCol_TextSelectedBg, palette.accent, 0.35F);
  set(ImGuiCol_WindowBg, surfaces.window);
  set(ImGuiCol_ChildBg, palette.panel);
  set(ImGuiCol_PopupBg, surfaces.popup);
  set(ImGuiCol_Border, palette.panel_border);
  set(ImGuiCol_BorderShadow, palette.panel_border, 0);
  set(ImGuiCol_FrameBg, surfaces.control);
  set(ImGuiCol_FrameBgHovered, surfaces.control_hovered);
  set(ImGuiCol_FrameBgActive, surfaces.control_active);
  set(ImGuiCol_TitleBg, surfaces.popup);
  set(ImGuiCol_TitleBgActive, surfaces.popup);
  set(ImGuiCol_TitleBgCollapsed, surfaces.popup);
  set(ImGuiCol_MenuBarBg, surfaces.window);
  set(ImGuiCol_ScrollbarBg, palette.panel, 0);
  set(ImGuiCol_ScrollbarGrab, surfaces.control_active);
  set(ImGuiCol_ScrollbarGrabHovered, palette.text_dim, 0.6F);
  set(ImGuiCol_ScrollbarGrabActive, palette.text_dim, 0.8F);
  set(ImGuiCol_CheckMark, palette.accent);
  set(ImGuiCol_SliderGrab, palette.accent);
  set(ImGuiCol_SliderGrabActive, palette.accent);
  set(ImGuiCol_Button, surfaces.control);
  set(ImGuiCol_ButtonHovered, surfaces.control_hovered);
  set(ImGuiCol_ButtonActive, surfaces.control_active);
  set(ImGuiCol_Header, surfaces.chosen);
  set(ImGuiCol_HeaderHovered, surfaces.chosen_hovered);
  set(ImGuiCol_HeaderActive, surfaces.chosen_hovered);
  set(ImGuiCol_Separator, palette.panel_border);
  set(ImGuiCol_SeparatorHovered, palette.accent, 0.6F);
  set(ImGuiCol_SeparatorActive, palette.accent);
  set(ImGuiCol_ResizeGrip, palette.text_dim, 0.2F);
  set(ImGuiCol_ResizeGripHovered, palette.accent, 0.6F);
  set(ImGuiCol_ResizeGripActive, palette.accent);
  set(ImGuiCol_Tab, surfaces.control);
  set(ImGuiCol_TabHovered, surfaces.chosen_hovered);
  set(ImGuiCol_TabActive, surfaces.chosen);
  set(ImGuiCol_TabUnfocused, surfaces.control);
  set(ImGuiCol_TabUnfocusedActive, surfaces.chosen);
  set(ImGuiCol_PlotLines, palette.text_dim);
  set(ImGuiCol_PlotLinesHovered, palette.accent);
  set(ImGuiCol_PlotHistogram, palette.accent);
  set(ImGuiCol_PlotHistogramHovered, palette.accent);
  set(ImGuiCol_TableHeaderBg, surfaces.control);
  set(ImGuiCol_TableBorderStrong, palette.panel_border);
  set(ImGuiCol_TableBorderLight, palette.panel_border);
  set(ImGuiCol_TableRowBg, palette.panel, 0);
  set(ImGuiCol_TableRowBgAlt, palette.text_dim, 0.06F);
  set(ImGuiCol_DragDropTarget, palette.accent);
  set(ImGuiCol_NavHighlight, palette.accent);
  set(ImGuiCol_NavWindowingHighlight, palette.accent);
  set(ImGuiCol_NavWindowingDimBg, rgb(0x000000), 0.4F);
  set(ImGuiCol_ModalWindowDimBg, rgb(0x000000), 0.45F);
}

}  // namespace

Palette palette_of(model::Theme theme) {
  switch (theme) {
    case model::Theme::kLight:
      return {.text = rgb(0x1C2128),
              .text_dim = rgb(0x58616D),
              .accent = rgb(0x1A66C9),
              .error = rgb(0xB3261E),
              .warning = rgb(0x8A5A00),
              .panel = rgb(0xFBFBFC),
              .panel_border = rgb(0xD5D9DF),
              .canvas = rgb(0xE3E6EA),
              .window_outline = rgb(0xFFB000),
              .output_outline = rgb(0x00B8D4),
              .padding_hatch = rgb(0x8A93A0),
              .grid = IM_COL32(0x80, 0x88, 0x94, 0x70),
              .training = rgb(0x3457C4),
              .held_out = rgb(0xC2500A),
              .mark = rgb(0x8E3FA8)};
    case model::Theme::kProjector:
      return {.text = rgb(0x000000),
              .text_dim = rgb(0x333A44),
              .accent = rgb(0x004FB3),
              .error = rgb(0xA80000),
              .warning = rgb(0x6B4500),
              .panel = rgb(0xFFFFFF),
              .panel_border = rgb(0x8A929E),
              .canvas = rgb(0xEDEFF2),
              .window_outline = rgb(0xFFAA00),
              .output_outline = rgb(0x00A5C4),
              .padding_hatch = rgb(0x606A78),
              .grid = IM_COL32(0x50, 0x58, 0x64, 0x90),
              .training = rgb(0x1F3FAE),
              .held_out = rgb(0xA84300),
              .mark = rgb(0x76258F)};
    case model::Theme::kDark:
      break;
  }
  return {.text = rgb(0xE4E7EC),
          .text_dim = rgb(0x9BA4B1),
          .accent = rgb(0x5BA6F5),
          .error = rgb(0xFF7B72),
          .warning = rgb(0xE8B454),
          .panel = rgb(0x1B1E24),
          .panel_border = rgb(0x2D323B),
          .canvas = rgb(0x101215),
          .window_outline = rgb(0xFFC233),
          .output_outline = rgb(0x3FD7E8),
          .padding_hatch = rgb(0x6A7483),
          .grid = IM_COL32(0x90, 0x98, 0xA4, 0x60),
          .training = rgb(0x7FA6FF),
          .held_out = rgb(0xFF9A57),
          .mark = rgb(0xD48BEA)};
}

float theme_scale(model::Theme theme) { return theme == model::Theme::kProjector ? 1.2F : 1.0F; }

void apply_style(model::Theme theme, float scale) {
  ImGuiStyle style;
  set_measures(style);
  set_colours(style, palette_of(theme), surfaces_of(theme));
  if (theme == model::Theme::kProjector) style.FrameBorderSize = 1;
  style.ScaleAllSizes(scale);
  ImGui::GetStyle() = style;
}

}  // namespace convlens::ui
