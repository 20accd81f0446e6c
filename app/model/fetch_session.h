// Fetches MNIST on a thread of its own, with progress for the screen. What a right file is, engine/training/fetch
// knows.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/training/fetch.h"

namespace convlens::model {

// Where MNIST is put and looked for: mnist in the user's data folder.
std::filesystem::path mnist_folder();
// Whether the four files lie there, whole or packed; their sums are not asked.
bool has_mnist(const std::filesystem::path& folder);
// The addresses in $CONVLENS_MNIST_MIRROR, separated by blanks; where it is not set, training::mnist_mirrors().
std::vector<std::string> chosen_mirrors();

struct FetchState {
  std::string file;
  int file_number = 0;  // from 1; 0 before the first byte
  int file_count = 0;
  std::uint64_t done = 0;   // bytes of this file
  std::uint64_t total = 0;  // 0 while it is not known
  double share = 0;         // in [0,1], of all files together
};

class FetchSession {
 public:
  // `wake` is called on the session's thread when the state has moved or the end has come; may be empty.
  explicit FetchSession(std::function<void()> wake);
  FetchSession(const FetchSession&) = delete;
  FetchSession& operator=(const FetchSession&) = delete;
  ~FetchSession();  // cancels

  // Nothing while one is under way.
  void begin(const std::filesystem::path& folder, std::vector<std::string> mirrors);
  // Noticed within a second; what has come is gone on with by the next fetch.
  void cancel();
  bool is_under_way() const;
  bool is_cancelled() const;  // asked to stop, and not there yet
  FetchState state() const;
  // How the last one ended, once. A cancelled one has no end.
  std::optional<Result<training::FetchReport>> take();

 private:
  struct Shared;
  std::unique_ptr<Shared> shared_;
};

}  // namespace convlens::model
