// Fills the font atlas from embedded files: Roboto for words, DejaVu for digits of equal width and for the signs that
// Roboto lacks. Falls back to Dear ImGui's own font where the build found neither.
#include "app/ui/fonts.h"

#include <imgui/imgui_freetype.h>

#include <cmath>
#include <cstddef>

#define CONVLENS_FONT_DATA(symbol)                             \
  extern "C" const unsigned char convlens_embedded_##symbol[]; \
  extern "C" const unsigned char convlens_embedded_##symbol##_end[]

CONVLENS_FONT_DATA(font_regular);
CONVLENS_FONT_DATA(font_medium);
CONVLENS_FONT_DATA(font_signs);
CONVLENS_FONT_DATA(font_mono);

namespace convlens::ui {
namespace {

// Latin, Greek, Cyrillic (file names), and every sign the interface uses.
constexpr ImWchar kWords[] = {0x0020, 0x00FF, 0x0100, 0x017F, 0x0370, 0x03FF, 0x0400, 0x04FF, 0x2010, 0x2044, 0};
constexpr ImWchar kSigns[] = {0x00B7, 0x00B7, 0x2010, 0x2044, 0x2070, 0x208E, 0x2190, 0x21FF, 0x2200, 0x22FF,
                              0x2318, 0x2318, 0x2500, 0x25FF, 0x2600, 0x2612, 0x2713, 0x2718, 0};
constexpr ImWchar kFigures[] = {0x0020, 0x00FF, 0x0370, 0x03FF, 0x2010, 0x2044, 0x2070, 0x208E,
                                0x2190, 0x2193, 0x2200, 0x22FF, 0x2500, 0x25FF, 0};

constexpr ImWchar kAscii[] = {0x0020, 0x007E, 0};

struct Bytes {
  const unsigned char* begin;
  const unsigned char* end;
  int size() const { return static_cast<int>(end - begin); }
};

void add(Bytes bytes, float pixels, const ImWchar* ranges, bool is_merged, float drop = 0) {
  ImFontConfig config;
  config.FontDataOwnedByAtlas = false;
  config.MergeMode = is_merged;
  config.OversampleH = 1;
  config.OversampleV = 1;
  config.PixelSnapH = true;
  config.GlyphOffset.y = drop;
  config.FontBuilderFlags = ImGuiFreeTypeBuilderFlags_LightHinting;
  // The atlas only reads the bytes; its interface lacks the const.
  ImGui::GetIO().Fonts->AddFontFromMemoryTTF(const_cast<unsigned char*>(bytes.begin), bytes.size(), pixels, &config,
                                             ranges);
}

ImFont* words(Bytes face, float pixels) {
  const Bytes signs{convlens_embedded_font_signs, convlens_embedded_font_signs_end};
  add(face, pixels, kWords, false);
  // DejaVu draws larger than Roboto at the same nominal size.
  if (signs.size() > 0) add(signs, std::round(pixels * 0.9F), kSigns, true);
  return ImGui::GetIO().Fonts->Fonts.back();
}

}  // namespace

Fonts load_fonts(float scale, float pixel_ratio) {
  ImGuiIO& io = ImGui::GetIO();
  ImFontAtlas& atlas = *io.Fonts;
  atlas.Clear();
  atlas.FontBuilderIO = ImGuiFreeType::GetBuilderForFreeType();
  atlas.Flags |= ImFontAtlasFlags_NoPowerOfTwoHeight;
  io.FontGlobalScale = 1 / pixel_ratio;

  const auto pixels = [&](float size) { return std::round(size * scale * pixel_ratio); };
  const Bytes regular{convlens_embedded_font_regular, convlens_embedded_font_regular_end};
  const Bytes medium{convlens_embedded_font_medium, convlens_embedded_font_medium_end};
  const Bytes mono{convlens_embedded_font_mono, convlens_embedded_font_mono_end};
  Fonts fonts;
  if (regular.size() > 0) {
    fonts.body = words(regular, pixels(15));
    fonts.small = words(regular, pixels(13));
    fonts.heading = words(medium, pixels(16));
    add(medium, pixels(44), kAscii, false);
    fonts.large = atlas.Fonts.back();
    const auto figures = [&](float size) {
      if (mono.size() == 0) return fonts.body;
      add(mono, pixels(size), kFigures, false);
      return atlas.Fonts.back();
    };
    fonts.mono = figures(13);
    fonts.mono_small = figures(11);
    fonts.mono_least = figures(9);
  } else {
    ImFontConfig config;
    config.SizePixels = pixels(13);
    fonts.body = atlas.AddFontDefault(&config);
    fonts.small = fonts.heading = fonts.large = fonts.mono = fonts.mono_small = fonts.mono_least = fonts.body;
  }
  io.FontDefault = fonts.body;
  return fonts;
}

}  // namespace convlens::ui
