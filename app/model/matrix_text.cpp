// Reading a matrix from tokens: brackets become nested lists, lists become rows, rows become a matrix.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/model/filter_bank.h"
#include "app/model/matrix_tokens.h"

namespace convlens::model {
namespace {

using Kind = MatrixToken::Kind;

constexpr std::size_t kMaxTextBytes = std::size_t{1} << 20;
constexpr int kMaxDepth = 8;

// A number, or a bracketed list of nodes.
struct Node {
  bool is_list = false;
  double value = 0;
  std::vector<Node> children;
  // What stood between this node and the one before it.
  bool after_semicolon = false;
  int newlines = 0;
  bool after_comma = false;
  char operation = 0;  // '*' or '/'
};

using Row = std::vector<double>;
using Rows = std::vector<Row>;

class Parser {
 public:
  explicit Parser(std::vector<MatrixToken> tokens) : tokens_(std::move(tokens)) {}

  std::optional<std::vector<Node>> run() {
    auto nodes = items(0);
    if (!error_.empty()) return std::nullopt;
    return nodes;
  }
  const std::string& error() const { return error_; }

 private:
  Kind kind() const { return tokens_[pos_].kind; }
  bool fail(std::string message) {
    if (error_.empty()) error_ = std::move(message);
    return false;
  }

  // Everything up to the closing bracket, or up to the end where depth is 0.
  std::vector<Node> items(int depth) {
    std::vector<Node> nodes;
    Node between;
    while (error_.empty()) {
      switch (kind()) {
        case Kind::kComma:
          between.after_comma = true;
          ++pos_;
          break;
        case Kind::kSemicolon:
          between.after_semicolon = true;
          ++pos_;
          break;
        case Kind::kNewline:
          ++between.newlines;
          ++pos_;
          break;
        case Kind::kTimes:
        case Kind::kOver:
          between.operation = kind() == Kind::kTimes ? '*' : '/';
          ++pos_;
          break;
        case Kind::kEnd:
        case Kind::kClose:
          if ((kind() == Kind::kClose) != (depth > 0))
            fail("The brackets of this matrix do not match; copy all of it.");
          return nodes;
        default: {
          Node node = item(depth);
          node.after_comma = between.after_comma;
          node.after_semicolon = between.after_semicolon;
          node.newlines = between.newlines;
          node.operation = between.operation;
          nodes.push_back(std::move(node));
          between = Node{};
        }
      }
    }
    return nodes;
  }

  Node item(int depth) {
    Node node;
    if (const auto value = expression(depth > 0)) {
      node.value = *value;
      return node;
    }
    if (kind() != Kind::kOpen) {
      fail("A sign in this matrix has no number after it.");
      return node;
    }
    if (depth >= kMaxDepth) {
      fail("The brackets of this matrix are nested too deeply.");
      return node;
    }
    ++pos_;
    node.is_list = true;
    node.children = items(depth + 1);
    if (error_.empty()) ++pos_;
    return node;
  }

  // number, -number, (1/9), 1/9, and inside brackets also 2*3. Leaves the position where there is none.
  std::optional<double> expression(bool has_products) {
    auto value = factor();
    while (value && (kind() == Kind::kOver || (has_products && kind() == Kind::kTimes))) {
      const std::size_t start = pos_;
      const bool is_over = kind() == Kind::kOver;
      ++pos_;
      const auto next = factor();
      if (!next) {
        pos_ = start;
        break;
      }
      value = is_over ? *value / *next : *value * *next;
    }
    return value;
  }

  std::optional<double> factor() {
    const std::size_t start = pos_;
    double sign = 1;
    while (kind() == Kind::kSign) {
      if (tokens_[pos_].character == '-') sign = -sign;
      ++pos_;
    }
    if (kind() == Kind::kNumber) return sign * tokens_[pos_++].number;
    if (kind() == Kind::kOpen && tokens_[pos_].character == '(' && nesting_ < kMaxDepth) {
      ++pos_;
      ++nesting_;
      const auto value = expression(true);
      --nesting_;
      if (value && kind() == Kind::kClose) {
        ++pos_;
        return sign * *value;
      }
    }
    pos_ = start;
    return std::nullopt;
  }

