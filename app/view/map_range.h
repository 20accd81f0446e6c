// Which colour map and which range a feature map is shown with: from the activation and the settings, not from pixels.
#pragma once

#include <span>

#include "app/model/conv_session.h"
#include "app/model/settings.h"
#include "app/view/colormap.h"
#include "engine/conv/params.h"

namespace convlens::view {

// Whether the activation's outputs are >= 0 whatever its input (ReLU, sigmoid, softplus, abs).
bool is_never_negative(conv::Activation activation);

// Name of the field that chooses the colour map in use: "view/unsigned_colormap" where no value can be negative,
// "view/map_colormap" otherwise.
std::string_view map_colormap_field(conv::Activation activation);
const Colormap& map_colormap(const model::ViewSettings& view, conv::Activation activation);

// Narrowest range that holds all of `stats`; {0, 0} for none.
ValueRange value_extent(std::span<const model::MapStats> stats);

// The range that map `index` of `stats` is coloured with; `global` is the widest extent seen, for RangeMode::kGlobal.
// With view.clip_outliers kPerMap and kLayer reach only as far as the bulk of the values.
// Diverging maps are symmetric about zero in every mode: a fixed range then shows its larger end on both sides.
ValueRange map_range(const model::ViewSettings& view, const Colormap& map, std::span<const model::MapStats> stats,
                     int index, const ValueRange& global);

}  // namespace convlens::view
