// Errors as values: a failed call returns one sentence a user understands. Not for bugs; those are asserts.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace convlens {

// What went wrong and what to do about it, in one sentence without a trailing newline.
struct Error {
  std::string message;
};

// Either a value or an Error. Test with `if (!result)` before touching the value.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }
  T& operator*() & { return std::get<0>(state_); }
  const T& operator*() const& { return std::get<0>(state_); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }

  const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

// The value of a call that only succeeds or fails.
struct Done {};
using Status = Result<Done>;

}  // namespace convlens
