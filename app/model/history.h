// Undo and redo over whole settings: one named entry per gesture, bounded in number and in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "app/model/settings.h"

namespace convlens::model {

class History {
 public:
  // The oldest entries are forgotten beyond either; the current one and the one before it always stay.
  static constexpr std::size_t kMaxEntries = 500;
  static constexpr std::size_t kMaxBytes = std::size_t{128} << 20;

  struct Entry {
    std::string label;  // "Stride y 1 → 2", "Weight of Sobel x"
    Settings settings;
    std::uint64_t burst = 0;
  };

  explicit History(Settings start);

  // Ends a gesture: records `settings` under `label` unless nothing changed. Drops what had been undone.
  // Gestures of one burst (a number other than 0) that follow each other become one entry.
  bool commit(const Settings& settings, std::string label, std::uint64_t burst = 0);
  bool can_undo() const { return position_ > 0; }
  bool can_redo() const { return position_ + 1 < entries_.size(); }
  const Settings& undo();
  const Settings& redo();
  const Settings& go_to(std::size_t position);

  const Settings& current() const { return entries_[position_].settings; }
  const std::vector<Entry>& entries() const { return entries_; }
  std::size_t position() const { return position_; }

 private:
  void drop_undone();

  std::vector<Entry> entries_;
  std::size_t position_ = 0;
  std::size_t bytes_ = 0;
};

// What changed between two settings, in words: the label of an undo entry.
std::string describe_change(const Settings& before, const Settings& after);

}  // namespace convlens::model
