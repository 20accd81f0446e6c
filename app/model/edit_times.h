// From an edit to its picture: how long each stage took, for the last edits. Arithmetic only; app/edit_clock measures.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace convlens::model {

// What happens between the event that edits and the picture of the edit, in this order. The stages add up to the whole.
enum class EditStage { kEdit, kWait, kConvolve, kReduce, kCollect, kUpload, kDraw, kSwap };
inline constexpr std::size_t kEditStages = 8;
struct EditStageName {
  std::string_view name;   // "convolve"
  std::string_view label;  // "Convolve"
  std::string_view summary;
};
std::span<const EditStageName> edit_stage_names();  // indexed by EditStage

struct EditTimes {
  std::uint64_t generation = 0;  // of the maps
  std::array<double, kEditStages> milliseconds{};
  double shown_at = 0;  // seconds on any clock
  std::string kernel;
  int maps = 0;  // computed for it

  double stage(EditStage stage) const { return milliseconds[static_cast<std::size_t>(stage)]; }
  double total() const;
};

class EditHistory {
 public:
  static constexpr std::size_t kKept = 120;

  void add(EditTimes times);
  bool empty() const { return kept_.empty(); }
  std::size_t count() const { return kept_.size(); }
  const EditTimes& newest() const { return kept_.back(); }
  // Over the kept edits; share as model::quantile's. 0 where there is none.
  double quantile(EditStage stage, double share) const;
  double total_quantile(double share) const;
  // Pictures of edits a second while edits follow each other closely, and maps computed for them; 0 where none do.
  double pictures_per_second() const;
  double maps_per_second() const;

 private:
  // Seconds and edits of the kept ones that came soon after the one before.
  struct Run {
    double seconds = 0;
    int edits = 0;
    int maps = 0;
  };
  Run run() const;

  std::vector<EditTimes> kept_;  // the oldest first
};

}  // namespace convlens::model
