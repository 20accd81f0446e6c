// From values to textures: which parts are shown, in which range, and the pictures of those tiles that can be seen,
// made again when what they show has changed.
#include <algorithm>
#include <functional>
#include <tuple>
#include <utility>

#include "app/model/filter_health.h"
#include "app/ui/train_filter_tiles.h"
#include "engine/nn/network.h"

namespace convlens::ui {
namespace {

constexpr std::size_t kMostMeasured = 400'000;  // weights of a layer that are looked through for the range
constexpr std::int64_t kMostSlices = 4;         // that are shown where nobody asks for slices or means

}  // namespace

std::span<const float> FilterTiles::values_of(const FilterScene& scene, FilterPart part, std::int64_t filter) {
  const model::TrainRun& run = *run_;
  const auto of = [&](const model::ParameterRow& row) { return model::filter_weights(run, *row, layer_, filter); };
  const auto minus = [&](std::span<const float> a, std::span<const float> b) -> std::span<const float> {
    scratch_.resize(a.size());
    std::transform(a.begin(), a.end(), b.begin(), scratch_.begin(), std::minus());
    return scratch_;
  };
  switch (part) {
    case FilterPart::kWeights:
      return of(scene.moment.values);
    case FilterPart::kGradient:
      return of(scene.moment.gradients);
    case FilterPart::kChange:
      return minus(of(scene.moment.values), of(run.first_values));
    case FilterPart::kOther:
      return of(scene.view.other->values);
    case FilterPart::kDifference:
      return minus(of(scene.moment.values), of(scene.view.other->values));
    case FilterPart::kResponse:
      break;
  }
  return {};
}

const Tensor* FilterTiles::maps_of(const FilterScene& scene) const {
  if (!scene.facts || !scene.facts->result || !scene.facts->result->has(layer_ + 1)) return nullptr;
  const Tensor& maps = scene.facts->result->levels[layer_ + 1]->maps;
  return maps.shape().c == filters_ ? &maps : nullptr;
}

float FilterTiles::reach_of(const FilterScene& scene, FilterPart part) {
  const auto each = static_cast<std::size_t>(form_.size());
  const std::int64_t step = 1 + static_cast<std::int64_t>(each * static_cast<std::size_t>(filters_) / kMostMeasured);
  float reach = 0;
  for (std::int64_t k = 0; k < filters_; k += step) {
    reach = std::max(reach, model::tile_reach(form_, tile_, values_of(scene, part, k)));
  }
  return reach;
}

std::pair<model::ParameterRow, model::ParameterRow> FilterTiles::rows_of(const FilterScene& scene,
                                                                         FilterPart part) const {
  switch (part) {
    case FilterPart::kGradient:
      return {scene.moment.gradients, nullptr};
    case FilterPart::kOther:
      return {scene.view.other->values, nullptr};
    case FilterPart::kDifference:
      return {scene.moment.values, scene.view.other->values};
    default:
      return {scene.moment.values, nullptr};
  }
}

float FilterTiles::range_of(const FilterScene& scene, FilterPart part) {
  Held& held = ranges_[part];
  auto [a, b] = rows_of(scene, part);
  if (held.a == a && held.b == b && held.is_mean == tile_.is_mean) return held.range;
  held.a = std::move(a);
  held.b = std::move(b);
  held.is_mean = tile_.is_mean;
  const float reach = reach_of(scene, part);
  if (!(reach <= held.range && reach > held.range / 2)) held.range = model::even_range(reach);
  return held.range;
}

void FilterTiles::follow(Ui& ui, const FilterScene& scene) {
  if (run_ != scene.moment.run) {
    run_ = scene.moment.run;
    const nn::ModelSpec& model = run_->description.model;
    form_ = model::filter_form(run_->layers, run_->shapes, {1, model.channels, model.height, model.width}, layer_);
    filters_ = nn::filter_count(run_->layers[layer_]);
    kept_.clear();
    ranges_.clear();
  }
  const bool is_mean = scene.look.channels == ChannelLook::kMean ||
                       (scene.look.channels == ChannelLook::kAutomatic && form_.channels > kMostSlices);
  tile_ = model::tile_form(form_, is_mean);
  auto frozen = layer_ < scene.snapshot.frozen.size() ? scene.snapshot.frozen[layer_] : std::vector<bool>();
  if (dead_of_ != scene.moment.gradients || frozen_ != frozen) {
    dead_of_ = scene.moment.gradients;
    frozen_ = std::move(frozen);
    dead_ = dead_of_ ? model::dead_filters(*run_, *dead_of_, layer_, frozen_) : std::vector<bool>();
  }
  choose_parts(ui, scene);
}

void FilterTiles::choose_parts(const Ui& ui, const FilterScene& scene) {
  const model::ViewSettings& view = ui.document.settings.view;
  parts_.clear();
  for (std::size_t i = 0; i < kFilterParts.size(); ++i) {
    if (!scene.look.parts[i]) continue;
    Part part;
    part.part = static_cast<FilterPart>(i);
    if (needs_b(part.part) && (!scene.view.other || scene.view.other->run != run_)) continue;
    if (part.part == FilterPart::kResponse) {
      const Tensor* maps = maps_of(scene);
      part.has_values = maps != nullptr;
      part.missing = "no sample has gone through the net yet";
      part.map = &view::find_colormap(view.map_colormap);
      if (maps) {
        const model::MapStats& all = scene.facts->result->levels[layer_ + 1]->all;
        if (all.min >= 0) part.map = &view::find_colormap(view.unsigned_colormap);
        part.range = view::display_range(*part.map, all.min, all.max);
      }
    } else {
      part.map = &view::find_colormap(view.weight_colormap);
      part.has_values = part.part != FilterPart::kGradient || scene.moment.gradients != nullptr;
      part.missing =
          scene.view.looked_at ? "gradients are not recorded: go to the step to see them" : "no step was taken yet";
      if (part.has_values) {
        const float range = range_of(scene, part.part);
        part.range = {-range, range};
      }
    }
    parts_.push_back(std::move(part));
  }
}

void FilterTiles::refresh(const Ui& ui, const FilterScene& scene, const Part& part, int first, int last, float slot) {
  Kept& kept = kept_[part.part];
  const bool is_response = part.part == FilterPart::kResponse;
  Key key;
  if (is_response) {
    key.maps = scene.facts->result->levels[layer_ + 1].get();
    key.version = scene.facts->result->levels[layer_ + 1]->version;
    key.slot = slot;
  } else {
    std::tie(key.a, key.b) = rows_of(scene, part.part);
  }
  key.first = first;
  key.last = last;
  key.is_mean = tile_.is_mean;
  key.is_per_filter = scene.look.is_range_per_filter;
  key.range = part.range.hi;
  key.colormap = part.map->name;
  key.background = ui.palette.canvas;
  if (key == kept.key) return;
  kept.key = key;
  if (is_response) {
    refresh_response(scene, part, kept, first, last, slot);
    return;
  }
  kept.width = tile_.width();
  kept.height = tile_.height();
  kept.atlas.begin(last - first, kept.width, kept.height, ui.palette.canvas);
  for (int k = first; k < last; ++k) {
    const std::span<const float> values = values_of(scene, part.part, k);
    view::ValueRange range = part.range;
    if (key.is_per_filter) {
      const float reach = model::tile_reach(form_, tile_, values);
      range = reach > 0 ? view::ValueRange{-reach, reach} : view::ValueRange{-1, 1};
    }
    model::for_each_texel(form_, tile_, values, [&](std::int64_t x, std::int64_t y, float value) {
      kept.atlas.put(k - first, x, y, view::colour_of(*part.map, range, value));
    });
  }
  kept.atlas.upload(slot >= static_cast<float>(kept.width));
}

// Maps at about the size they are seen at: of their reduced copies the smallest that is not smaller than a tile.
void FilterTiles::refresh_response(const FilterScene& scene, const Part& part, Kept& kept, int first, int last,
                                   float slot) {
  const model::StackLevel& level = *scene.facts->result->levels[layer_ + 1];
  const Tensor* maps = &level.maps;
  for (const Tensor& reduced : level.reduced) {
    if (static_cast<float>(reduced.shape().w) >= slot && reduced.shape().c == level.maps.shape().c) maps = &reduced;
  }
  const Shape shape = maps->shape();
  kept.width = shape.w;
  kept.height = shape.h;
  kept.atlas.begin(last - first, shape.w, shape.h, kept.key.background);
  for (int k = first; k < last; ++k) {
    view::ValueRange range = part.range;
    if (kept.key.is_per_filter) {
      const model::MapStats& stats = level.stats[static_cast<std::size_t>(k)];
      range = view::display_range(*part.map, stats.min, stats.max);
    }
    for (std::int64_t y = 0; y < shape.h; ++y) {
      const float* row = maps->view().row(0, k, y);
      for (std::int64_t x = 0; x < shape.w; ++x) {
        kept.atlas.put(k - first, x, y, view::colour_of(*part.map, range, row[x]));
      }
    }
  }
  kept.atlas.upload(slot >= static_cast<float>(shape.w));
}

}  // namespace convlens::ui
