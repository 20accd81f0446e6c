// Computes a probe when what it is of has changed.
#include "app/ui/probe_cache.h"

#include <bit>

#include "app/ui/probe_moves.h"

namespace convlens::ui {
namespace {

// NaN equals itself here.
bool is_same(const std::optional<float>& a, const std::optional<float>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return std::bit_cast<std::uint32_t>(*a) == std::bit_cast<std::uint32_t>(*b);
}

}  // namespace

const explain::Probe& ProbeCache::get(const model::ConvResultPtr& result, const model::Pin& pin) {
  const std::optional<float> value = result->value(pin.filter, pin.row, pin.col);
  if (!probe_ || result != result_ || pin != pin_ || !is_same(value, value_)) {
    probe_ = probe_value(*result, pin);
    steps_ = explain::summation_steps(*probe_);
    result_ = result;
    pin_ = pin;
    value_ = value;
    ++version_;
  }
  return *probe_;
}

}  // namespace convlens::ui
