// Matrices as text: everything that people copy, and back again.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <vector>

#include "app/model/filter_bank.h"
#include "tests/app/random_edits.h"

namespace convlens::model {
namespace {

const std::vector<float> kSobel{-1, 0, 1, -2, 0, 2, -1, 0, 1};
const std::vector<float> kBox(9, static_cast<float>(1.0 / 9.0));

void check(std::string_view text, int channels, int rows, int cols, const std::vector<float>& values) {
  CAPTURE(text);
  const auto matrix = parse_matrix(text);
  if (!matrix) FAIL(matrix.error().message);
  CHECK(matrix->channels == channels);
  CHECK(matrix->rows == rows);
  CHECK(matrix->cols == cols);
  CHECK(matrix->values == values);
}

TEST_CASE("Sobel, as written in many places") {
  for (const char* text : {
           "[[-1, 0, 1],\n [-2, 0, 2],\n [-1, 0, 1]]",
           "array([[-1,  0,  1],\n       [-2,  0,  2],\n       [-1,  0,  1]])",
           "np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], dtype=np.float32)",
           "array([[-1.,  0.,  1.],\n       [-2.,  0.,  2.],\n       [-1.,  0.,  1.]], dtype=float32)",
           "tensor([[-1., 0., 1.], [-2., 0., 2.], [-1., 0., 1.]], device='cuda:0', requires_grad=True)",
           "[[-1  0  1]\n [-2  0  2]\n [-1  0  1]]",
           "((-1, 0, 1), (-2, 0, 2), (-1, 0, 1))",
           "[-1, 0, 1],\n[-2, 0, 2],\n[-1, 0, 1]",
           "-1 0 1\n-2 0 2\n-1 0 1",
           "\n\n  -1 0 1  \r\n  -2 0 2 \r\n  -1 0 1\r\n\r\n",
           "-1,0,1\n-2,0,2\n-1,0,1\n",
           "-1\t0\t1\n-2\t0\t2\n-1\t0\t1",
           "[-1 0 1; -2 0 2; -1 0 1]",
           "Gx = [-1 0 1\n      -2 0 2\n      -1 0 1];",
           "-1 0 1; -2 0 2; -1 0 1",
           "static const float kernel[3][3] = {{-1.0f, 0.0f, 1.0f}, {-2.0f, 0.0f, 2.0f}, {-1.0f, 0.0f, 1.0f}};",
           "float k[9] = {\n  -1, 0, 1,\n  -2, 0, 2,\n  -1, 0, 1  // rows\n};",
           "\\begin{bmatrix} -1 & 0 & 1 \\\\ -2 & 0 & 2 \\\\ -1 & 0 & 1 \\end{bmatrix}",
           "G_x = \\left[\\begin{array}{ccc} -1 & 0 & 1 \\\\ -2 & 0 & 2 \\\\ -1 & 0 & 1 \\end{array}\\right]",
           "\u22121 0 1\n\u22122 0 2\n\u22121 0 1",
           "\u23A1 -1 0 1 \u23A4\n\u23A2 -2 0 2 \u23A5\n\u23A3 -1 0 1 \u23A6",
           "| -1 | 0 | 1 |\n|----|---|---|\n| -2 | 0 | 2 |\n| -1 | 0 | 1 |",
           "[[[[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]]]",
           "[-2/2, 0, 1e0; -2, 0, 2; -1, 0, +1]",
           "[[-1, 0, 1],  # top\n [-2, 0, 2],\n [-1, 0, 1]]",
           "2 * [[-0.5, 0, 0.5], [-1, 0, 1], [-.5, 0, .5]]",
       }) {
    check(text, 1, 3, 3, kSobel);
  }
}

TEST_CASE("factors and fractions") {
  for (const char* text : {
           "1/9 * [[1, 1, 1], [1, 1, 1], [1, 1, 1]]",
           "[[1, 1, 1], [1, 1, 1], [1, 1, 1]] / 9",
           "(1/9) * np.array([[1, 1, 1], [1, 1, 1], [1, 1, 1]])",
           "kernel = np.array([[1, 1, 1], [1, 1, 1], [1, 1, 1]]) / 9",
           "np.array([[1, 1, 1], [1, 1, 1], [1, 1, 1]]) * (1/9)",
           "1/9 *\n1 1 1\n1 1 1\n1 1 1",
           "1/9 1/9 1/9\n1/9 1/9 1/9\n1/9 1/9 1/9",
           "[(1/9), (1/9), (1/9); 1/9, 1/9, 1/9; 1/9 1/9 1/9]",
           "\\frac{1}{9} \\begin{bmatrix} 1 & 1 & 1 \\\\ 1 & 1 & 1 \\\\ 1 & 1 & 1 \\end{bmatrix}",
           "\\frac{1}{9}\\cdot\\begin{pmatrix} 1&1&1\\\\1&1&1\\\\1&1&1 \\end{pmatrix}",
           "1/9 \u00D7 [1 1 1; 1 1 1; 1 1 1]",
           "\u2151 [1 1 1; 1 1 1; 1 1 1]",
       }) {
    check(text, 1, 3, 3, kBox);
  }
}

TEST_CASE("other shapes") {
  check("5", 1, 1, 1, {5});
  check("1 2 3", 1, 1, 3, {1, 2, 3});
  check("[1, 2, 3]", 1, 1, 3, {1, 2, 3});
  check("1\n2\n3", 1, 3, 1, {1, 2, 3});
  check("[[1], [2]]", 1, 2, 1, {1, 2});
  check("[1, 2, 3, 4,\n 5]", 1, 1, 5, {1, 2, 3, 4, 5});
  check("[[1, 2, 3,\n  4], [5, 6, 7,\n 8]]", 1, 2, 4, {1, 2, 3, 4, 5, 6, 7, 8});
  check("[[[1, 2], [3, 4]], [[5, 6], [7, 8]], [[9, 10], [11, 12]]]", 3, 2, 2, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  check("array([[[1]],\n\n       [[2]],\n\n       [[3]]])", 3, 1, 1, {1, 2, 3});
  check("1 2\n3 4\n\n5 6\n7 8\n\n9 10\n11 12", 3, 2, 2, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
}

void check_error(std::string_view text, std::string_view words) {
  CAPTURE(text);
  const auto matrix = parse_matrix(text);
  REQUIRE_FALSE(matrix);
  CAPTURE(matrix.error().message);
  CHECK(matrix.error().message.find(words) != std::string::npos);
}

TEST_CASE("what is not a matrix is refused with a reason") {
  check_error("", "no number");
  check_error("[[]]", "no number");
  check_error("Hello world", "'Hello'");
  check_error("1 2 3\n4 5", "Row 2 has 2 numbers where row 1 has 3");
  check_error("[[1, 2], [3]]", "Row 2");
  check_error("[[1, 2], 3]", "brackets");
  check_error("[[1, 2], [3, 4]", "brackets");
  check_error("1, 2]", "brackets");
  check_error("[[1, nan]]", "finite");
  check_error("[1, 1e39]", "finite");
  check_error("[1/0, 2]", "finite");
  check_error("[1, 1e999]", "too large");
  check_error("[[1, ..., 2]]", "print the whole array");
  check_error("np.ones((3, 3)) / 9", "np.ones");
  check_error("[1, 2] [3, 4] 5", "outside");
  check_error("1 / [1, 2]", "divided by a matrix");
  check_error("[1, 2$, 3€]", "'€'");
  check_error("[1, -]", "sign");
  check_error(std::string(100, '['), "nested");
  check_error(std::string(100, '('), "nested");
  check_error(std::string(3 << 20, '1'), "too long");
}

TEST_CASE("any bytes are read or refused") {
  CHECK(rc::check("parse_matrix never fails badly", [](const std::string& bytes) {
    const auto matrix = parse_matrix(bytes);
    if (matrix) {
      RC_ASSERT(matrix->values.size() == static_cast<std::size_t>(matrix->channels * matrix->rows * matrix->cols));
    } else {
      RC_ASSERT(!matrix.error().message.empty());
    }
  }));
  CHECK(rc::check("nor on text like a matrix", [](std::uint64_t seed) {
    constexpr std::string_view kPieces[] = {"1",
                                            "-",
                                            ".5",
                                            "[",
                                            "]",
                                            "(",
                                            ")",
                                            ",",
                                            ";",
                                            "\n",
                                            "*",
                                            "/",
                                            "\\frac{1}{2}",
                                            "\\begin{bmatrix}",
                                            "\\end{bmatrix}",
                                            "&",
                                            "=",
                                            "array",
                                            "e",
                                            "\\",
                                            "{"};
    Random random(seed);
    std::string text;
    for (std::uint32_t i = random.below(30); i > 0; --i) text += kPieces[random.below(std::size(kPieces))];
    const auto matrix = parse_matrix(text);
    if (!matrix) RC_ASSERT(!matrix.error().message.empty());
  }));
}

TEST_CASE("a copied filter pastes back to the same bits") {
  CHECK(rc::check("parse(format(x)) == x", [](std::uint64_t seed) {
    Random random(seed);
    FilterBank bank{
        random.below(2) == 0 ? 1 : 3, 1 + static_cast<int>(random.below(9)), 1 + static_cast<int>(random.below(9)), {}};
    Filter filter;
    for (int i = 0; i < bank.channels * bank.rows * bank.cols; ++i) filter.weights.push_back(random_weight(random));
    bank.filters.push_back(filter);
    const auto matrix = parse_matrix(format_matrix(bank, filter));
    if (!matrix) RC_FAIL(matrix.error().message);
    RC_ASSERT(matrix->channels == bank.channels);
    RC_ASSERT(matrix->rows == bank.rows);
    RC_ASSERT(matrix->cols == bank.cols);
    RC_ASSERT(matrix->values == filter.weights);
    FilterBank other{bank.channels, 2, 2, {}};
    other.filters.push_back(identity_filter(other));
    RC_ASSERT(paste_matrix(other, 0, *matrix).ok());
    RC_ASSERT(other.filters[0].weights == filter.weights);
  }));
}

TEST_CASE("the format is NumPy's") {
  FilterBank bank{1, 2, 2, {}};
  const Filter filter{"", {-1, 0, 0.1F, 2}, 0, 1};
  bank.filters.push_back(filter);
  CHECK(format_matrix(bank, filter) == "[[-1, 0],\n [0.1, 2]]");
}

TEST_CASE("pasting into a bank") {
  FilterBank bank{3, 3, 3, {}};
  bank.filters = {identity_filter(bank), identity_filter(bank)};
  bank.filters[1].bias = 0.5F;
  REQUIRE(paste_matrix(bank, 1, Matrix{1, 1, 3, {3, 6, 9}}));
  CHECK(bank.rows == 1);
  CHECK(bank.filters[1].weights == std::vector<float>{1, 2, 3, 1, 2, 3, 1, 2, 3});
  CHECK(bank.filters[1].bias == 0.5F);
  CHECK(bank.filters[0].weights.size() == 9);
  const FilterBank before = bank;
  CHECK_FALSE(paste_matrix(bank, 1, Matrix{2, 1, 1, {1, 2}}));
  CHECK_FALSE(paste_matrix(bank, 7, Matrix{1, 1, 1, {1}}));
  CHECK_FALSE(paste_matrix(bank, 0, Matrix{1, 1, 40, std::vector<float>(40, 1.0F)}));
  CHECK(bank == before);
}

}  // namespace
}  // namespace convlens::model
