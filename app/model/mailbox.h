// A slot between two threads that keeps the newest value only. Neither side waits.
#pragma once

#include <mutex>
#include <optional>
#include <utility>

namespace convlens::model {

template <class T>
class Mailbox {
 public:
  // Replaces what has not been taken. Returns the replaced value so that its memory can be reused.
  std::optional<T> put(T value) {
    std::lock_guard lock(mutex_);
    return std::exchange(slot_, std::optional<T>(std::move(value)));
  }
  std::optional<T> take() {
    std::lock_guard lock(mutex_);
    return std::exchange(slot_, std::nullopt);
  }
  bool empty() const {
    std::lock_guard lock(mutex_);
    return !slot_.has_value();
  }

 private:
  mutable std::mutex mutex_;
  std::optional<T> slot_;
};

}  // namespace convlens::model
