// One convolution for each channel, then their sum. The parts are engine/explain's.
#include "app/model/partial_maps.h"

#include <algorithm>
#include <utility>

#include "app/model/kept_parallel.h"
#include "engine/conv/conv.h"
#include "engine/explain/probe.h"

namespace convlens::model {
namespace {

// The values of plane `c` as a tensor view of its own.
View plane_view(Tensor& planes, std::int64_t c) {
  const Shape& shape = planes.shape();
  return dense_view(planes.view().plane(0, c), Shape{1, 1, shape.h, shape.w});
}

void add_planes(Tensor& planes) {
  const std::int64_t channels = planes.shape().c - 1;
  const std::int64_t size = planes.shape().h * planes.shape().w;
  float* sum = planes.view().plane(0, channels);
  std::copy_n(planes.view().plane(0, 0), size, sum);
  for (std::int64_t c = 1; c < channels; ++c) {
    const float* part = planes.view().plane(0, c);
    for (std::int64_t i = 0; i < size; ++i) sum[i] += part[i];
  }
}

// Keeps scratch memory between jobs; lives on the worker.
class Maker {
 public:
  std::optional<Result<PartialMapsPtr>> make(const PartialMapsJob& job, const std::atomic<bool>& is_stale) {
    const ConvResult& from = *job.result;
    const conv::Geometry& g = from.geometry;
    auto maps = std::make_shared<PartialMaps>();
    maps->result = job.result;
    maps->filter = job.filter;
    maps->version = ++version_;
    maps->planes = Tensor::uninitialized({1, g.channels_per_group() + 1, g.p, g.q});
    const Parallel& parallel = parallel_.use(from.settings.threads);
    const ConstView weights = dense_view<const float>(from.weights.data(), g.weights_shape());
    for (std::int64_t c = 0; c < g.channels_per_group(); ++c) {
      if (is_stale) return std::nullopt;
      const explain::PartialMap part = explain::partial_map(g, from.input->view(), weights, 0, job.filter, c);
      const auto report = conv::forward(part.geometry, part.input, part.weights, {}, plane_view(maps->planes, c), {},
                                        workspace_, parallel);
      if (!report) return report.error();
    }
    if (is_stale) return std::nullopt;
    add_planes(maps->planes);
    measure_and_reduce(maps->planes, parallel, maps->stats, maps->levels);
    return PartialMapsPtr(std::move(maps));
  }

 private:
  conv::Workspace workspace_;
  KeptParallel parallel_;
  std::uint64_t version_ = 0;
};

}  // namespace

PartialMapMaker::PartialMapMaker(std::function<void()> wake)
    : answer_(std::move(wake), [maker = std::make_shared<Maker>()](const PartialMapsJob& job, const auto& is_stale) {
        return maker->make(job, is_stale);
      }) {}

void PartialMapMaker::want(const ConvResultPtr& result, int filter) {
  if (!result || !result->input || filter < 0 || filter >= result->geometry.k) return;
  answer_.ask({result, filter}, {result, filter});
}

}  // namespace convlens::model
