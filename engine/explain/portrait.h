// A filter slice in words: its rank, its sum, the named filter it resembles, what it passes, its symmetry. Every word
// stands on a number that is given too.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/tensor.h"

namespace convlens::explain {

// A named filter in one of its turns.
struct Similarity {
  std::string_view name;   // as filters::find_preset() knows it
  std::string_view label;  // "Sobel x"
  int eighths = 0;         // turned counter-clockwise by eighths of a turn; odd ones for 3 x 3, where the ring turns
  bool is_negated = false;
  double cosine = 0;  // of the angle between the two as vectors of weights, in [0, 1]
};

enum class Passes {
  kNothing,    // every weight is 0
  kAll,        // every frequency alike
  kLow,        // slow changes; a blur
  kHigh,       // fine detail alone
  kHighBoost,  // everything, fine detail most; a sharpener
  kBand,       // what lies between: edges and stripes of one width
  kMixed,      // none of these
};
std::string_view to_string(Passes passes);  // "low-pass", ...

enum class Symmetry { kNone, kEven, kOdd };  // unchanged, or negated, when mirrored

struct Portrait {
  bool is_finite = true;  // where it is not, nothing below is meaningful
  double sum = 0;
  double absolute_sum = 0;
  std::vector<double> singular_values;  // largest first
  int rank = 0;                         // singular values above float rounding
  double rank_one_error = 0;            // Frobenius norm of what the nearest rank-1 filter leaves, relative
  std::optional<Similarity> similar;    // the nearest named filter, however far; none where all weights are 0
  Passes passes = Passes::kNothing;
  Symmetry left_right = Symmetry::kNone;
  Symmetry top_bottom = Symmetry::kNone;
  bool is_turnable = false;  // unchanged by a quarter turn
};

// Of slice (k, c) of the weights (K,C/groups,R,S).
Portrait portrait_of(ConstView weights, std::int64_t k, std::int64_t c);

// "rank 1: two 1-D passes would do, 3 + 3 = 6 products in place of 9", "94 % Sobel x", "sums to 0: blind to flat
// areas": one statement each, the most telling first. Likenesses below 80 % are not mentioned.
std::vector<std::string> in_words(const Portrait& portrait, std::int64_t rows, std::int64_t cols);

// Whether all slices of filter k are one pattern times a factor for each channel: the factors, relative to the
// largest, such as 0.30 0.59 0.11 for an eye's grey or 1 -1 0 for red against green. Empty where they are not.
std::vector<double> channel_mix(ConstView weights, std::int64_t k);

}  // namespace convlens::explain
