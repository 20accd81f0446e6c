// A second context beside the window's that shares its objects: what a worker computes in it the window draws as it is.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <utility>

#include "app/gl/context.h"
#include "app/gl/kept_maps.h"

namespace convlens::gl {

// Belongs to the main thread: born, opened and destroyed there, with the drawing context current and after everybody
// who used it. One thread at a time computes in it.
class WorkerContext {
 public:
  WorkerContext() = default;
  ~WorkerContext();
  WorkerContext(const WorkerContext&) = delete;
  WorkerContext& operator=(const WorkerContext&) = delete;

  // Opens it beside `drawing`, which stays current. Once is enough. Error: the driver makes no second context.
  Status open(const Context& drawing);
  bool is_open() const { return is_open_; }

  // From any thread: it is current on this one while the answer lives. Empty where it is not open or in use.
  class Current {
   public:
    explicit Current(WorkerContext& owner) : owner_(&owner) {}
    ~Current();
    Current(Current&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
    Current& operator=(Current&&) = delete;
    const ContextInfo& info() const { return owner_->context_->info(); }
    const std::shared_ptr<MapShelf>& shelf() const { return owner_->shelf_; }

   private:
    WorkerContext* owner_;
  };
  std::optional<Current> enter();

  // Where the maps that it leaves on the GPU come back to.
  const MapShelf& shelf() const { return *shelf_; }

 private:
  std::optional<Context> context_;
  std::shared_ptr<MapShelf> shelf_ = std::make_shared<MapShelf>();
  std::atomic<bool> is_open_{false};
  std::atomic<bool> is_in_use_{false};
};

}  // namespace convlens::gl
