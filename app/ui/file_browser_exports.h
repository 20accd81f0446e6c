// What can be exported: names, proposed files, and what writes them.
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <string>

#include "app/model/document.h"
#include "engine/core/error.h"

namespace convlens::ui {

enum class ExportKind { kMapPicture, kMap, kLayer, kWeights, kBiases };

struct ExportChoice {
  const char* name;
  const char* label;
  const char* help;
  const char* suffix;  // of the proposed file name
};
// One per kind.
inline constexpr std::array kExports{
    ExportChoice{"map-png", "Map as PNG", "The selected map in the colours and at the range it is shown with", ".png"},
    ExportChoice{"map-npy", "Map as .npy", "The selected map's values: a (P, Q) float32 array for NumPy", ".npy"},
    ExportChoice{"layer-npy", "All maps as .npy", "Every map's values: a (K, P, Q) float32 array", ".npy"},
    ExportChoice{
        "weights-npy", "Filters as .npy",
        "The weights as they were convolved: a (K, C/groups, R, S) float32 array, as `convlens conv --weights` "
        "and PyTorch read it",
        ".npy"},
    ExportChoice{"biases-npy", "Biases as .npy", "One bias per filter: a (K) float32 array", ".npy"},
};

// The picture's title as the beginning of a file name.
std::string picture_stem(const model::Document& document);

// The proposed file name, from the picture's title and the selected filter's name.
std::string export_name(const model::Document& document, ExportKind kind);

// What writes the file; holds everything it needs, so that it can run on another thread. For documents with maps.
std::function<Status(const std::filesystem::path&)> exporter(const model::Document& document, ExportKind kind);

}  // namespace convlens::ui
