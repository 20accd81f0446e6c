// Flow A: convolutions off the frame thread. One job runs, one waits; a newer request replaces the waiting one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "app/model/conv_result.h"
#include "engine/conv/accelerator.h"

namespace convlens::model {

class ConvSession {
 public:
  // All are called on the worker and may be empty: `wake` after every result, `before_job` before every job,
  // `accelerator` once, when the kernel "glsl" is first asked for.
  explicit ConvSession(std::function<void()> wake, std::function<void(const ConvJob&)> before_job = {},
                       conv::AcceleratorFactory accelerator = {});
  ~ConvSession();

  // Never waits. Returns the generation given to the request. A long job computes the maps that are looked at first;
  // the rest of it gives way at once.
  std::uint64_t request(PicturePtr picture, const ConvSettings& settings);
  // The maps on the screen, the most important first.
  void look_at(std::span<const int> maps);
  bool is_busy() const;
  // Fraction of the running job in [0,1], and for how long it has run; for the progress in the status bar.
  float progress() const;
  double running_seconds() const;

  struct Outcome {
    std::uint64_t generation = 0;
    Result<ConvResultPtr> result;
  };
  // The newest that has not been taken: a whole result, a part of one, or why there is none.
  std::optional<Outcome> take();
  // When the worker did what, of each job that ended since the last call; the newest kTimesKept of them.
  static constexpr std::size_t kTimesKept = 256;
  std::vector<JobTimes> take_times();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace convlens::model
