// The lexical half of reading a matrix from text. Knows numbers and punctuation, not rows and columns.
#pragma once

#include <string_view>
#include <vector>

#include "engine/core/error.h"

namespace convlens::model {

struct MatrixToken {
  enum class Kind { kNumber, kSign, kTimes, kOver, kOpen, kClose, kComma, kSemicolon, kNewline, kEnd };
  Kind kind = Kind::kEnd;
  double number = 0;   // kNumber
  char character = 0;  // kSign: '+' or '-'; kOpen: '[', '(' or '{'
};

// Ends with one kEnd. Words of array libraries, declarations, comments and LaTeX commands are gone; an error names the
// first thing that cannot belong to a matrix.
Result<std::vector<MatrixToken>> tokenize_matrix(std::string_view text);

}  // namespace convlens::model
