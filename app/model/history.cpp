// Undo entries in order, the oldest dropped when they are too many or too heavy.
#include "app/model/history.h"

#include <utility>

namespace convlens::model {
namespace {

std::size_t bytes_of(const Settings& settings) {
  std::size_t bytes = sizeof(History::Entry);
  for (const Filter& filter : settings.conv.bank.filters) {
    bytes += sizeof(Filter) + filter.name.capacity() + filter.weights.size() * sizeof(float);
  }
  for (const HandEdit& edit : settings.train.by_hand) {
    bytes += sizeof(HandEdit) + edit.label.capacity() + edit.weights.size() * sizeof(float);
  }
  return bytes;
}

}  // namespace

History::History(Settings start) {
  bytes_ = bytes_of(start);
  entries_.push_back({"Start", std::move(start), 0});
}

void History::drop_undone() {
  while (entries_.size() > position_ + 1) {
    bytes_ -= bytes_of(entries_.back().settings);
    entries_.pop_back();
  }
}

bool History::commit(const Settings& settings, std::string label, std::uint64_t burst) {
  if (settings == current()) return false;
  drop_undone();
  if (burst != 0 && position_ > 0 && entries_[position_].burst == burst) {
    // The whole burst is one step from the entry before it; back where it began it is none.
    --position_;
    drop_undone();
    if (settings == current()) return true;
  }
  entries_.push_back({std::move(label), settings, burst});
  bytes_ += bytes_of(settings);
  ++position_;
  std::size_t drop = 0;
  std::size_t dropped_bytes = 0;
  while (entries_.size() - drop > 2 && (entries_.size() - drop > kMaxEntries || bytes_ - dropped_bytes > kMaxBytes)) {
    dropped_bytes += bytes_of(entries_[drop].settings);
    ++drop;
  }
  entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(drop));
  position_ -= drop;
  bytes_ -= dropped_bytes;
  return true;
}

const Settings& History::undo() { return go_to(can_undo() ? position_ - 1 : position_); }

const Settings& History::redo() { return go_to(can_redo() ? position_ + 1 : position_); }

const Settings& History::go_to(std::size_t position) {
  if (position < entries_.size()) position_ = position;
  return current();
}

}  // namespace convlens::model
