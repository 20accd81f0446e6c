// What a filter has been at every recorded moment: a strip of pictures and its norm as a curve. A click goes there.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "app/model/filter_tiles.h"
#include "app/model/train_snapshot.h"
#include "app/ui/train_filter_tiles.h"
#include "app/ui/train_view.h"
#include "app/ui/ui.h"

namespace convlens::ui {

class FilterHistory {
 public:
  // Both at the cursor, `width` wide. `channel`: the slice that is shown, where slices have more than one weight.
  void draw(Ui& ui, const model::TrainSnapshot& snapshot, const FilterRef& ref, const model::FilterForm& form,
            std::int64_t channel, std::int64_t step, float width);

 private:
  struct NormPoint {
    std::int64_t step = 0;
    std::weak_ptr<const std::vector<float>> row;
    double norm = 0;
  };
  struct Key {
    FilterRef ref;
    std::int64_t channel = -1;
    std::vector<model::ParameterRow> rows;
    std::string colormap;
    bool operator==(const Key&) const = default;
  };

  void refresh_strip(const Ui& ui, const model::TrainSnapshot& snapshot, std::span<const std::size_t> chosen,
                     const FilterRef& ref, const model::FilterForm& form, std::int64_t channel);
  void refresh_norms(const model::TrainSnapshot& snapshot, const FilterRef& ref);
  void draw_strip(Ui& ui, const model::TrainSnapshot& snapshot, std::span<const std::size_t> chosen, std::int64_t step,
                  float side, float pitch);
  void draw_norms(Ui& ui, const model::TrainSnapshot& snapshot, const std::string& name, std::int64_t step,
                  float width);

  Key key_;
  TileAtlas atlas_;
  std::int64_t tile_width_ = 1, tile_height_ = 1;
  float range_ = 1;
  FilterRef norms_of_;
  std::vector<NormPoint> norms_;
};

}  // namespace convlens::ui
