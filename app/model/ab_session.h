// A/B: the set-up under the hands (A) beside another one (B), the maps of both, and how far they are apart. B is
// frozen, or follows A in all but one thing. Drawing both is app/ui's.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "app/model/conv_result.h"
#include "app/model/conv_session.h"
#include "app/model/latest_worker.h"
#include "app/model/settings.h"
#include "engine/conv/accelerator.h"
#include "engine/explain/compare.h"

namespace convlens::model {

// What B is. All but kFrozen follow every edit of A.
enum class BKind {
  kNone,
  kFrozen,     // a set-up with its picture, as it was
  kFlip,       // A with correlation and convolution exchanged
  kBorder,     // A with the border reflect; zero, where A has that
  kProcessor,  // A on the GPU; on the processor, where A is on the GPU
};
// Of a kind that follows: A with the one thing changed.
ConvSettings variant_of(BKind kind, const ConvSettings& a);

// Which of the two the map canvases show.
enum class AbShow { kA, kSwipe, kB, kDifference };

// One map of A beside the same map of B. Immutable.
struct MapDifference {
  int map = 0;
  FeatureMapPtr a, b;
  std::uint64_t serial = 0;  // no two share it: the key of textures
  Tensor values;             // a - b, (1,1,P,Q)
  std::vector<Tensor> levels;
  MapStats stats;  // of the values
  explain::Comparison comparison;
};
using MapDifferencePtr = std::shared_ptr<const MapDifference>;

class AbSession {
 public:
  // As ConvSession's and GpuComparison's. No thread is started before there is a B.
  AbSession(std::function<void()> wake, conv::AcceleratorFactory accelerator);

  // `result`: the maps of just these settings where they are there already, else null.
  void freeze(const ConvSettings& settings, PicturePtr picture, ConvResultPtr result);
  void follow_as(BKind kind);  // a kind that follows, or kNone
  BKind kind() const { return kind_; }
  const ConvSettings& frozen() const { return frozen_; }
  const PicturePtr& frozen_picture() const { return frozen_picture_; }

  AbShow show = AbShow::kDifference;
  float swipe = 0.5F;    // where B begins, as a share of the canvas's width
  bool holds_b = false;  // B in place of A for as long as somebody holds the key or the button; set each frame

  // Once a frame, in this order: takes what the workers finished (true if anything on the screen changed); then the
  // newest maps of A with the chosen map. look_at() names the maps on the screen.
  bool collect();
  void look_at(std::span<const int> maps) { looked_at_.assign(maps.begin(), maps.end()); }
  void follow(const ConvResultPtr& a, int chosen);

  // The pair that is compared: B's newest maps and the maps of A that they belong to. Null where there are none yet.
  const ConvResultPtr& a() const { return pair_a_; }
  const ConvResultPtr& b() const { return pair_b_; }
  // Map `map` of B; null where B has none of that number or it is not made yet.
  FeatureMapPtr b_map(int map) const;
  // The newest of that map; it may lag behind the maps. Null where the two maps cannot be subtracted.
  MapDifferencePtr difference(int map) const;
  bool is_current(const MapDifference& difference) const;
  // Why `map` of A has no counterpart of its size in B, as a sentence; empty where it has, or where B is not there yet.
  std::string mismatch(int map) const;
  // Why B's maps could not be computed as asked for; empty where they were.
  const std::string& complaint() const { return complaint_; }
  bool is_busy() const;

 private:
  struct DifferenceJob {
    int map = 0;
    FeatureMapPtr a, b;
  };
  using DifferenceWorker = LatestWorker<std::vector<DifferenceJob>, std::vector<MapDifferencePtr>>;

  void forget();
  void request_b(const ConvResultPtr& a);
  void pair_up(const ConvResultPtr& a);
  void request_differences(int chosen);
  bool is_asked(int map, const FeatureMapPtr& a, const FeatureMapPtr& b) const;
  bool take_differences(Result<std::vector<MapDifferencePtr>> outcome);

  std::function<void()> wake_;
  conv::AcceleratorFactory accelerator_;
  BKind kind_ = BKind::kNone;
  ConvSettings frozen_;
  PicturePtr frozen_picture_;
  ConvResultPtr newest_b_;
  ConvResultPtr pair_a_, pair_b_;
  std::deque<std::pair<std::uint64_t, ConvResultPtr>> sent_;  // B's requests under way, and the maps of A they follow
  std::uint64_t first_generation_ = 0;                        // answers to older requests belong to another B
  std::vector<int> looked_at_;
  std::vector<MapDifferencePtr> differences_;  // one per map
  std::vector<DifferenceJob> asked_;           // under way
  std::string complaint_;
  std::unique_ptr<ConvSession> session_;
  std::unique_ptr<DifferenceWorker> worker_;
};

// How B became A, as the history would name it: "Stride y 1 → 2"; "the same settings" where they are.
std::string difference_in_words(const ConvSettings& a, const ConvSettings& b);

}  // namespace convlens::model
