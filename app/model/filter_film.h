// The life of a layer's filters as files: an animated GIF, a strip of pictures, or one picture for each moment. Colours
// are the caller's.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/error.h"
#include "engine/io/gif.h"
#include "engine/nn/model.h"
#include "engine/training/state.h"

namespace convlens::model {

// Which colour means which weight: from minus the largest magnitude of the film over zero to plus that.
using ColourTable = io::GifPalette;

enum class FilmForm {
  kGif,
  kStrip,     // one PNG, the moments side by side
  kPictures,  // NAME-001.png, NAME-002.png, ...
};
struct FilmFormName {
  std::string_view name;  // "gif", "strip", "pictures"
  std::string_view label;
  std::string_view ending;
};
std::span<const FilmFormName> film_form_names();  // indexed by FilmForm

inline constexpr int kMostFilmPictures = 2000;

// What the film is of: frames of a recording, by step.
struct FilmSource {
  nn::ModelSpec model;
  std::vector<training::Frame> frames;
};

struct FilmChoice {
  FilmForm form = FilmForm::kGif;
  std::size_t layer = 0;       // a convolution or dense layer
  int pictures = 80;           // at most; the first and the last moment are always among them
  int tile = 48;               // about the side of one filter, in pixels
  bool shows_slices = false;   // every channel of a filter, not their mean
  bool is_dense_early = true;  // most pictures soon after the start, where most happens; else evenly by step
  int milliseconds = 80;       // that a picture of a GIF is shown
  ColourTable colours{};
};

// What was, or would be, written.
struct FilmFacts {
  std::size_t pictures = 0;
  int width = 0, height = 0;  // of the file, or of each picture
  std::int64_t first_step = 0, last_step = 0;
  float range = 0;                           // weights of this magnitude have the colours of the ends
  std::vector<std::filesystem::path> files;  // that were written
};

// Positions of the frames that are shown, rising: as many as asked for, or all.
std::vector<std::size_t> choose_frames(std::span<const training::Frame> frames, int most, bool is_dense_early);

// Errors: a layer without filters, no frames, a size that the file cannot have.
Result<FilmFacts> plan_film(const FilmSource& source, const FilmChoice& choice);

// Replaces each file at once or leaves it as it was. `goes_on(share)` is asked after every picture; where it says no,
// nothing but finished numbered pictures is left behind. Errors: as plan_film(), stopped, or what the disk says.
Result<FilmFacts> write_film(const std::filesystem::path& path, const FilmSource& source, const FilmChoice& choice,
                             const std::function<bool(double)>& goes_on = {});

}  // namespace convlens::model
