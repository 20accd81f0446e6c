// From the text of web pages, NumPy, MATLAB, C and LaTeX to numbers and punctuation.
#include "app/model/matrix_tokens.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <string>
#include <utility>

namespace convlens::model {
namespace {

using Kind = MatrixToken::Kind;
using Replacement = std::pair<std::string_view, std::string_view>;

// What web pages write in place of ASCII. Longer spellings come before their own beginnings.
constexpr std::array<Replacement, 44> kReplacements{{
    {"\r\n", "\n"},
    {"\r", "\n"},
    {"\t", " "},
    {"\u2212", "-"},
    {"\u2013", "-"},
    {"\u2014", "-"},
    {"\uFF0D", "-"},
    {"\u00A0", " "},
    {"\u2007", " "},
    {"\u2009", " "},
    {"\u202F", " "},
    {"\u200B", ""},
    {"\uFEFF", ""},
    {"\u00D7", "*"},
    {"\u00B7", "*"},
    {"\u22C5", "*"},
    {"\u2044", "/"},
    {"\u00BD", " (1/2) "},
    {"\u2153", " (1/3) "},
    {"\u00BC", " (1/4) "},
    {"\u2159", " (1/6) "},
    {"\u215B", " (1/8) "},
    {"\u2151", " (1/9) "},
    {"\u23A1", " "},
    {"\u23A2", " "},
    {"\u23A3", " "},
    {"\u23A4", " "},
    {"\u23A5", " "},
    {"\u23A6", " "},
    {"\u239B", " "},
    {"\u239D", " "},
    {"\u239E", " "},
    {"\u23A0", " "},
    {"\u2502", " "},
    {"|", " "},
    {"&", ","},
    {"\\\\", ";"},
    {"\\,", " "},
    {"\\;", " "},
    {"\\!", " "},
    {"\\cdot", "*"},
    {"\\times", "*"},
    {"\\left", "\x01"},
    {"\\right", "\x01"},
}};

// Functions and types that only wrap the numbers they are given.
constexpr std::array<std::string_view, 8> kArrayWords{"array",  "asarray", "matrix", "mat",
                                                      "tensor", "list",    "tuple",  "float32"};

bool is_space(char c) { return c == ' ' || c == '\f' || c == '\v'; }
bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A line such as |---|:--:| between the head and the body of a Markdown table.
bool is_table_rule(std::string_view line) {
  return std::count(line.begin(), line.end(), '-') >= 3 && line.find('|') != std::string_view::npos &&
         line.find_first_not_of("-|:+ \r") == std::string_view::npos;
}

std::string in_ascii(std::string_view text) {
  std::string ascii;
  ascii.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    if (i == 0 || text[i - 1] == '\n') {
      const std::string_view line = text.substr(i, text.find('\n', i) - i);
      if (is_table_rule(line)) {
        i = std::min(i + line.size() + 1, text.size());
        continue;
      }
    }
    const auto found = std::find_if(kReplacements.begin(), kReplacements.end(),
                                    [&](const Replacement& r) { return text.substr(i).starts_with(r.first); });
    if (found != kReplacements.end()) {
      ascii += found->second;
      i += found->first.size();
    } else {
      ascii += text[i++];
    }
  }
  return ascii;
}

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view text) : text_(text) {}

  Result<std::vector<MatrixToken>> run() {
    skip_declaration();
    while (pos_ < text_.size() && error_.empty()) step();
    if (!error_.empty()) return Error{error_};
    add(Kind::kEnd);
    return std::move(tokens_);
  }

 private:
  char peek(std::size_t ahead = 0) const { return pos_ + ahead < text_.size() ? text_[pos_ + ahead] : '\0'; }
  std::string_view rest() const { return text_.substr(pos_); }
  void add(Kind kind, char character = 0, double number = 0) { tokens_.push_back({kind, number, character}); }
  void punctuation(Kind kind) {
    add(kind, peek());
    ++pos_;
  }
  void skip_spaces() {
    while (is_space(peek())) ++pos_;
  }
  void skip_line() { pos_ = std::min(text_.find('\n', pos_), text_.size()); }

  // What stands before an equals sign outside brackets: `static const float k[3][3] =`.
  void skip_declaration() {
    int depth = 0;
    for (std::size_t i = 0; i < text_.size(); ++i) {
      const char c = text_[i];
      if (c == '[' || c == '(' || c == '{') ++depth;
      if (c == ']' || c == ')' || c == '}') --depth;
      if (c == '=' && depth == 0) pos_ = i + 1;
    }
  }

  void step() {
    const char c = peek();
    if (is_space(c)) {
      ++pos_;
    } else if (rest().starts_with("//") || c == '#' || c == '%') {
      skip_line();
    } else if (rest().starts_with("/*")) {
      const std::size_t end = text_.find("*/", pos_ + 2);
      pos_ = end == std::string_view::npos ? text_.size() : end + 2;
    } else if (rest().starts_with("...")) {
      dots();
    } else if (is_digit(c) || (c == '.' && is_digit(peek(1)))) {
      number();
    } else if (is_letter(c)) {
      word();
    } else if (c == '\\') {
      command();
    } else {
      symbol(c);
    }
  }

  void symbol(char c) {
    switch (c) {
      case '\n':
        return punctuation(Kind::kNewline);
      case ',':
        return punctuation(Kind::kComma);
      case ';':
        return punctuation(Kind::kSemicolon);
      case '*':
        return punctuation(Kind::kTimes);
      case '/':
        return punctuation(Kind::kOver);
      case '+':
      case '-':
        return punctuation(Kind::kSign);
      case '[':
      case '(':
      case '{':
        ++depth_;
        return punctuation(Kind::kOpen);
      case ']':
      case ')':
      case '}':
        --depth_;
        return punctuation(Kind::kClose);
      case '\x01':
        // LaTeX's \left and \right with the bracket they size; the matrix inside has its own.
        ++pos_;
        skip_spaces();
        if (peek() != '\\') ++pos_;
        return;
      case '$':
        ++pos_;
        return;
      default:
        error_ = "'" + shown_character() + "' is not part of a matrix; copy the numbers alone.";
    }
  }

  // The whole UTF-8 character at the cursor.
  std::string shown_character() const {
    std::size_t length = 1;
    while (length < 4 && (static_cast<unsigned char>(peek(length)) & 0xC0U) == 0x80U) ++length;
    return std::string(rest().substr(0, length));
  }

  // MATLAB continues a line with dots; NumPy leaves numbers out with them.
  void dots() {
    pos_ += 3;
    skip_spaces();
    if (peek() == '\n') {
      ++pos_;
    } else {
      error_ = "The text leaves numbers out with '...'; print the whole array and copy it again.";
    }
  }

  void number() {
    double value = 0;
    const auto [end, failed] = std::from_chars(text_.data() + pos_, text_.data() + text_.size(), value);
    pos_ = static_cast<std::size_t>(end - text_.data());
    if (failed == std::errc::result_out_of_range) {
      error_ = "A number in this matrix is too large or too small; use numbers that fit 32-bit floats.";
      return;
    }
    if (std::string_view("fFdDlL").find(peek()) != std::string_view::npos && peek() != '\0' && !is_letter(peek(1)))
      ++pos_;
    if (is_letter(peek()) || is_digit(peek())) {
      word();
      return;
    }
    add(Kind::kNumber, 0, value);
  }

  void word() {
    const std::size_t start = pos_;
    while (is_letter(peek()) || is_digit(peek()) || peek() == '.' || peek() == ':') ++pos_;
    const std::string name(text_.substr(start, pos_ - start));
    skip_spaces();
    const char next = peek();
    if (next == '=' && depth_ > 0) {
      skip_argument();
      return;
    }
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
    const std::string_view last = std::string_view(lower).substr(lower.rfind('.') + 1);
    const bool is_array = std::find(kArrayWords.begin(), kArrayWords.end(), last) != kArrayWords.end();
    if (lower == "nan" || lower == "inf" || lower == "infinity") {
      error_ = "The matrix holds '" + name + "'; filter weights must be finite numbers.";
    } else if (next == '(' && !is_array) {
      error_ = "'" + name + "(...)' has to be computed first; copy the numbers that it makes.";
    } else if (is_digit(name.front()) || (!is_array && next != '[' && next != '{' && name.back() != ':')) {
      error_ = "'" + name + "' is not a number; copy the matrix alone.";
    }
  }

  // A keyword argument such as dtype=float32: up to the comma or bracket that ends it.
  void skip_argument() {
    int inner = 0;
    for (; pos_ < text_.size(); ++pos_) {
      const char c = peek();
      if (c == '(' || c == '[') ++inner;
      if (inner == 0 && (c == ',' || c == ')')) return;
      if (c == ')' || c == ']') --inner;
    }
  }

  std::string_view braces() {
    skip_spaces();
    if (peek() != '{') return {};
    const std::size_t end = std::min(text_.find('}', pos_), text_.size());
    const std::string_view inside = text_.substr(pos_ + 1, end - pos_ - 1);
    pos_ = std::min(end + 1, text_.size());
    return inside;
  }

  void command() {
    const std::size_t start = ++pos_;
    while (is_letter(peek())) ++pos_;
    const std::string_view name = text_.substr(start, pos_ - start);
    if (name.ends_with("frac")) {
      fraction();
    } else if (name == "begin") {
      const std::string_view kind = braces();
      if (kind == "array") braces();
      ++depth_;
      add(Kind::kOpen, '[');
    } else if (name == "end") {
      braces();
      --depth_;
      add(Kind::kClose, ']');
    } else if (name.empty() && pos_ < text_.size()) {
      ++pos_;
    }
  }

  void fraction() {
    const auto part = [&](std::string_view inside) {
      auto tokens = Tokenizer(inside).run();
      if (!tokens) {
        error_ = tokens.error().message;
        return;
      }
      tokens_.insert(tokens_.end(), tokens->begin(), tokens->end() - 1);
    };
    add(Kind::kOpen, '(');
    part(braces());
    add(Kind::kOver);
    part(braces());
    add(Kind::kClose, ')');
  }

  std::string_view text_;
  std::size_t pos_ = 0;
  int depth_ = 0;
  std::vector<MatrixToken> tokens_;
  std::string error_;
};

}  // namespace

Result<std::vector<MatrixToken>> tokenize_matrix(std::string_view text) {
  const std::string ascii = in_ascii(text);
  return Tokenizer(ascii).run();
}

}  // namespace convlens::model
