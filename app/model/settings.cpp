// The first launch: what a person sees before touching anything; and pooling as the engine takes it.
#include "app/model/settings.h"

#include <array>
#include <string_view>

#include "app/model/filter_bank.h"
#include "app/model/stack_edits.h"

namespace convlens::model {

explain::PoolParams pool_params(const PoolSettings& settings) {
  return {.kind = settings.kind,
          .size_y = settings.size,
          .size_x = settings.size,
          .stride_y = settings.stride,
          .stride_x = settings.stride,
          .pad = {}};
}

Settings default_settings() {
  constexpr std::array<std::string_view, 8> kPresets{"sobel-x", "sobel-y",  "laplacian-8", "sharpen",
                                                     "emboss",  "gaussian", "red-green",   "identity"};
  Settings settings;
  FilterBank& bank = settings.conv.bank;
  for (const std::string_view name : kPresets) {
    if (auto filter = preset_filter(bank, name)) bank.filters.push_back(std::move(*filter));
  }
  if (bank.filters.empty()) bank.filters.push_back(identity_filter(bank));
  settings.stack = default_stack();
  settings.train = default_train_settings();
  return settings;
}

}  // namespace convlens::model
