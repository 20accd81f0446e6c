// The filters of one layer as tiles: what is shown of each, in which colours, and where it stands. The panel around
// them is train_filters.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/model/filter_tiles.h"
#include "app/ui/tile_atlas.h"
#include "app/ui/train_view.h"
#include "app/ui/ui.h"
#include "app/view/colormap.h"

namespace convlens::ui {

// What is shown of a filter, side by side in this order.
enum class FilterPart { kWeights, kGradient, kChange, kResponse, kOther, kDifference };
struct FilterPartName {
  const char* name;
  const char* label;
  const char* help;
};
inline constexpr std::array kFilterParts{
    FilterPartName{"weights", "Weights", "The weights as they stand at this moment."},
    FilterPartName{"gradient", "Gradient",
                   "What the last batch says to each weight: the update goes the opposite way, towards less loss."},
    FilterPartName{"change", "Change", "The weights minus those that the run began with."},
    FilterPartName{"response", "Response", "What the filter makes of the chosen sample: its map."},
    FilterPartName{"other", "Moment B", "The weights at the other moment that the timeline holds on to."},
    FilterPartName{"difference", "A - B", "The weights at this moment minus those at the other one."},
};
// Whether there is nothing to see of it without a moment B.
constexpr bool needs_b(FilterPart part) { return part == FilterPart::kOther || part == FilterPart::kDifference; }

// How filters that read several channels are shown. Slices are never smaller than can be told apart.
enum class ChannelLook { kAutomatic, kSlices, kMean };  // automatic: slices of a few channels, else the mean

struct FilterLook {
  std::array<bool, kFilterParts.size()> parts{true, false, false, false, false, false};
  bool is_range_per_filter = false;
  ChannelLook channels = ChannelLook::kAutomatic;
  bool operator==(const FilterLook&) const = default;
};

// What all layers are drawn from in one frame.
struct FilterScene {
  const model::TrainSnapshot& snapshot;
  const ShownMoment& moment;
  const TrainView& view;
  const FilterLook& look;
  model::SampleFactsPtr facts;  // null where there are none of this run
};

class FilterTiles {
 public:
  explicit FilterTiles(std::size_t layer) : layer_(layer) {}
  // Heading, legend and tiles at the cursor, as wide as there is room; the tiles try to fit into `height` and are not
  // smaller than `least`. Returns what the pointer is on.
  std::optional<FilterRef> draw(Ui& ui, const FilterScene& scene, float height, float least);
  std::size_t layer() const { return layer_; }

 private:
  // Where a part's pictures came from; they are made again when any of it differs.
  struct Key {
    model::ParameterRow a, b;
    const void* maps = nullptr;  // of the response
    std::uint64_t version = 0;
    float slot = 0;  // for the response, which is taken at about that size
    int first = 0, last = 0;
    bool is_mean = false, is_per_filter = false;
    float range = 0;
    std::string colormap;
    ImU32 background = 0;
    bool operator==(const Key&) const = default;
  };
  struct Part {
    FilterPart part = FilterPart::kWeights;
    const view::Colormap* map = nullptr;
    view::ValueRange range;  // of the layer
    bool has_values = false;
    std::string missing;  // why it has none
  };
  struct Cell {
    ImVec2 min, max;  // of all parts
  };
  struct Kept {
    Key key;
    TileAtlas atlas;
    std::int64_t width = 1, height = 1;  // of a tile, in texels
  };

  // A range stays while values move a little, and is measured once for the same values.
  struct Held {
    model::ParameterRow a, b;
    bool is_mean = false;
    float range = 0;
  };

  void follow(Ui& ui, const FilterScene& scene);
  void choose_parts(const Ui& ui, const FilterScene& scene);
  void draw_heading(Ui& ui, const FilterScene& scene);
  void refresh(const Ui& ui, const FilterScene& scene, const Part& part, int first, int last, float slot);
  void refresh_response(const FilterScene& scene, const Part& part, Kept& kept, int first, int last, float slot);
  void draw_cell(Ui& ui, const FilterScene& scene, int filter, const Cell& cell, float slot, float caption, int first);
  void draw_marks(Ui& ui, const FilterScene& scene, int filter, const Cell& cell, float slot, float caption);
  void tell_value(Ui& ui, const FilterScene& scene, int filter, const Cell& cell, float slot);
  void record_cell(Ui& ui, const FilterScene& scene, int filter, const Cell& cell);
  // One filter's values of a part; may be kept in scratch_.
  std::span<const float> values_of(const FilterScene& scene, FilterPart part, std::int64_t filter);
  // The rows that a part's values are made from; the second may be null.
  std::pair<model::ParameterRow, model::ParameterRow> rows_of(const FilterScene& scene, FilterPart part) const;
  float reach_of(const FilterScene& scene, FilterPart part);
  float range_of(const FilterScene& scene, FilterPart part);
  const Tensor* maps_of(const FilterScene& scene) const;

  std::size_t layer_ = 0;
  model::TrainRunPtr run_;
  model::FilterForm form_;
  model::TileForm tile_;
  std::int64_t filters_ = 0;
  std::vector<Part> parts_;
  std::map<FilterPart, Kept> kept_;
  std::map<FilterPart, Held> ranges_;
  std::vector<float> scratch_;
  std::vector<bool> dead_;
  // What that was found from.
  model::ParameterRow dead_of_;
  std::vector<bool> frozen_;
};

// Whether training leaves a filter as it is, in the state that the trainer is in.
bool stands_still(const model::TrainSnapshot& snapshot, const FilterRef& ref);
// A padlock in a square of that side.
void draw_lock(ImDrawList& draw, const ImVec2& corner, float side, ImU32 colour);

}  // namespace convlens::ui
