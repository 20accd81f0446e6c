// Results as .npy files: what was computed, value for value. Pictures of maps in colours are app/view/map_png.
// Error, too: the map is not computed yet.
#pragma once

#include <filesystem>

#include "app/model/conv_session.h"
#include "engine/core/error.h"

namespace convlens::model {

// One map as a (P,Q) float32 array. map in [0,K).
Status export_map(const ConvResult& result, int map, const std::filesystem::path& path);
// Every map as a (K,P,Q) float32 array.
Status export_layer(const ConvResult& result, const std::filesystem::path& path);
// The filters as convolved, strength applied: (K,C/groups,R,S) float32, what `convlens conv --weights` reads.
Status export_weights(const ConvResult& result, const std::filesystem::path& path);
// The biases: (K) float32, what `convlens conv --bias` reads.
Status export_biases(const ConvResult& result, const std::filesystem::path& path);

}  // namespace convlens::model
