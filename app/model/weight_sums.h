// The probe of the weight that is pointed at: its sum goes over every position, so it is taken off the frame thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "app/model/conv_result.h"
#include "app/model/latest_worker.h"
#include "engine/explain/weight_probe.h"

namespace convlens::model {

struct WeightSum {
  ConvResultPtr result;  // whose input was summed
  explain::WeightProbe probe;
};

class WeightSums {
 public:
  // `wake` is called on the worker and may be empty.
  explicit WeightSums(std::function<void()> wake) : wake_(std::move(wake)) {}

  // The sum for this weight of this result as far as it is known; asks for it where it is not. Never waits.
  const WeightSum* find(const ConvResultPtr& result, const explain::WeightIndex& at);
  // Once a frame: whether another is there than before.
  bool collect();
  bool is_busy() const { return worker_ && worker_->is_busy(); }

 private:
  struct Job {
    ConvResultPtr result;
    explain::WeightIndex at;
  };
  using Worker = LatestWorker<Job, WeightSum>;

  std::function<void()> wake_;
  Job wanted_;
  std::optional<WeightSum> newest_;
  std::unique_ptr<Worker> worker_;  // starts with the first wish
};

}  // namespace convlens::model
