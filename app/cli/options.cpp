// Readers of option values: pairs, padding, preset with size.
#include "app/cli/options.h"

#include <charconv>
#include <string_view>
#include <vector>

#include "engine/filters/presets.h"

namespace convlens::cli {
namespace {

std::optional<int> parse_int(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::vector<int>> parse_ints(std::string_view text, char separator) {
  std::vector<int> values;
  for (;;) {
    const std::size_t end = text.find(separator);
    const std::optional<int> value = parse_int(text.substr(0, end));
    if (!value) return std::nullopt;
    values.push_back(*value);
    if (end == std::string_view::npos) return values;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

Result<std::pair<int, int>> parse_pair(const std::string& text) {
  const std::optional<std::vector<int>> values = parse_ints(text, ',');
  if (!values || values->size() > 2) {
    return Error{"'" + text + "' is not a whole number or two with a comma, such as 2 or 2,3 (y,x)"};
  }
  return std::pair{values->front(), values->back()};
}

Status parse_padding(const std::string& text, conv::Params& params) {
  const std::optional<conv::PaddingMode> mode = conv::parse_padding_mode(text);
  if (mode && *mode != conv::PaddingMode::kCustom) {
    params.padding = *mode;
    return Done{};
  }
  const std::optional<std::vector<int>> sides = parse_ints(text, ',');
  if (!sides || (sides->size() != 1 && sides->size() != 4)) {
    return Error{"'" + text + "' is not valid, same, same-tf, full, one number for all sides, or four as T,B,L,R"};
  }
  params.padding = conv::PaddingMode::kCustom;
  if (sides->size() == 1) {
    params.custom = {sides->front(), sides->front(), sides->front(), sides->front()};
  } else {
    params.custom = {(*sides)[0], (*sides)[1], (*sides)[2], (*sides)[3]};
  }
  return Done{};
}

Result<PresetChoice> parse_preset(const std::string& text) {
  const std::size_t colon = text.find(':');
  PresetChoice choice;
  choice.name = text.substr(0, colon);
  const filters::Preset* preset = filters::find_preset(choice.name);
  if (!preset) return filters::make_preset(choice.name, {}).error();
  choice.rows = choice.cols = preset->default_size;
  if (colon == std::string::npos) return choice;
  const std::optional<std::vector<int>> sides = parse_ints(std::string_view(text).substr(colon + 1), 'x');
  if (!sides || sides->size() > 2) {
    return Error{"'" + text + "' does not end in a size such as " + choice.name + ":5 or " + choice.name + ":5x7"};
  }
  choice.rows = sides->front();
  choice.cols = sides->back();
  return choice;
}

}  // namespace convlens::cli
