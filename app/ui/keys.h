// Keys that went down in this frame, asked in one way of every version of Dear ImGui from 1.86 on.
#pragma once

#include <imgui/imgui.h>

namespace convlens::ui {

#if IMGUI_VERSION_NUM >= 18700
inline constexpr ImGuiKey kKeypadEnter = ImGuiKey_KeypadEnter;
#else
inline constexpr ImGuiKey kKeypadEnter = ImGuiKey_KeyPadEnter;
#endif

inline bool is_pressed(ImGuiKey key, bool repeat = true) {
  return ImGui::IsKeyPressed(ImGui::GetKeyIndex(key), repeat);
}

inline bool is_enter_pressed(bool repeat = true) {
  return is_pressed(ImGuiKey_Enter, repeat) || is_pressed(kKeypadEnter, repeat);
}

}  // namespace convlens::ui
