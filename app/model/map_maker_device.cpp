// The accelerator's part of a job: maps that are shown from where they were made, and read back behind that.
#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "app/model/map_maker.h"
#include "app/model/map_maker_plan.h"
#include "app/model/outliers.h"

namespace convlens::model {
namespace {

MapStats to_stats(const conv::DeviceStats& told) {
  return {.min = told.min,
          .max = told.max,
          .mean = told.mean,
          .standard_deviation = told.standard_deviation,
          .not_finite = told.not_finite,
          .bulk = bulk_of_samples(told.samples, std::max(std::abs(told.min), std::abs(told.max)))};
}

// Squares of very large values are beyond the device's floats: such maps wait for the processor's statistics.
bool is_told(const conv::DeviceStats& stats) {
  return std::isfinite(stats.mean) && std::isfinite(stats.standard_deviation);
}

}  // namespace

bool MapMaker::has_accelerator() {
  if (!accelerator_ && !no_accelerator_) {
    auto made = make_accelerator_ ? make_accelerator_() : Error{"this program was started without a GPU"};
    if (made) {
      accelerator_ = std::move(*made);
      accelerator_revision_ = accelerator_->revision();
    } else {
      no_accelerator_ = GpuRefusal{made.error().message, true};
    }
  }
  if (accelerator_ && accelerator_->revision() != accelerator_revision_) {
    accelerator_revision_ = accelerator_->revision();
    maps_.clear();
  }
  return accelerator_ != nullptr;
}

void MapMaker::rest() {
  pool_->clear();
  conv::MapKeeper* keeper = accelerator_ ? accelerator_->keeper() : nullptr;
  if (keeper != nullptr) keeper->rest();
}

void MapMaker::give_up_device(Plan& plan, const Error& error) {
  plan.choice = {};
  plan.gpu_refusal = GpuRefusal{error.message};
  plan.computed = 0;
  plan.report = {};
}

// Names the values of the input: a picture never changes under its number.
std::uint64_t MapMaker::input_identity() const {
  return 8 * input_picture_->id + static_cast<std::uint64_t>(input_channels_) + 1;
}

// All filters at once: a GPU is not asked for a few.
Result<conv::Report> MapMaker::accelerate(const Plan& plan, View output, conv::Progress& progress) {
  return accelerator_->forward(plan.geometry, input_->tensor->view(), input_identity(),
                               weights_view(plan.weights, plan.geometry), plan.biases, output, &progress);
}

bool MapMaker::can_show_from_device(const Plan& plan) const {
  if (plan.choice.kernel != conv::kAcceleratorKernel) return false;
  const conv::MapKeeper* keeper = accelerator_->keeper();
  return keeper != nullptr && keeper->can_keep(plan.geometry.output_shape());
}

Status MapMaker::show_from_device(Plan& plan, const JobControl& control) {
  conv::MapKeeper& keeper = *accelerator_->keeper();
  const auto begin = Clock::now();
  auto kept = keeper.forward_and_keep(plan.geometry, input_->tensor->view(), input_identity(),
                                      weights_view(plan.weights, plan.geometry), plan.biases, &control.progress.call);
  if (!kept) return kept.error();
  const auto middle = Clock::now();
  const auto told = keeper.measure(*kept->maps, sample_step(plan.geometry.p * plan.geometry.q, plan.geometry.q));
  if (!told) return told.error();
  const auto end = Clock::now();
  plan.computed = static_cast<int>(maps_.size());
  plan.report = kept->report;
  times_.spans.push_back({JobTimes::Stage::kConvolve, begin, middle, plan.report.kernel, plan.computed});
  times_.spans.push_back({JobTimes::Stage::kReduce, middle, end, {}, plan.computed});

  const auto no_values = std::make_shared<const MapBlock>();
  for (std::size_t k = 0; k < maps_.size(); ++k) {
    maps_[k] = model::publish({.version = ++last_version_,
                               .generation = plan.job.generation,
                               .block = no_values,
                               .plane = static_cast<int>(k),
                               .device = kept->maps,
                               .stats = to_stats((*told)[k]),
                               .recipe = plan.recipes[k]});
  }
  plan.is_shown = std::ranges::all_of(*told, is_told);
  if (plan.is_shown) control.publish(snapshot(plan));
  return Done{};
}

Result<bool> MapMaker::make_on_device(Plan& plan, const JobControl& control) {
  if (const Status shown = show_from_device(plan, control); !shown) return shown.error();
  if (!control.may_go_on(plan.is_shown)) return false;

  const std::shared_ptr<MapBlock> block = pool_->take(plan.geometry.output_shape());
  const auto begin = Clock::now();
  const Status read = accelerator_->keeper()->read_back(*maps_.front()->device, block->values.view());
  if (!read) return read.error();
  const auto middle = Clock::now();
  if (control.progress.call.is_cancelled) return false;
  std::vector<MapStats> stats;
  measure_and_reduce(block->values, *parallel_, stats, block->levels);
  times_.spans.push_back({JobTimes::Stage::kReadBack, begin, middle, {}, plan.computed});
  times_.spans.push_back({JobTimes::Stage::kReduce, middle, Clock::now(), {}, plan.computed});
  for (std::size_t k = 0; k < maps_.size(); ++k) {
    FeatureMap whole = *maps_[k];  // under the same version: the values are those that are shown
    whole.block = block;
    whole.stats = stats[k];
    plan.made[k] = maps_[k] = model::publish(std::move(whole));
  }
  return true;
}

}  // namespace convlens::model
