// The probe of the weight that is pointed at: its sum goes over every position, so it is taken off the frame thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/model/conv_result.h"
#include "app/model/newest_answer.h"
#include "engine/explain/weight_probe.h"

namespace convlens::model {

struct WeightSum {
  ConvResultPtr result;  // whose input was summed
  explain::WeightProbe probe;
};

class WeightSums {
 public:
  // `wake` is called on the worker and may be empty.
  explicit WeightSums(std::function<void()> wake);

  // The sum for this weight of this result as far as it is known; asks for it where it is not. Never waits.
  const WeightSum* find(const ConvResultPtr& result, const explain::WeightIndex& at);
  // Once a frame: whether another is there than before.
  bool collect() { return answer_.collect(); }
  // Why there is none; empty where there is.
  const std::string& complaint() const { return answer_.complaint(); }
  bool is_busy() const { return answer_.is_busy(); }

 private:
  struct Job {
    ConvResultPtr result;
    explain::WeightIndex at;
  };
  // What is multiplied depends on the picture and the geometry, not on any weight.
  struct Key {
    std::shared_ptr<const Tensor> input;
    conv::Geometry geometry;
    explain::WeightIndex at;
    bool operator==(const Key&) const = default;
  };
  NewestAnswer<Key, Job, WeightSum> answer_;
};

}  // namespace convlens::model
