// Parts of the tab "data": the pictures by class, and what is done to them on their way into the net.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/model/augmentation_preview.h"
#include "app/ui/picture_sheet.h"
#include "app/ui/train_view.h"
#include "app/ui/ui.h"

namespace convlens::ui {

// Thumbnails in one row per class, or one class alone; a click makes a picture the current sample.
class DataPictures {
 public:
  void draw(Ui& ui, TrainView& view, const model::TrainRun& run);

 private:
  using Part = model::SampleRef::Kind;  // kTrain or kTest

  void sort(const model::TrainRun& run);
  void draw_head(Ui& ui, const model::TrainRun& run, std::int64_t pages);
  void draw_class(Ui& ui, const model::TrainRun& run, std::size_t index, const ImVec2& min, const ImVec2& size);
  void draw_picture(Ui& ui, TrainView& view, const model::TrainRun& run, std::size_t at, const ImVec2& min,
                    const ImVec2& size);
  const training::Subset& subset(const model::TrainRun& run) const;

  Part part_ = Part::kTrain;
  std::optional<std::size_t> class_;  // the one that is shown alone
  std::int64_t page_ = 0;
  // Positions in the part's subset, class by class, and what they were sorted for.
  std::vector<std::vector<std::int64_t>> of_class_;
  std::pair<std::uint64_t, Part> sorted_for_{0, Part::kTrain};
  // What is on the screen: positions in the subset, and their pictures.
  std::vector<std::int64_t> shown_;
  PictureSheet sheet_;
};

// The current sample before and after normalising, with the words of the preprocessing.
class DataPreprocessing {
 public:
  void draw(Ui& ui, const TrainView& view, const model::TrainRun& run);

 private:
  PictureSheet before_;
  view::Image after_;
  std::pair<std::uint64_t, model::SampleRef> after_of_;
  std::string after_map_;
};

// What each epoch makes of a few pictures, with the sliders that decide it.
class DataVariation {
 public:
  explicit DataVariation(const std::function<void()>& wake) : preview_(wake) {}
  void draw(Ui& ui, const model::TrainRun& run);

 private:
  model::AugmentationPreview preview_;
  std::uint64_t wished_for_ = 0;  // the run whose pictures are shown
  std::vector<std::int64_t> pictures_;
  PictureSheet originals_, varied_;
  std::uint64_t shown_ = 0;
};

}  // namespace convlens::ui
