// Opening the hidden window, and handing its context to one thread at a time.
#include "app/gl/worker_context.h"

#include <cassert>

namespace convlens::gl {

WorkerContext::~WorkerContext() {
  assert(!is_in_use_);
  shelf_->close();
}

Status WorkerContext::open(const Context& drawing) {
  if (is_open_) return Done{};
  Result<Context> context = Context::create({.width = 16, .height = 16, .visible = false, .share = &drawing});
  drawing.make_current();
  if (!context) return context.error();
  context_ = std::move(*context);
  is_open_ = true;
  return Done{};
}

std::optional<WorkerContext::Current> WorkerContext::enter() {
  if (!is_open_ || is_in_use_.exchange(true)) return std::nullopt;
  context_->make_current();
  return Current(*this);
}

WorkerContext::Current::~Current() {
  if (owner_ == nullptr) return;
  Context::make_none_current();
  owner_->is_in_use_ = false;
}

}  // namespace convlens::gl
