// A worker's answer to the newest question: asks unless that was asked already, keeps the newest answer until a newer
// one comes, or why none came. What is asked and how it is answered is the owner's business.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "app/model/latest_worker.h"

namespace convlens::model {

// Equal keys have the same answer. A key outlives its job: it holds on to nothing large.
template <class Key, class Job, class Value>
class NewestAnswer {
 public:
  using Worker = LatestWorker<Job, Value>;

  // As LatestWorker's; the thread starts with the first question.
  NewestAnswer(std::function<void()> wake, typename Worker::Work work)
      : wake_(std::move(wake)), work_(std::move(work)) {}

  // Never waits.
  void ask(Key key, Job job) {
    if (asked_ == key) return;
    asked_ = std::move(key);
    if (!worker_) worker_ = std::make_unique<Worker>(wake_, work_);
    worker_->request(std::move(job));
  }
  // Nobody asks any more: lets the answer go, and drops one that is still to come.
  void forget() {
    asked_.reset();
    value_.reset();
    complaint_.clear();
  }

  // Once a frame: whether there is another answer or complaint than before.
  bool collect() {
    if (!worker_) return false;
    std::optional<Result<Value>> outcome = worker_->take();
    if (!outcome || !asked_) return false;
    complaint_.clear();
    if (*outcome) {
      value_ = std::move(**outcome);
      ++serial_;
    } else {
      complaint_ = outcome->error().message;
    }
    return true;
  }

  // The newest, possibly of an older question than the last one; none before the first.
  const std::optional<Value>& value() const { return value_; }
  // Why the newest outcome is none; empty where it is one.
  const std::string& complaint() const { return complaint_; }
  // Grows with every answer.
  std::uint64_t serial() const { return serial_; }
  bool is_busy() const { return worker_ && worker_->is_busy(); }

 private:
  std::function<void()> wake_;
  typename Worker::Work work_;
  std::optional<Key> asked_;
  std::optional<Value> value_;
  std::string complaint_;
  std::uint64_t serial_ = 0;
  std::unique_ptr<Worker> worker_;  // last: joins before anything it uses goes
};

}  // namespace convlens::model
