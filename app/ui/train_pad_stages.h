// The way from strokes to what the net sees, laid open as small pictures with a switch and a sentence each. Draws and
// switches; the stages themselves are training::make_stages.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "app/ui/ui.h"
#include "app/view/picture.h"
#include "engine/training/drawing.h"

namespace convlens::ui {

class PadStages {
 public:
  // Textures of new stages. `raster` is what they were made of.
  void set(Ui& ui, ConstView raster, const training::DrawingStages& stages,
           const training::Preprocessing& preprocessing, const training::DrawingRecipe& recipe);
  // The strokes alone, for the pad.
  const view::Image& strokes() const { return images_[0]; }
  // A row of pictures with switches, `width` wide, with the pictures' sizes below where `has_sizes`.
  void draw_row(Ui& ui, training::DrawingRecipe& recipe, float width, bool has_sizes);
  static float row_height(const Ui& ui, float width, bool has_sizes);
  void draw_aspect_switch(Ui& ui, training::DrawingRecipe& recipe);
  // What each stage does and why; one sentence alone, of the stage that is pointed at or was touched last, where there
  // is no room for all.
  void draw_words(Ui& ui, float height);
  // Of one sentence.
  static float words_height(const Ui& ui);

 private:
  static constexpr std::size_t kCount = 5;
  struct Stage {
    const char* id;
    const char* label;
    std::string size;  // of its picture: "120 × 200"
    std::string words;
  };
  void draw_enlarged(Ui& ui, std::size_t i) const;

  std::array<view::Image, kCount> images_;
  std::array<Stage, kCount> stages_{};
  std::array<bool, kCount> is_on_{};
  float mass_x_ = 0, mass_y_ = 0;  // as shares of the net's picture
  bool has_ink_ = false;
  std::size_t told_ = 1;
};

}  // namespace convlens::ui
