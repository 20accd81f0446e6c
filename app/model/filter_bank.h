// Edits of the filter bank as plain functions, and matrices as text. All keep the bank's invariant: every filter has
// channels * rows * cols finite weights, 1 to kMaxFilters filters.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/model/settings.h"
#include "engine/core/error.h"
#include "engine/filters/presets.h"

namespace convlens::model {

inline constexpr int kMaxFilters = 64;
inline constexpr int kMaxEditableKernel = 31;

// The centre weight 1/channels in every slice: the mean of the channels, unmoved.
Filter identity_filter(const FilterBank& bank);
// Restores the invariant above where something broke it: wrong counts are cut or padded with zeros, NaN and Inf become
// 0 (strength: 1), an empty bank gets an identity filter. True if anything had to be done.
bool repair_bank(FilterBank& bank);

// (1 - strength) * identity + strength * weights; what the engine is given and what the weight grid shows.
std::vector<float> effective_weights(const FilterBank& bank, const Filter& filter);
// Replaces the weights by the effective ones and sets strength to 1: the first step of editing a blended weight.
void bake_strength(const FilterBank& bank, Filter& filter);

// (K, C/groups, R, S) weights and K biases for the engine.
std::vector<float> packed_weights(const FilterBank& bank);
std::vector<float> packed_biases(const FilterBank& bank);

// Another number of input channels: 3 -> 1 sums the slices, 1 -> n divides by n, else keeps what fits.
void set_channels(FilterBank& bank, int channels);
// Another kernel size, the old weights centred: cropped, or padded with zeros.
void set_size(FilterBank& bank, int rows, int cols);

// Why no filter can be added or deleted (the bank is full, has one left, or groups need a multiple); empty where one
// can.
std::string cannot_add_filter(const ConvSettings& settings);
std::string cannot_delete_filter(const ConvSettings& settings);

// Index of the new filter; false / -1 where the bank is full or has one filter left.
int add_filter(FilterBank& bank, Filter filter);
int duplicate_filter(FilterBank& bank, int index);
bool delete_filter(FilterBank& bank, int index);
bool move_filter(FilterBank& bank, int from, int to);

// A preset in the bank's shape; the error says why it does not fit (odd sizes only, needs three channels, ...).
Result<Filter> preset_filter(const FilterBank& bank, std::string_view preset);
// The same with orientation, wavelength, phase and seed from `args`; its rows, cols and channels are the bank's.
Result<Filter> preset_filter(const FilterBank& bank, std::string_view preset, const filters::PresetArgs& args);

enum class FilterEdit {
  kNormalise,  // weights sum to 1, or, where they sum to about 0, sum of |w| becomes 1
  kNegate,
  kFlipHorizontal,
  kFlipVertical,
  kRotate90,   // clockwise; square filters only
  kTranspose,  // square filters only
  kRandomise,
  kZero
};
struct FilterEditName {
  std::string_view name;   // "rotate-90"
  std::string_view label;  // "Rotate 90°"
  std::string_view summary;
};
std::span<const FilterEditName> filter_edit_names();  // indexed by FilterEdit
// seed is used by kRandomise only. Error: needs a square filter.
Status apply_edit(const FilterBank& bank, Filter& filter, FilterEdit edit, std::uint64_t seed);

// A matrix from a web page, NumPy, MATLAB, C or LaTeX: rows of numbers, fractions such as 1/9 and a leading factor
// understood; one or three stacked matrices. rows/cols/channels are what the text holds.
struct Matrix {
  int channels = 1;
  int rows = 0;
  int cols = 0;
  std::vector<float> values;
};
Result<Matrix> parse_matrix(std::string_view text);
// "[[-1, 0, 1],\n [-2, 0, 2],\n [-1, 0, 1]]": shortest digits that read back to the same floats; pastes into NumPy.
std::string format_matrix(const FilterBank& bank, const Filter& filter);
// Puts a pasted matrix into filter `index`, changing the bank's size to the matrix's (other filters are centred).
Status paste_matrix(FilterBank& bank, int index, const Matrix& matrix);

// "sum 0: blind to flat areas", "sum 1: keeps brightness", "sum 9: brightens 9 times"
std::string describe_sum(const FilterBank& bank, const Filter& filter);

}  // namespace convlens::model
