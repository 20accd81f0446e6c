// Names of the colour maps, for fields and sessions. The colours themselves are the view's.
#pragma once

#include <array>

#include "app/model/fields.h"

namespace convlens::model {

// Zero-centred, neutral in the middle: feature maps.
inline constexpr std::array<FieldChoice, 3> kSignedColormaps{{
    {"red-blue", "Red–blue", "negative blue, zero white, positive red"},
    {"blue-orange", "Blue–orange", "negative blue, zero dark, positive orange"},
    {"grey-signed", "Grey", "negative black, zero middle grey, positive white"},
}};

// Zero-centred: filter weights. Disjoint from the maps' colours, so that the two are never taken for each other.
inline constexpr std::array<FieldChoice, 2> kWeightColormaps{{
    {"purple-green", "Purple–green", "negative purple, zero white, positive green"},
    {"brown-teal", "Brown–teal", "negative brown, zero white, positive teal"},
}};

// Perceptually uniform, from low to high: maps that are never negative.
inline constexpr std::array<FieldChoice, 4> kUnsignedColormaps{{
    {"viridis", "Viridis", "dark violet to yellow, even steps of lightness"},
    {"cividis", "Cividis", "dark blue to yellow, the same with any colour vision"},
    {"magma", "Magma", "black over purple to pale yellow"},
    {"grey", "Grey", "black to white"},
}};

}  // namespace convlens::model
