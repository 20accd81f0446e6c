// Augmentation as text: names, limits and sentences.
#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "engine/training/augmentation.h"

namespace convlens::training {
namespace {

struct Field {
  std::string_view name;
  float Augmentation::*value;
  float low, high;
};

constexpr std::array kFields = {
    Field{"shift", &Augmentation::shift, 0, 100},     Field{"rotate", &Augmentation::rotate, 0, 180},
    Field{"scale", &Augmentation::scale, 0, 0.9f},    Field{"elastic", &Augmentation::elastic, 0, 1000},
    Field{"smooth", &Augmentation::smooth, 0.5f, 50}, Field{"noise", &Augmentation::noise, 0, 1},
};

constexpr Augmentation kMnist{.shift = 2, .rotate = 10, .scale = 0.1f, .elastic = 24, .smooth = 4, .noise = 0};

std::string number_text(float value) {
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() ? std::string(text.data(), end) : std::string("0");
}

std::string known_names() {
  std::string names;
  for (const Field& field : kFields) names += (names.empty() ? "" : ", ") + std::string(field.name);
  return names;
}

Status set_field(std::string_view item, Augmentation& augmentation) {
  const std::size_t equals = item.find('=');
  const std::string name(item.substr(0, equals));
  const auto field =
      std::find_if(kFields.begin(), kFields.end(), [&](const Field& known) { return known.name == name; });
  if (field == kFields.end()) {
    return Error{"'" + name + "' is no augmentation; choose none, mnist, or from " + known_names() +
                 " with a number, such as shift=2,rotate=10"};
  }
  const std::string_view number = equals == std::string_view::npos ? std::string_view() : item.substr(equals + 1);
  float value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (error != std::errc() || end != number.data() + number.size() || !(value >= field->low && value <= field->high)) {
    return Error{"the augmentation '" + std::string(item) + "' needs a number from " + number_text(field->low) +
                 " to " + number_text(field->high) + ", such as " + name + "=" + number_text(kMnist.*(field->value))};
  }
  augmentation.*(field->value) = value;
  return Done{};
}

}  // namespace

bool is_on(const Augmentation& augmentation) {
  Augmentation off;
  off.smooth = augmentation.smooth;
  return augmentation != off;
}

Result<Augmentation> parse_augmentation(const std::string& text) {
  if (text == "none") return Augmentation{};
  if (text == "mnist") return kMnist;
  Augmentation augmentation;
  std::string_view rest = text;
  while (true) {
    const std::size_t comma = rest.find(',');
    const Status set = set_field(rest.substr(0, comma), augmentation);
    if (!set) return set.error();
    if (comma == std::string_view::npos) return augmentation;
    rest.remove_prefix(comma + 1);
  }
}

std::string to_string(const Augmentation& augmentation) {
  constexpr Augmentation kDefault;
  std::string text;
  for (const Field& field : kFields) {
    const float value = augmentation.*(field.value);
    if (value == kDefault.*(field.value)) continue;
    text += (text.empty() ? "" : ",") + std::string(field.name) + "=" + number_text(value);
  }
  return text.empty() ? "none" : text;
}

}  // namespace convlens::training
