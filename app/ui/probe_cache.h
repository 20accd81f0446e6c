// The probe that a panel shows, kept for as long as it stays the same.
#pragma once

#include <optional>
#include <vector>

#include "app/model/conv_result.h"
#include "app/model/probe_state.h"
#include "engine/explain/probe.h"

namespace convlens::ui {

class ProbeCache {
 public:
  // `pin` lies inside the maps of `result`, which has its input.
  const explain::Probe& get(const model::ConvResultPtr& result, const model::Pin& pin);
  // Of the probe that was got last.
  const std::vector<explain::SumStep>& steps() const { return steps_; }
  // Grows with every other probe.
  std::uint64_t version() const { return version_; }

 private:
  model::ConvResultPtr result_;
  model::Pin pin_;
  std::optional<float> value_;
  std::optional<explain::Probe> probe_;
  std::vector<explain::SumStep> steps_;
  std::uint64_t version_ = 0;
};

}  // namespace convlens::ui
