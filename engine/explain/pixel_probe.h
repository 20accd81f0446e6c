// The probe of one input pixel: which outputs read it and with which weights, through the border's copies too.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/conv/params.h"
#include "engine/core/tensor.h"

namespace convlens::explain {

// One way in which an output row (column) reads an input row (column).
struct AxisRead {
  std::int64_t output = 0;    // output row (column)
  int weight = 0;             // filter row (column) that multiplies it, flip resolved
  std::int64_t position = 0;  // where the tap stands: the pixel itself, or a padding cell that copies it
  bool operator==(const AxisRead&) const = default;
};

// Every read is a row of `rows` with a column of `cols`: rows.size() * cols.size() of them in each map of the pixel's
// group, and the same ones in each.
struct PixelReads {
  std::vector<AxisRead> rows;  // ascending by output, then by position
  std::vector<AxisRead> cols;
  std::int64_t count() const { return std::ssize(rows) * std::ssize(cols); }
};
// Of input row y in [0, H) and column x in [0, W).
PixelReads pixel_reads(const conv::Geometry& geometry, std::int64_t y, std::int64_t x);

// The filters that see input channel c: [first, first + count).
struct FilterRange {
  std::int64_t first = 0;
  std::int64_t count = 0;
};
FilterRange filters_of_channel(const conv::Geometry& geometry, std::int64_t c);

// What the pixel adds to output (k, p, q) before the activation, divided by its value: the sum of the weights by which
// that output reads it; 0 where it does not.
double influence(const conv::Geometry& geometry, ConstView weights, const PixelReads& reads, std::int64_t c,
                 std::int64_t k, std::int64_t p, std::int64_t q);

// The same for all outputs of map k that read it: rows from reads.rows.front().output on, columns likewise. A plane of
// (1,1,rows,cols), 0 in between; empty where nothing reads the pixel. It is the derivative of the map by the pixel.
struct Influence {
  std::int64_t first_row = 0, first_col = 0;
  Tensor plane;
};
Influence influence_map(const conv::Geometry& geometry, ConstView weights, const PixelReads& reads, std::int64_t c,
                        std::int64_t k);

// Lines for people: how many reads, from which outputs, with which weights of map k.
std::string to_text(const PixelReads& reads, const conv::Geometry& geometry, ConstView weights, std::int64_t c,
                    std::int64_t y, std::int64_t x, std::int64_t k);

}  // namespace convlens::explain
