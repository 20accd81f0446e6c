// Finds the IDX files of a data set in a folder, under the names that MNIST, Fashion-MNIST, KMNIST and EMNIST use.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/training/idx.h"

namespace convlens::training {

struct IdxFiles {
  std::filesystem::path train_pictures, train_labels;
  std::optional<std::filesystem::path> test_pictures, test_labels;  // both or none
  IdxLabels meaning;  // class names where folder or file names tell which data set it is
};

// Names are PART-images-idx3-ubyte and PART-labels-idx1-ubyte with PART "train", "t10k" or "test", perhaps after a
// prefix ("emnist-letters-train"); a dot may stand before "idx", ".gz" at the end. Where a folder holds several data
// sets, `where` is FOLDER/PREFIX, such as FOLDER/emnist-letters. Error: no folder, nothing found, a partner missing,
// several data sets.
Result<IdxFiles> find_idx_files(const std::filesystem::path& where);

// What find_idx_files takes for a folder with such files in it, or for one of these files; nothing for anything else.
std::optional<std::filesystem::path> idx_place(const std::filesystem::path& path);

// "0" to "9".
std::vector<std::string> digit_names();

}  // namespace convlens::training
