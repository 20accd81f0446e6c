// What each input channel adds to one map, as pictures: computed off the frame thread, for the map that is looked into.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/model/conv_result.h"
#include "app/model/newest_answer.h"
#include "app/model/reduce.h"
#include "engine/core/tensor.h"

namespace convlens::model {

// Immutable. Plane i is the part of channel i of the filter's group, before bias and activation; the last plane is
// their sum.
struct PartialMaps {
  ConvResultPtr result;  // whose input, weights and geometry these are
  int filter = 0;
  std::uint64_t version = 0;  // no two share it
  Tensor planes;              // (1, C/groups + 1, P, Q)
  std::vector<Tensor> levels;
  std::vector<MapStats> stats;  // one per plane
  int channels() const { return static_cast<int>(planes.shape().c) - 1; }
};
using PartialMapsPtr = std::shared_ptr<const PartialMaps>;

struct PartialMapsJob {
  ConvResultPtr result;
  int filter = 0;
};

class PartialMapMaker {
 public:
  // `wake` is called on the worker and may be empty.
  explicit PartialMapMaker(std::function<void()> wake);

  // Asks for them unless they are there or under way. Never waits.
  void want(const ConvResultPtr& result, int filter);
  // Nobody looks at them any more: lets the memory go.
  void forget() { answer_.forget(); }
  // Once a frame: whether others are there than before.
  bool collect() { return answer_.collect(); }
  // The newest; of older settings, or of another filter, until those that were asked for are there. May be null.
  PartialMapsPtr newest() const { return answer_.value().value_or(nullptr); }
  // Why there are none; empty where there are.
  const std::string& complaint() const { return answer_.complaint(); }
  bool is_busy() const { return answer_.is_busy(); }

 private:
  struct Key {
    ConvResultPtr result;
    int filter = 0;
    bool operator==(const Key&) const = default;
  };
  NewestAnswer<Key, PartialMapsJob, PartialMapsPtr> answer_;
};

}  // namespace convlens::model
