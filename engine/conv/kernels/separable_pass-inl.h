// The two passes of the separable kernel: down the columns of a picture into lines, along the lines into outputs. The
// inner loops only; which rows and columns they are given is not known here.

#if defined(CONVLENS_SEPARABLE_PASS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVLENS_SEPARABLE_PASS_INL_H_
#undef CONVLENS_SEPARABLE_PASS_INL_H_
#else
#define CONVLENS_SEPARABLE_PASS_INL_H_
#endif

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "engine/conv/kernels/activation-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convlens::conv {
namespace HWY_NAMESPACE {
namespace separable {
namespace hn = hwy::HWY_NAMESPACE;

inline constexpr int kLanes = static_cast<int>(hn::MaxLanes(hn::ScalableTag<float>()));

// Sums held in registers: 24 of 32, 12 of 16, or 8 of 16 where a product needs a register of its own.
#if HWY_ARCH_X86 && HWY_TARGET > HWY_AVX2
inline constexpr int kSums = 8;
#elif HWY_ARCH_X86 && HWY_TARGET > HWY_AVX3
inline constexpr int kSums = 12;
#else
inline constexpr int kSums = 24;
#endif
// Lines computed together: every picture row is loaded once for all of them.
inline constexpr int kLines = 4;
constexpr int max_down_vectors(int lines) { return lines == 1 ? 6 : kSums / lines; }
inline constexpr int kAlongVectors = 6;

// lines[t][i] = sum over r of weights[r] * rows[t + r][i], for T lines and V vectors of columns. The T rows after those
// that are read are fetched for the next lines.
template <int T, int V>
HWY_NOINLINE void down_tile(const float* const* HWY_RESTRICT rows, std::int64_t x, const float* HWY_RESTRICT weights,
                            std::int64_t taps, float* HWY_RESTRICT lines, std::int64_t pitch) {
  const hn::ScalableTag<float> d;
  using Vec = hn::Vec<decltype(d)>;
  Vec sums[T][V];
  HWY_UNROLL(4)
  for (int t = 0; t < T; ++t) {
    HWY_UNROLL(8)
    for (int v = 0; v < V; ++v) sums[t][v] = hn::Zero(d);
  }
  const auto add_row = [&](std::int64_t i, std::int64_t lo, std::int64_t hi) HWY_ATTR {
    const float* row = rows[i] + x;
    Vec values[V];
    HWY_UNROLL(8)
    for (int v = 0; v < V; ++v) values[v] = hn::LoadU(d, row + v * kLanes);
    HWY_UNROLL(4)
    for (int t = 0; t < T; ++t) {
      if (t < lo || t > hi) continue;
      const auto weight = hn::Set(d, weights[i - t]);
      HWY_UNROLL(8)
      for (int v = 0; v < V; ++v) sums[t][v] = hn::MulAdd(values[v], weight, sums[t][v]);
    }
  };
  // Rows at both ends belong to some of the lines only.
  const std::int64_t rows_read = taps + T - 1;
  std::int64_t i = 0;
  for (; i < std::min<std::int64_t>(T - 1, rows_read); ++i) add_row(i, std::max<std::int64_t>(0, i - taps + 1), i);
  for (; i < taps; ++i) add_row(i, 0, T - 1);
  for (; i < rows_read; ++i) add_row(i, i - taps + 1, T - 1);
  HWY_UNROLL(4)
  for (int t = 0; t < T; ++t) {
    const float* next = rows[rows_read + t] + x;
    HWY_UNROLL(8)
    for (int v = 0; v < V; ++v) hwy::Prefetch(next + v * kLanes);
    HWY_UNROLL(8)
    for (int v = 0; v < V; ++v) hn::StoreU(sums[t][v], d, lines + t * pitch + x + v * kLanes);
  }
}

using DownTile = void (*)(const float* const*, std::int64_t, const float*, std::int64_t, float*, std::int64_t);

template <int T, int... V>
DownTile pick_down(std::int64_t vectors, std::integer_sequence<int, V...>) {
  constexpr std::array<DownTile, sizeof...(V)> kTiles = {down_tile<T, V + 1>...};
  return kTiles[static_cast<std::size_t>(vectors - 1)];
}

// The first pass for columns [begin, end) of T lines; lines[x] belongs to column x, rows and lines alike.
template <int T>
void pass_down(const float* const* rows, std::int64_t begin, std::int64_t end, const float* weights, std::int64_t taps,
               float* lines, std::int64_t pitch) {
  constexpr int kMost = max_down_vectors(T);
  const std::int64_t vectors = (end - begin) / kLanes;
  const std::int64_t tiles = (vectors + kMost - 1) / kMost;
  for (std::int64_t i = 0; i < tiles; ++i) {
    const std::int64_t first = vectors * i / tiles;
    const std::int64_t count = vectors * (i + 1) / tiles - first;
    pick_down<T>(count, std::make_integer_sequence<int, kMost>())(rows, begin + first * kLanes, weights, taps, lines,
                                                                  pitch);
  }
  const std::int64_t rest = begin + vectors * kLanes;
  if (rest == end) return;
  if (vectors > 0) {
    // Some columns twice rather than one beyond the end.
    down_tile<T, 1>(rows, end - kLanes, weights, taps, lines, pitch);
    return;
  }
  for (int t = 0; t < T; ++t) {
    for (std::int64_t x = rest; x < end; ++x) {
      float sum = 0;
      for (std::int64_t r = 0; r < taps; ++r) sum += weights[r] * rows[t + r][x];
      lines[t * pitch + x] = sum;
    }
  }
}

// What the second pass adds up for one row of outputs.
struct Along {
  const float* lines;       // of the first term
  std::int64_t term_pitch;  // from one term's line to the next
  std::int64_t terms;
  const std::int64_t* offsets;  // of the taps along a line
  std::int64_t taps;
  // For lines that are not split into phases: one word for each 16 columns, bit j for a tap 16 i + j columns on. Null
  // otherwise.
  const std::int64_t* tap_bits;
  std::int64_t tap_words;
  const float* weights;  // [terms][weight_pitch]
  std::int64_t weight_pitch;
  float bias;
  bool add;  // to what the outputs hold; the bias is in them already
  bool relu;
  bool stream;  // past the caches, where a tile is whole vectors on aligned outputs
};

#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
// Lanes of `low` from J on, then the first J of `high`. Sixteen of these cost a third of loading sixteen vectors that
// straddle cache lines.
template <int J, class Vec>
HWY_INLINE Vec shifted(Vec low, Vec high) {
  if constexpr (J == 0) return low;
  return Vec{_mm512_castsi512_ps(_mm512_alignr_epi32(_mm512_castps_si512(high.raw), _mm512_castps_si512(low.raw), J))};
}

// Adds the taps at J of one word and, by recursion, those after it.
template <int J, int V, class Vec>
HWY_INLINE void add_taps(std::int64_t bits, const Vec (&values)[V + 1], const float* HWY_RESTRICT& weights,
                         Vec (&sums)[V]) {
  if constexpr (J < kLanes) {
    if (bits >> J & 1) {
      const auto weight = hn::Set(hn::ScalableTag<float>(), *weights++);
      HWY_UNROLL(8)
      for (int v = 0; v < V; ++v) sums[v] = hn::MulAdd(shifted<J>(values[v], values[v + 1]), weight, sums[v]);
    }
    add_taps<J + 1>(bits, values, weights, sums);
  }
}
#endif

// sums[v] += sum over s of weights[s] * line[offsets[s] + v], the line unsplit or in phases.
template <int V, class Vec>
HWY_INLINE void add_line(const Along& a, const float* HWY_RESTRICT line, const float* HWY_RESTRICT weights,
                         Vec (&sums)[V]) {
  const hn::ScalableTag<float> d;
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
  if (a.tap_bits) {
    for (std::int64_t word = 0; word < a.tap_words; ++word, line += kLanes) {
      Vec values[V + 1];
      HWY_UNROLL(8)
      for (int v = 0; v <= V; ++v) values[v] = hn::LoadU(d, line + v * kLanes);
      add_taps<0>(a.tap_bits[word], values, weights, sums);
    }
    return;
  }
#endif
  const std::int64_t* HWY_RESTRICT offsets = a.offsets;
  for (std::int64_t s = 0; s < a.taps; ++s) {
    const float* from = line + offsets[s];
    const auto weight = hn::Set(d, weights[s]);
    HWY_UNROLL(8)
    for (int v = 0; v < V; ++v) sums[v] = hn::MulAdd(hn::LoadU(d, from + v * kLanes), weight, sums[v]);
  }
}

template <int V>
HWY_NOINLINE void along_tile(const Along& a, std::int64_t q, std::int64_t columns, float* out) {
  const hn::ScalableTag<float> d;
  using Vec = hn::Vec<decltype(d)>;
  HWY_ALIGN float partial[V * kLanes];
  const bool is_whole = columns == V * kLanes;
  float* at = is_whole ? out + q : partial;
  if (!is_whole && a.add) std::memcpy(partial, out + q, static_cast<std::size_t>(columns) * sizeof(float));

  Vec sums[V];
  HWY_UNROLL(8)
  for (int v = 0; v < V; ++v) sums[v] = a.add ? hn::LoadU(d, at + v * kLanes) : hn::Set(d, a.bias);
  for (std::int64_t term = 0; term < a.terms; ++term) {
    add_line(a, a.lines + term * a.term_pitch + q, a.weights + term * a.weight_pitch, sums);
  }
  if (a.relu) {
    HWY_UNROLL(8)
    for (int v = 0; v < V; ++v) sums[v] = Relu()(d, sums[v]);
  }
  if (is_whole && a.stream) {
    HWY_UNROLL(8)
    for (int v = 0; v < V; ++v) hn::Stream(sums[v], d, at + v * kLanes);
    return;
  }
  HWY_UNROLL(8)
  for (int v = 0; v < V; ++v) hn::StoreU(sums[v], d, at + v * kLanes);
  if (!is_whole) std::memcpy(out + q, partial, static_cast<std::size_t>(columns) * sizeof(float));
}

using AlongTile = void (*)(const Along&, std::int64_t, std::int64_t, float*);

template <int... V>
AlongTile pick_along(std::int64_t vectors, std::integer_sequence<int, V...>) {
  constexpr std::array<AlongTile, sizeof...(V)> kTiles = {along_tile<V + 1>...};
  return kTiles[static_cast<std::size_t>(vectors - 1)];
}

// out[q] for q in [0, columns). Reads up to a vector beyond the lines' last column.
inline void pass_along(const Along& a, std::int64_t columns, float* out) {
  const std::int64_t vectors = (columns + kLanes - 1) / kLanes;
  const std::int64_t tiles = (vectors + kAlongVectors - 1) / kAlongVectors;
  for (std::int64_t i = 0; i < tiles; ++i) {
    const std::int64_t begin = vectors * i / tiles;
    const std::int64_t end = vectors * (i + 1) / tiles;
    pick_along(end - begin, std::make_integer_sequence<int, kAlongVectors>())(
        a, begin * kLanes, std::min(columns, end * kLanes) - begin * kLanes, out);
  }
}

}  // namespace separable
}  // namespace HWY_NAMESPACE
}  // namespace convlens::conv
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
