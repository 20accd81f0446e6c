// What a layer of a running network is: forward and backward on buffers that were planned once. Internal to engine/nn.
#pragma once

#include <cstdint>

#include "engine/conv/row_products.h"
#include "engine/core/parallel.h"
#include "engine/core/tensor.h"

namespace convlens::nn {

// What a pass through the network is given.
struct Pass {
  std::int64_t n = 0;  // images of this batch
  bool is_training = false;
  std::uint64_t seed = 0;
  std::uint64_t step = 0;
  const Parallel* parallel = nullptr;
  // Inference on so few images that threads share the work inside one.
  bool is_split = false;
};

// Images [begin, end) of the batch. Chunks are cut by the batch's size alone, never by the number of threads.
struct Piece {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t chunk = 0;
  int worker = 0;  // chooses scratch memory

  std::int64_t count() const { return end - begin; }
};

// Images that one thread takes through several layers while they are in its cache.
inline constexpr std::int64_t kChunkImages = 8;
constexpr std::int64_t chunks_of(std::int64_t n) { return (n + kChunkImages - 1) / kChunkImages; }

// A layer's output for a batch, channels last: value (y, x, c) of a sample stands at (y * w + x) * c_count + c. The
// rest of a sample's stride holds zeros, so that its values may be read as whole rows of conv::kRowUnit.
struct Buffer {
  std::int64_t c = 0, h = 0, w = 0;
  bool is_flat = false;  // one row of features; in PyTorch's order (y, x, c) is number (c * h + y) * w + x of them
  std::int64_t stride = 0;
  float* values = nullptr;
  float* gradients = nullptr;    // d loss / d value, the same layout
  bool wants_gradients = false;  // whether anything before it learns
  // Nobody looks at the values (gradients) outside of the chunk, so that each worker may reuse its own few samples: of
  // the values where nothing is learnt, of the gradients always.
  bool has_local_values = false;
  bool has_local_gradients = false;

  std::int64_t size() const { return c * h * w; }
  float* value(const Pass& pass, const Piece& piece, std::int64_t i) const {
    return values + index(piece, i, has_local_values && !pass.is_training) * stride;
  }
  float* gradient(const Piece& piece, std::int64_t i) const {
    return gradients + index(piece, i, has_local_gradients) * stride;
  }

 private:
  static std::int64_t index(const Piece& piece, std::int64_t i, bool is_local) {
    return is_local ? piece.worker * kChunkImages + i : piece.begin + i;
  }
};

// One row of kRowUnit beyond the values: kernels may read a vector past the end.
constexpr std::int64_t buffer_stride(std::int64_t size) { return conv::whole_rows(size) + conv::kRowUnit; }

class Layer {
 public:
  virtual ~Layer() = default;

  // Called before a pass when parameters may have changed: packs weights. Single tasks, no order among layers.
  virtual void prepare() {}

  // True where a pass needs the whole batch at once; it is then called once with all images and may loop in parallel.
  // Otherwise it is called for each chunk, several at a time.
  virtual bool needs_whole_batch(const Pass&) const { return false; }

  // Reads the input's values, writes the output's.
  virtual void forward(const Pass& pass, const Piece& piece) = 0;
  // Reads (and may alter) the output's gradients; writes the input's, if there is a place for them, and whatever sums
  // the parameters' gradients are made from.
  virtual void backward(const Pass& pass, const Piece& piece) = 0;

  // Whether gradient_task() reads the gradients at the output.
  virtual bool keeps_output_gradients() const { return false; }
  // After backward() of all layers: independent tasks that write the parameters' gradients.
  virtual std::int64_t gradient_tasks(const Pass&) const { return 0; }
  virtual void gradient_task(const Pass&, std::int64_t, int) {}
};

}  // namespace convlens::nn