  std::vector<MatrixToken> tokens_;
  std::size_t pos_ = 0;
  int nesting_ = 0;
  std::string error_;
};

// Depth of nested lists, 0 for a number; -1 where neighbours differ.
int depth_of(const Node& node) {
  if (!node.is_list) return 0;
  if (node.children.empty()) return 1;
  const int first = depth_of(node.children.front());
  for (const Node& child : node.children) {
    if (depth_of(child) != first) return -1;
  }
  return first < 0 ? -1 : first + 1;
}

bool has_semicolons(const Node& list) {
  return std::any_of(list.children.begin(), list.children.end(), [](const Node& n) { return n.after_semicolon; });
}

bool is_even(const Rows& rows) {
  return std::all_of(rows.begin(), rows.end(), [&](const Row& row) { return row.size() == rows.front().size(); });
}

template <class IsBreak>
Rows split(const std::vector<Node>& numbers, IsBreak is_break) {
  Rows rows;
  for (const Node& number : numbers) {
    if (rows.empty() || is_break(number)) rows.emplace_back();
    rows.back().push_back(number.value);
  }
  return rows;
}

// A list of numbers alone: rows end at semicolons and, where that makes a rectangle, at line ends. Otherwise the lines
// are a long row that was wrapped.
Rows rows_of_leaf(const Node& list) {
  Rows rows = split(list.children, [](const Node& n) { return n.after_semicolon || n.newlines > 0; });
  if (is_even(rows) || has_semicolons(list)) return rows;
  return split(list.children, [](const Node&) { return false; });
}

Row row_of_leaf(const Node& list) {
  Row row;
  for (const Node& number : list.children) row.push_back(number.value);
  return row;
}

std::vector<Rows> planes_of(const Node& root, int depth) {
  std::vector<Rows> planes;
  if (depth == 1) {
    planes.push_back(rows_of_leaf(root));
  } else if (depth == 2 && std::any_of(root.children.begin(), root.children.end(), has_semicolons)) {
    for (const Node& child : root.children) planes.push_back(rows_of_leaf(child));
  } else if (depth == 2) {
    planes.emplace_back();
    for (const Node& child : root.children) planes.back().push_back(row_of_leaf(child));
  } else {
    for (const Node& child : root.children) {
      planes.emplace_back();
      for (const Node& row : child.children) planes.back().push_back(row_of_leaf(row));
    }
  }
  return planes;
}

// Lines of numbers without brackets; an empty line begins the next channel.
std::vector<Rows> planes_of_lines(const std::vector<Node>& numbers) {
  std::vector<Rows> planes;
  for (const Node& number : numbers) {
    if (planes.empty() || number.newlines > 1) {
      planes.emplace_back(1);
    } else if (number.newlines > 0 || number.after_semicolon) {
      planes.back().emplace_back();
    }
    planes.back().back().push_back(number.value);
  }
  return planes;
}

Result<Matrix> to_matrix(const std::vector<Rows>& planes, double scale) {
  Matrix matrix;
  matrix.channels = static_cast<int>(planes.size());
  if (planes.empty() || planes.front().empty() || planes.front().front().empty()) {
    return Error{"There is no number in this text; copy a matrix and paste it again."};
  }
  matrix.rows = static_cast<int>(planes.front().size());
  matrix.cols = static_cast<int>(planes.front().front().size());
  for (const Rows& plane : planes) {
    if (plane.size() != planes.front().size()) {
      return Error{"The stacked matrices have different numbers of rows; they must all have the same shape."};
    }
    for (std::size_t r = 0; r < plane.size(); ++r) {
      if (plane[r].size() != static_cast<std::size_t>(matrix.cols)) {
        return Error{"Row " + std::to_string(r + 1) + " has " + std::to_string(plane[r].size()) +
                     " numbers where row 1 has " + std::to_string(matrix.cols) + "; all rows must be equally long."};
      }
      for (const double value : plane[r]) {
        const auto weight = static_cast<float>(value * scale);
        if (!std::isfinite(weight)) {
          return Error{"A number in this matrix is not finite or too large; filter weights must fit 32-bit floats."};
        }
        matrix.values.push_back(weight);
      }
    }
  }
  return matrix;
}

// Numbers outside the brackets: factors before, factors and divisors after.
Result<double> outer_factor(const std::vector<Node>& nodes) {
  double factor = 1;
  for (const Node& node : nodes) {
    if (node.is_list) continue;
    const bool is_first = &node == &nodes.front();
    if (!is_first && node.operation == 0) {
      return Error{"There are numbers outside the brackets; copy one matrix alone."};
    }
    factor = node.operation == '/' ? factor / node.value : factor * node.value;
  }
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].is_list && nodes[i].operation == '/') return Error{"A number cannot be divided by a matrix."};
  }
  return factor;
}

}  // namespace

Result<Matrix> parse_matrix(std::string_view text) {
  if (text.size() > kMaxTextBytes) return Error{"This text is too long for a filter; copy the matrix alone."};
  auto tokens = tokenize_matrix(text);
  if (!tokens) return tokens.error();
  Parser parser(std::move(*tokens));
  auto nodes = parser.run();
  if (!nodes) return Error{parser.error()};

  const bool has_lists = std::any_of(nodes->begin(), nodes->end(), [](const Node& n) { return n.is_list; });
  if (!has_lists) {
    double factor = 1;
    if (nodes->size() > 1 && (*nodes)[1].operation == '*') {
      factor = nodes->front().value;
      nodes->erase(nodes->begin());
    } else if (nodes->size() > 1 && nodes->back().operation != 0) {
      factor = nodes->back().operation == '/' ? 1 / nodes->back().value : nodes->back().value;
      nodes->pop_back();
    }
    return to_matrix(planes_of_lines(*nodes), factor);
  }
  const auto factor = outer_factor(*nodes);
  if (!factor) return factor.error();
  std::erase_if(*nodes, [](const Node& n) { return !n.is_list; });
  Node root;
  root.is_list = true;
  root.children = std::move(*nodes);
  int depth = depth_of(root);
  while (depth > 1 && root.children.size() == 1 && (depth > 3 || depth == 2)) {
    Node only = std::move(root.children.front());
    root = std::move(only);
    --depth;
  }
  if (depth < 1 || depth > 3) {
    return Error{"The brackets of this text are not those of one matrix, or of one matrix per channel."};
  }
  return to_matrix(planes_of(root, depth), *factor);
}

}  // namespace convlens::model
