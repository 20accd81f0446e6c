// The layers of a chain as blocks with shapes and costs; the chosen one opens with its controls. Edits the description
// in place and says in its block why a layer does not fit.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/ui/ui.h"
#include "engine/core/tensor.h"
#include "engine/nn/model.h"

namespace convlens::ui {

inline constexpr std::size_t kNoLayer = static_cast<std::size_t>(-1);

struct LayerTotals {
  std::int64_t parameters = 0;
  std::int64_t multiply_adds = 0;  // for one picture
};

// Of all layers that fit.
LayerTotals layer_totals(const nn::ModelSpec& model);

class LayerList {
 public:
  // `prefix` begins every name in the text twin: "stack". Where it folds, a click on the chosen block closes it again,
  // and nothing is chosen (kNoLayer).
  explicit LayerList(std::string prefix, bool folds = false);

  void draw(Ui& ui, nn::ModelSpec& model, std::size_t& selected);
  // A list of the kinds; the new layer stands behind the chosen one. `more` may draw other things to add.
  void draw_add(Ui& ui, nn::ModelSpec& model, std::size_t& selected, float width,
                const std::function<void()>& more = {});

  // Shapes and misfit are those of the model that this, or draw(), was called with last.
  void look_at(const nn::ModelSpec& model);
  // Why the chain does not fit; empty where it does.
  const std::optional<std::string>& misfit() const { return misfit_; }

 private:
  void draw_block(Ui& ui, nn::ModelSpec& model, std::size_t& selected, std::size_t index, const std::string& name);
  void draw_tools(Ui& ui, std::size_t count, std::size_t index);

  std::string prefix_;
  bool folds_;
  std::vector<Shape> levels_;  // the picture's and what each layer makes, as far as they fit
  std::optional<std::string> misfit_;
  std::optional<std::size_t> removed_, duplicated_;
  std::optional<std::pair<std::size_t, std::size_t>> moved_;
};

}  // namespace convlens::ui
