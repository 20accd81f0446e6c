// A worker that keeps up with a person: one job runs, one waits, a newer request replaces the waiting one and tells the
// running one that it is out of date. For pictures and numbers that explain; feature maps have conv_session.
#pragma once

#include <atomic>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "app/model/mailbox.h"
#include "engine/core/error.h"

namespace convlens::model {

template <class Job, class Value>
class LatestWorker {
 public:
  // Runs on the worker. May return nothing when it finds `is_stale` set: nobody waits for this job any more.
  using Work = std::function<std::optional<Result<Value>>(const Job& job, const std::atomic<bool>& is_stale)>;

  // `wake` is called on the worker after every outcome and may be empty.
  LatestWorker(std::function<void()> wake, Work work) : wake_(std::move(wake)), work_(std::move(work)) {
    thread_ = std::jthread([this](const std::stop_token& stop) { loop(stop); });
  }
  LatestWorker(const LatestWorker&) = delete;
  LatestWorker& operator=(const LatestWorker&) = delete;
  ~LatestWorker() { is_stale_ = true; }

  // Never waits.
  void request(Job job) {
    std::optional<Job> replaced;  // let go of outside the lock
    {
      std::lock_guard lock(mutex_);
      replaced = std::exchange(pending_, std::optional<Job>(std::move(job)));
      is_stale_ = true;
    }
    changed_.notify_one();
  }

  // The newest outcome that has not been taken.
  std::optional<Result<Value>> take() { return mailbox_.take(); }

  bool is_busy() const {
    std::lock_guard lock(mutex_);
    return is_running_ || pending_.has_value();
  }

 private:
  void loop(const std::stop_token& stop) {
    while (const std::optional<Job> job = next_job(stop)) {
      std::optional<Result<Value>> outcome = run(*job);
      const bool is_news = outcome.has_value();
      if (is_news) mailbox_.put(std::move(*outcome));
      {
        std::lock_guard lock(mutex_);
        is_running_ = false;
      }
      if (is_news && wake_) wake_();
    }
  }

  std::optional<Job> next_job(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop, [this] { return pending_.has_value(); });
    if (stop.stop_requested()) return std::nullopt;
    is_running_ = true;
    is_stale_ = false;
    return std::exchange(pending_, std::nullopt);
  }

  std::optional<Result<Value>> run(const Job& job) {
    try {
      return work_(job, is_stale_);
    } catch (const std::bad_alloc&) {
      return Error{"there is not enough memory for this; use a smaller picture or fewer filters"};
    } catch (const std::exception& error) {
      return Error{error.what()};
    }
  }

  std::function<void()> wake_;
  Work work_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::optional<Job> pending_;
  bool is_running_ = false;
  std::atomic<bool> is_stale_{false};
  Mailbox<Result<Value>> mailbox_;
  std::jthread thread_;  // last: stops and joins before anything it uses goes
};

}  // namespace convlens::model
