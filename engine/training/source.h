// Data sets by a word: what `--data` takes. Knows no network.
#pragma once

#include <cstdint>
#include <string>

#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/training/dataset.h"
#include "engine/training/picture_folder.h"

namespace convlens::training {

struct DataParts {
  Subset train;
  Subset test;  // of the same picture shape and classes
};

inline constexpr std::int64_t kDefaultDigits = 60'000;
// Without a test part of its own, this share of a data set is set aside for it.
inline constexpr double kTestShare = 1.0 / 6;

// What can be given: for help texts and messages.
inline constexpr const char* kDataWords = "mnist:DIR, idx:DIR, folder:DIR or synthetic[:N]";

// What open_data takes for a text that may also be just a path: "idx:DIR" where IDX files are in the folder,
// "idx:DIR/PREFIX" for one of several sets by one of its files, "folder:DIR" for any other folder.
std::string data_word(const std::string& text);

// "mnist:DIR"       the four MNIST files: 10 classes of 28 x 28
// "idx:DIR"         any IDX data set: see find_idx_files
// "folder:DIR"      a folder of pictures per class, or DIR/train and DIR/test that hold such
// "synthetic[:N]"   N digits written by code (kDefaultDigits), and N / 6 others as test
// `seed` draws the synthetic digits and what is set aside. Errors as the readers say them, or about the word itself.
Result<DataParts> open_data(const std::string& text, std::uint64_t seed, const PictureFolderOptions& pictures,
                            const Parallel& parallel);

}  // namespace convlens::training
