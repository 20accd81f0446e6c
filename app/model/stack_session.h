// The Stack workspace off the frame thread: a chain of layers on the picture, published layer by layer, newest edit
// first; and everything about one unit of it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/model/picture_loader.h"
#include "app/model/reduce.h"
#include "app/model/stack_settings.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/tensor.h"
#include "engine/explain/composed_filter.h"
#include "engine/explain/stack.h"
#include "engine/explain/stack_gradient.h"
#include "engine/explain/stack_probe.h"
#include "engine/explain/strongest.h"

namespace convlens::model {

// The values of one level, immutable once published.
struct StackLevel {
  Tensor maps;                  // (1,C,H,W)
  std::vector<Tensor> reduced;  // as reduce.h makes them
  std::vector<MapStats> stats;  // one per channel
  MapStats all;                 // over all channels: min and max alone
  std::uint64_t version = 0;    // no two levels of a session share it
  double milliseconds = 0;
};
using StackLevelPtr = std::shared_ptr<const StackLevel>;
// Measures and reduces.
StackLevelPtr make_level(Tensor maps, double milliseconds, std::uint64_t version, const Parallel& parallel);

struct StackResult {
  std::uint64_t generation = 0;  // of the request; grows
  StackSettings settings;
  PicturePtr picture;
  std::string input_words;                      // how the picture became the input
  std::optional<std::string> misfit;            // why the chain ends early
  std::optional<std::string> complaint;         // the weights file, a named filter: random weights took its place
  std::shared_ptr<const explain::Stack> stack;  // the layers that fit
  std::vector<StackLevelPtr> levels;            // as far as they are computed; the picture first
  StackLevelPtr colours;    // what the picture is shown as, in [0,1], where its values are not colours themselves
  bool has_picture = true;  // level 0 is one, not numbers about it
  std::shared_ptr<const Result<explain::ComposedFilter>>
      composed;  // of all layers, where there are at least two convolutions
  bool is_complete = false;
  double milliseconds = 0;

  bool has(std::size_t level) const { return level < levels.size(); }
};
using StackResultPtr = std::shared_ptr<const StackResult>;

class StackSession {
 public:
  // `wake` is called on the worker after every layer; may be empty.
  explicit StackSession(std::function<void()> wake);
  ~StackSession();

  // Sends what differs from the last request; never waits. Call once a frame.
  void follow(const PicturePtr& picture, const StackSettings& settings);
  // The newest, as far as it has come; null before the first. True from collect() where it has changed.
  bool collect();
  const StackResultPtr& result() const;
  // A request is under way or waits.
  bool is_busy() const;
  std::uint64_t requested() const;  // the newest request's generation

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Everything about one unit of a result.
struct UnitFacts {
  StackResultPtr result;
  std::size_t level = 0;
  explain::Unit unit;
  explain::StackProbe probe;
  std::optional<explain::SoftmaxProbe> softmax;  // where the unit is one of the last logits
  std::optional<explain::EffectiveField> field;  // of levels above the picture
  StackLevelPtr field_level;                     // its strength, to be drawn
  std::vector<explain::PathStep> path;
};
using UnitFactsPtr = std::shared_ptr<const UnitFacts>;

class UnitSession {
 public:
  explicit UnitSession(std::function<void()> wake);
  ~UnitSession();
  // Sends what differs from the last request; never waits.
  void follow(const StackResultPtr& result, std::size_t level, const explain::Unit& unit);
  bool collect();
  // The newest, possibly of another unit or generation than was asked for last; null before the first.
  UnitFactsPtr facts() const;
  // Why what was asked for last has none; empty where it has.
  const std::string& complaint() const;
  bool is_busy() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The places of the picture that excite the maps of one level most.
struct LevelPatches {
  StackResultPtr result;
  std::size_t level = 0;
  std::vector<std::vector<explain::StrongPatch>> maps;  // of the first kMostPatchMaps maps
};
inline constexpr std::int64_t kMostPatchMaps = 64;
inline constexpr std::size_t kPatchesPerMap = 5;
using LevelPatchesPtr = std::shared_ptr<const LevelPatches>;

class PatchSession {
 public:
  explicit PatchSession(std::function<void()> wake);
  ~PatchSession();
  void follow(const StackResultPtr& result, std::size_t level);
  bool collect();
  LevelPatchesPtr patches() const;
  // As UnitSession's.
  const std::string& complaint() const;
  bool is_busy() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace convlens::model
