// What changed between two settings, in words. Not the history itself.
#include <algorithm>
#include <string>
#include <vector>

#include "app/model/fields.h"
#include "app/model/filter_bank.h"
#include "app/model/history.h"
#include "app/model/picture_loader.h"
#include "app/model/stack_edits.h"

namespace convlens::model {
namespace {

std::string shown_text(const Field& field, double value) {
  if (field.kind == FieldKind::kChoice) {
    const auto index = static_cast<std::size_t>(value);
    if (index < field.choices.size()) return std::string(field.choices[index].label);
  }
  return field_text(field, value);
}

std::string describe_field(const Field& field, double before, double after) {
  std::string label(field.label);
  if (field.kind == FieldKind::kBool) return label + (after != 0 ? " on" : " off");
  return label + " " + shown_text(field, before) + " → " + shown_text(field, after);
}

std::string describe_picture(const PictureRef& ref) {
  return (ref.kind == PictureRef::Kind::kFile     ? "Open "
          : ref.kind == PictureRef::Kind::kPasted ? "Paste "
                                                  : "Picture ") +
         picture_title(ref);
}

// Where a bank gained one filter: the index at which `longer` has one more than `shorter`; -1 where that is not all.
int inserted_index(const std::vector<Filter>& shorter, const std::vector<Filter>& longer) {
  if (longer.size() != shorter.size() + 1) return -1;
  const auto differs = std::mismatch(shorter.begin(), shorter.end(), longer.begin());
  if (!std::equal(differs.first, shorter.end(), differs.second + 1, longer.end())) return -1;
  return static_cast<int>(differs.second - longer.begin());
}

std::string describe_weights(const FilterBank& bank, const Filter& before, const Filter& after) {
  const auto names = filter_edit_names();
  for (std::size_t edit = 0; edit < names.size(); ++edit) {
    const auto kind = static_cast<FilterEdit>(edit);
    if (kind == FilterEdit::kRandomise) continue;
    Filter tried = before;
    if (apply_edit(bank, tried, kind, 0) && tried.weights == after.weights && tried.weights != before.weights) {
      return std::string(names[edit].label) + " " + before.name;
    }
  }
  std::size_t changed = 0;
  for (std::size_t i = 0; i < before.weights.size() && i < after.weights.size(); ++i) {
    changed += before.weights[i] != after.weights[i] ? 1 : 0;
  }
  return (changed == 1 ? "Weight of " : "Weights of ") + after.name;
}

std::string describe_filter(const FilterBank& bank, std::size_t index, const Filter& before, const Filter& after) {
  if (before.name != after.name) {
    if (before.weights == after.weights && before.strength == after.strength) {
      return "Rename " + before.name + " → " + after.name;
    }
    return "Filter " + std::to_string(index + 1) + ": " + before.name + " → " + after.name;
  }
  const bool weights = before.weights != after.weights;
  if (before.bias != after.bias && !weights) return "Bias of " + after.name;
  if (before.strength != after.strength && !weights) return "Strength of " + after.name;
  return describe_weights(bank, before, after);
}

std::string describe_filters(const FilterBank& before, const FilterBank& after) {
  if (before.rows != after.rows || before.cols != after.cols) {
    return "Kernel size " + std::to_string(before.rows) + " × " + std::to_string(before.cols) + " → " +
           std::to_string(after.rows) + " × " + std::to_string(after.cols);
  }
  const std::vector<Filter>& old = before.filters;
  const std::vector<Filter>& now = after.filters;
  if (const int added = inserted_index(old, now); added >= 0) {
    return "Add filter " + now[static_cast<std::size_t>(added)].name;
  }
  if (const int deleted = inserted_index(now, old); deleted >= 0) {
    return "Delete filter " + old[static_cast<std::size_t>(deleted)].name;
  }
  if (old.size() != now.size()) {
    return "Filters " + std::to_string(old.size()) + " → " + std::to_string(now.size());
  }
  std::vector<std::size_t> changed;
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (old[i] != now[i]) changed.push_back(i);
  }
  if (changed.size() == 1) return describe_filter(after, changed[0], old[changed[0]], now[changed[0]]);
  if (std::is_permutation(old.begin(), old.end(), now.begin())) {
    const std::size_t first = changed.front();
    const std::size_t last = changed.back();
    return "Move filter " + (now[last] == old[first] ? old[first].name : old[last].name);
  }
  return std::to_string(changed.size()) + " filters";
}

}  // namespace

std::string describe_change(const Settings& before, const Settings& after) {
  if (before.conv.picture != after.conv.picture) return describe_picture(after.conv.picture);
  if (before.stack != after.stack) return describe_stack_change(before.stack, after.stack);
  if (before.train != after.train) return describe_train_change(before.train, after.train);
  std::vector<const Field*> changed;
  for (const Field& field : fields()) {
    const bool is_bank_shape = field.name == "conv/kernel_rows" || field.name == "conv/kernel_cols";
    if (!is_bank_shape && field.get(before) != field.get(after)) changed.push_back(&field);
  }
  // The bank's channels follow the channel choice and the groups, so such a change is told by the field alone.
  const bool has_other_shape =
      before.conv.bank.rows != after.conv.bank.rows || before.conv.bank.cols != after.conv.bank.cols;
  const bool has_other_channels = before.conv.bank.channels != after.conv.bank.channels;
  const bool has_other_count = before.conv.bank.filters.size() != after.conv.bank.filters.size();
  const bool is_bank_told = before.conv.bank == after.conv.bank ||
                            (has_other_channels && !has_other_shape && !has_other_count && !changed.empty());
  if (!is_bank_told && (changed.empty() || has_other_shape || has_other_count)) {
    return describe_filters(before.conv.bank, after.conv.bank);
  }
  if (changed.empty()) return is_bank_told ? "No change" : describe_filters(before.conv.bank, after.conv.bank);
  const Field& first = *changed.front();
  std::string words = describe_field(first, first.get(before), first.get(after));
  for (std::size_t i = 1; i < changed.size() && i < 3; ++i) {
    words += ", " + describe_field(*changed[i], changed[i]->get(before), changed[i]->get(after));
  }
  if (changed.size() > 3) words += ", …";
  return words;
}

}  // namespace convlens::model
