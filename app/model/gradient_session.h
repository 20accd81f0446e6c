// Why a gradient of the sample is what it is, off the frame thread: one weight's, one value's. The sample itself is
// sample_session's.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "app/model/newest_answer.h"
#include "app/model/sample_session.h"
#include "app/model/stack_look.h"
#include "engine/explain/loss_gradient.h"

namespace convlens::model {

// A weight of a convolution or dense layer.
struct WeightRef {
  std::size_t layer = 0;
  explain::WeightIndex at;
  bool operator==(const WeightRef&) const = default;
};
// Where it stands in a row of parameters; nothing where the run does not have it.
std::optional<std::int64_t> row_index(const TrainRun& run, const WeightRef& ref);

struct WeightReason {
  SampleFactsPtr facts;
  WeightRef weight;
  explain::WeightGradient why;
  StackLevelPtr products;  // to be drawn
};
using WeightReasonPtr = std::shared_ptr<const WeightReason>;

struct ValueReason {
  SampleFactsPtr facts;
  UnitRef value;
  explain::GradientSum why;
};
using ValueReasonPtr = std::shared_ptr<const ValueReason>;

class GradientSession {
 public:
  // `wake` is called on the workers; may be empty.
  explicit GradientSession(const std::function<void()>& wake);
  // They send what differs from the last request and never wait. The facts have the weight or value.
  void follow(const SampleFactsPtr& facts, const WeightRef& weight);
  void follow(const SampleFactsPtr& facts, const UnitRef& value);
  bool collect();
  // The newest, possibly of an older request; null before the first.
  WeightReasonPtr weight() const { return weights_.value().value_or(nullptr); }
  ValueReasonPtr value() const { return values_.value().value_or(nullptr); }

 private:
  template <class Ref>
  struct Key {
    std::uint64_t generation = 0;  // of the facts' result
    Ref ref;
    bool operator==(const Key&) const = default;
  };
  template <class Ref>
  struct Job {
    SampleFactsPtr facts;
    Ref ref;
  };
  std::uint64_t versions_ = 0;  // the worker's own
  NewestAnswer<Key<WeightRef>, Job<WeightRef>, WeightReasonPtr> weights_;
  NewestAnswer<Key<UnitRef>, Job<UnitRef>, ValueReasonPtr> values_;
};

}  // namespace convlens::model
