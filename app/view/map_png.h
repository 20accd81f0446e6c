// A feature map as a PNG file, in the colours and at the range it is shown with, one pixel per value.
#pragma once

#include <filesystem>

#include "app/model/conv_session.h"
#include "app/view/colormap.h"
#include "engine/core/error.h"

namespace convlens::view {

// map in [0,K). Error, too: it is not computed yet.
Status write_map_png(const model::ConvResult& result, int map, const Colormap& colours, const ValueRange& range,
                     const std::filesystem::path& path);

}  // namespace convlens::view
