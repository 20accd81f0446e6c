// JSON objects read and written by one list of fields, so that the two cannot disagree. Internal to engine/training.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "engine/conv/params.h"

namespace convlens::training {

using Json = nlohmann::ordered_json;

// A type T takes part with `template <class Fields> void fields(Fields& f, T& value)`, which calls f.number("name",
// value.name, least, most), f.text(...) and so on for each member.
class JsonWriter {
 public:
  template <class Number>
  void number(const char* key, Number& value, double, double most) {
    // JSON knows no infinity.
    if (std::is_floating_point_v<Number> && !std::isfinite(static_cast<double>(value))) {
      json_[key] = most;
    } else {
      json_[key] = value;
    }
  }
  void flag(const char* key, bool& value) { json_[key] = value; }
  void text(const char* key, std::string& value) { json_[key] = value; }
  template <class List>
  void list(const char* key, List& value) {
    json_[key] = value;
  }
  template <class Enum>
  void choice(const char* key, Enum& value, std::span<const conv::ChoiceName> names) {
    json_[key] = names[static_cast<std::size_t>(value)].name;
  }
  template <class T>
  void object(const char* key, T& value) {
    JsonWriter inner;
    fields(inner, value);
    json_[key] = std::move(inner.json_);
  }
  template <class T>
  void optional_number(const char* key, std::optional<T>& value, double, double) {
    if (value) json_[key] = *value;
  }

  Json take() { return std::move(json_); }

 private:
  Json json_ = Json::object();
};

// Keeps the first thing that is wrong as a sentence without its beginning: "'rate' must be a number from 0 to 1".
class JsonReader {
 public:
  explicit JsonReader(const Json& json, std::string where = "") : json_(json), where_(std::move(where)) {
    if (!json.is_object()) error_ = "its notes are not of the kind that is expected";
  }

  template <class Number>
  void number(const char* key, Number& value, double least, double most) {
    const Json* found = find(key, true);
    if (found) take_number(*found, key, value, least, most);
  }
  template <class Number>
  void optional_number(const char* key, std::optional<Number>& value, double least, double most) {
    const Json* found = find(key, false);
    value.reset();
    if (found) take_number(*found, key, value.emplace(), least, most);
  }
  void flag(const char* key, bool& value) {
    const Json* found = find(key, true);
    if (!found) return;
    if (!found->is_boolean()) return fail(where_ + key, "true or false");
    value = found->get<bool>();
  }
  void text(const char* key, std::string& value) {
    const Json* found = find(key, true);
    if (!found) return;
    if (!found->is_string()) return fail(where_ + key, "a text");
    value = found->get<std::string>();
  }
  // Lists of texts, or lists of lists of booleans.
  template <class List>
  void list(const char* key, List& value) {
    const Json* found = find(key, true);
    if (!found) return;
    if (!is_list_like(*found, value)) return fail(where_ + key, "a list of the right kind");
    value = found->get<List>();
  }
  template <class Enum>
  void choice(const char* key, Enum& value, std::span<const conv::ChoiceName> names) {
    const Json* found = find(key, true);
    if (!found) return;
    const auto parsed = found->is_string() ? conv::parse_choice<Enum>(names, found->get<std::string>()) : std::nullopt;
    if (!parsed) return fail(where_ + key, "one of the known names");
    value = *parsed;
  }
  template <class T>
  void object(const char* key, T& value) {
    const Json* found = find(key, true);
    if (!found) return;
    JsonReader inner(*found, where_ + key + ".");
    if (inner.error_.empty()) fields(inner, value);
    if (error_.empty()) error_ = inner.error_;
  }

  const std::string& error() const { return error_; }

 private:
  const Json* find(const char* key, bool is_needed) {
    if (!json_.is_object()) return nullptr;
    const auto found = json_.find(key);
    if (found != json_.end()) return &*found;
    if (is_needed) fail(where_ + key, "given");
    return nullptr;
  }
  void fail(const std::string& what, const std::string& wanted) {
    if (error_.empty()) error_ = "'" + what + "' must be " + wanted;
  }
  template <class Number>
  void take_number(const Json& found, const std::string& key, Number& value, double least, double most) {
    const bool is_right = std::is_floating_point_v<Number> ? found.is_number() : found.is_number_integer();
    const double told = is_right ? found.template get<double>() : 0;
    const bool is_negative = found.is_number_integer() && !found.is_number_unsigned() && told < 0;
    const bool is_in = is_right && told >= least && told <= most && !(std::is_unsigned_v<Number> && is_negative);
    if (!is_in) return fail(where_ + key, "a number in its limits");
    value = found.template get<Number>();
  }
  template <class Is>
  static bool every(const Json& list, const Is& is) {
    return std::all_of(list.begin(), list.end(), is);
  }
  static bool is_list_like(const Json& json, const std::vector<std::string>&) {
    return json.is_array() && every(json, [](const Json& item) { return item.is_string(); });
  }
  static bool is_list_like(const Json& json, const std::vector<std::vector<bool>>&) {
    return json.is_array() && every(json, [](const Json& list) {
             return list.is_array() && every(list, [](const Json& item) { return item.is_boolean(); });
           });
  }
  static bool is_list_like(const Json& json, const std::vector<std::int64_t>&) {
    return json.is_array() && every(json, [](const Json& item) { return item.is_number_integer(); });
  }
  static bool is_list_like(const Json& json, const std::vector<double>&) {
    return json.is_array() && every(json, [](const Json& item) { return item.is_number(); });
  }

  const Json& json_;
  std::string where_;
  std::string error_;
};

}  // namespace convlens::training
