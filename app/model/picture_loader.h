// Loads pictures off the frame thread; the newest request wins. Keeps the last few so that undo is immediate.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/model/settings.h"
#include "engine/core/error.h"
#include "engine/core/tensor.h"

namespace convlens::model {

// An opened picture, immutable once published. pixels (1,C,H,W), C = 1 or 3, nominally in [0,1].
struct LoadedPicture {
  PictureRef ref;
  Tensor pixels;
  std::string title;     // "astronaut.png", "Scene"
  std::string details;   // "512 × 512, RGB, 8 bit PNG"
  std::uint64_t id = 0;  // grows with every load: the key of GPU copies
  // Reduced copies for display: levels[i] is pixels box-averaged by 4^(i+1); the last is at most 256 pixels a side.
  // See reduce.h.
  std::vector<Tensor> levels;
};
using PicturePtr = std::shared_ptr<const LoadedPicture>;

// "astronaut.png", "Scene", "pasted-1".
std::string picture_title(const PictureRef& ref);

class PictureLoader {
 public:
  // `wake` is called from the worker after every result (for glfwPostEmptyEvent); may be empty.
  explicit PictureLoader(std::function<void()> wake);
  ~PictureLoader();

  // Never waits. Returns the request's number, which its outcome carries. `reload` reads the file again even if the
  // picture is among the last few.
  std::uint64_t request(const PictureRef& ref, bool reload = false);
  // Encoded bytes (PNG, JPEG, ...) from the clipboard; loaded under a new "pasted-N" name and kept for undo.
  std::uint64_t request_pasted(std::vector<std::uint8_t> bytes);
  bool is_busy() const;
  // The picture if it is among the last few; null otherwise.
  PicturePtr cached(const PictureRef& ref) const;

  struct Outcome {
    std::uint64_t request = 0;
    PictureRef ref;
    Result<PicturePtr> picture;
  };
  std::optional<Outcome> take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace convlens::model
