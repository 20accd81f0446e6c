// Matrices out as text that NumPy reads back, and matrices into a filter. Reading text is in matrix_text.cpp.
#include <array>
#include <charconv>
#include <string>
#include <vector>

#include "app/model/filter_bank.h"

namespace convlens::model {

std::string format_matrix(const FilterBank& bank, const Filter& filter) {
  const std::vector<float> weights = effective_weights(bank, filter);
  const std::string indent = bank.channels > 1 ? "  " : " ";
  std::string text = bank.channels > 1 ? "[" : "";
  std::size_t i = 0;
  for (int c = 0; c < bank.channels; ++c) {
    text += c == 0 ? "[" : ",\n\n [";
    for (int r = 0; r < bank.rows; ++r) {
      text += r == 0 ? "[" : ",\n" + indent + "[";
      for (int s = 0; s < bank.cols; ++s) {
        std::array<char, 32> number{};
        const auto end = std::to_chars(number.data(), number.data() + number.size(), weights[i++] + 0.0F).ptr;
        text += std::string(s == 0 ? "" : ", ") + std::string(number.data(), end);
      }
      text += "]";
    }
    text += "]";
  }
  return text + (bank.channels > 1 ? "]" : "");
}

Status paste_matrix(FilterBank& bank, int index, const Matrix& matrix) {
  if (index < 0 || index >= static_cast<int>(bank.filters.size())) return Error{"There is no such filter."};
  if (matrix.rows > kMaxEditableKernel || matrix.cols > kMaxEditableKernel) {
    return Error{"This matrix is " + std::to_string(matrix.rows) + " × " + std::to_string(matrix.cols) +
                 "; filters have at most " + std::to_string(kMaxEditableKernel) + " rows and columns."};
  }
  if (matrix.channels != 1 && matrix.channels != bank.channels && bank.channels != 1) {
    return Error{"This text holds " + std::to_string(matrix.channels) + " stacked matrices; the filters have " +
                 std::to_string(bank.channels) + " channels. Paste one matrix or " + std::to_string(bank.channels) +
                 "."};
  }
  FilterBank pasted{matrix.channels, matrix.rows, matrix.cols, {}};
  Filter filter;
  filter.name = "Pasted";
  filter.weights = matrix.values;
  filter.bias = bank.filters[static_cast<std::size_t>(index)].bias;
  pasted.filters.push_back(std::move(filter));
  repair_bank(pasted);
  set_channels(pasted, bank.channels);
  set_size(bank, matrix.rows, matrix.cols);
  bank.filters[static_cast<std::size_t>(index)] = std::move(pasted.filters.front());
  return Done{};
}

}  // namespace convlens::model
