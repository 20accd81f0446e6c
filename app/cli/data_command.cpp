// `convlens data`: words and numbers about data sets; reading and fetching are the engine's.
#include "app/cli/data_command.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <stop_token>

#include "app/cli/format.h"
#include "app/cli/interrupt.h"
#include "engine/core/parallel.h"
#include "engine/io/picture.h"
#include "engine/training/fetch.h"
#include "engine/training/source.h"
#include "engine/training/split.h"

namespace convlens::cli {
namespace {

std::string megabytes(std::uint64_t bytes) { return format("%.1f MB", static_cast<double>(bytes) / 1e6); }

// On a terminal one line that changes, elsewhere one line per file.
class ProgressLine {
 public:
  void show(const training::FetchProgress& progress) {
    const bool is_terminal = ::isatty(STDERR_FILENO) == 1;
    if (!is_terminal && progress.file_number == last_file_) return;
    last_file_ = progress.file_number;
    std::string line = "fetching " + std::string(progress.file) + " (" + std::to_string(progress.file_number) + " of " +
                       std::to_string(progress.file_count) + ")";
    if (is_terminal) {
      line += ": " + megabytes(progress.done) + (progress.total ? " of " + megabytes(progress.total) : "");
      std::fprintf(stderr, "\r\x1b[K%s", line.c_str());
      is_open_ = true;
    } else {
      std::fprintf(stderr, "%s\n", line.c_str());
    }
  }
  ~ProgressLine() {
    if (is_open_) std::fputs("\r\x1b[K", stderr);
  }

 private:
  int last_file_ = 0;
  bool is_open_ = false;
};

std::string plural(std::int64_t count, const std::string& one, const std::string& many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::string in_words(const training::DataParts& parts, const training::Normalisation& values) {
  const training::Dataset& data = *parts.train.data;
  std::string text = plural(parts.train.size(), "picture", "pictures") + " to train, " +
                     plural(parts.test.size(), "picture", "pictures") + " to test, " + std::to_string(data.width) +
                     " x " + std::to_string(data.height) + " pixels, " + (data.channels == 1 ? "grey" : "colour") +
                     ", " + plural(data.class_count(), "class", "classes") + "\n";
  text += "from " + data.origin + "\n";
  text += format("mean %.4f, standard deviation %.4f of the training pixels in [0,1]\n",
                 static_cast<double>(values.mean), static_cast<double>(values.deviation));
  const std::vector<std::int64_t> train = training::count_classes(parts.train);
  const std::vector<std::int64_t> test = training::count_classes(parts.test);
  text += format("%-20s %9s %9s\n", "CLASS", "TRAIN", "TEST");
  for (std::size_t c = 0; c < train.size(); ++c) {
    text += format("%-20s %9lld %9lld\n", data.class_names[c].c_str(), static_cast<long long>(train[c]),
                   static_cast<long long>(test[c]));
  }
  for (const std::string& warning : data.warnings) text += "left out: " + warning + "\n";
  if (parts.test.data != parts.train.data) {
    for (const std::string& warning : parts.test.data->warnings) text += "left out: " + warning + "\n";
  }
  return text;
}

std::string in_json(const training::DataParts& parts, const training::Normalisation& values) {
  const training::Dataset& data = *parts.train.data;
  nlohmann::ordered_json json;
  json["train"] = parts.train.size();
  json["test"] = parts.test.size();
  json["channels"] = data.channels;
  json["height"] = data.height;
  json["width"] = data.width;
  json["mean"] = values.mean;
  json["deviation"] = values.deviation;
  json["classes"] = data.class_names;
  json["train_per_class"] = training::count_classes(parts.train);
  json["test_per_class"] = training::count_classes(parts.test);
  json["origin"] = data.origin;
  std::vector<std::string> warnings = data.warnings;
  if (parts.test.data != parts.train.data) {
    warnings.insert(warnings.end(), parts.test.data->warnings.begin(), parts.test.data->warnings.end());
  }
  json["left_out"] = warnings;
  // Folder names need not be UTF-8.
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

// A row of pictures for each of the first classes, with a grey line between pictures.
Status write_sheet(const std::filesystem::path& path, const training::Subset& subset) {
  constexpr std::int64_t kRows = 20, kColumns = 20, kMostSide = 4000;
  constexpr std::uint8_t kLine = 96;
  const training::Dataset& data = *subset.data;
  const std::int64_t h = data.height + 1, w = data.width + 1;
  const std::int64_t rows = std::clamp<std::int64_t>(kMostSide / h, 1, std::min(kRows, data.class_count()));
  const std::int64_t columns = std::clamp<std::int64_t>(kMostSide / w, 1, kColumns);
  const std::int64_t width = columns * w - 1, height = rows * h - 1;
  std::vector<std::uint8_t> sheet(static_cast<std::size_t>(width * height * data.channels), kLine);
  std::vector<std::int64_t> used(static_cast<std::size_t>(data.class_count()), 0);
  for (const std::int64_t index : subset.indices) {
    const std::int64_t row = data.labels[static_cast<std::size_t>(index)];
    if (row >= rows || used[static_cast<std::size_t>(row)] == columns) continue;
    const std::int64_t column = used[static_cast<std::size_t>(row)]++;
    const std::span<const std::uint8_t> picture = data.picture(index);
    for (std::int64_t c = 0; c < data.channels; ++c) {
      for (std::int64_t y = 0; y < data.height; ++y) {
        for (std::int64_t x = 0; x < data.width; ++x) {
          const std::int64_t at = ((row * h + y) * width + column * w + x) * data.channels + c;
          sheet[static_cast<std::size_t>(at)] =
              picture[static_cast<std::size_t>((c * data.height + y) * data.width + x)];
        }
      }
    }
  }
  return io::write_png(path, sheet, static_cast<int>(width), static_cast<int>(height), static_cast<int>(data.channels));
}

}  // namespace

void declare_data(CLI::App& data, DataOptions& options) {
  data.require_subcommand(1);
  CLI::App* fetch = data.add_subcommand("fetch", "Fetch a data set from its public mirrors and check it");
  fetch->add_option("name", options.fetch.name, "Which: mnist")->required()->check(CLI::IsMember({"mnist"}));
  fetch->add_option("folder", options.fetch.folder, "Where to put it; made if missing")->required()->type_name("DIR");
  fetch->add_option("--mirror", options.fetch.mirrors, "Another address to fetch from; may be given several times")
      ->type_name("URL");
  fetch->footer(
      "What breaks off is gone on with by the next call; what is there with the right checksum is left alone.");
  fetch->callback([&options] { options.fetches = true; });
  CLI::App* info = data.add_subcommand("info", "Tell what a data set holds");
  info->add_option("data", options.info.data, std::string(training::kDataWords) + ", or just a folder")->required();
  info->add_option("--sheet", options.info.sheet, "Write some pictures of each class as one PNG")->type_name("FILE");
  info->add_option("--seed", options.info.seed, "Draws synthetic digits and what is set aside (1)")->type_name("N");
  info->add_flag("--json", options.info.json, "Print one JSON object");
}

Result<std::string> run_data(const DataOptions& options) {
  return options.fetches ? run_data_fetch(options.fetch) : run_data_info(options.info);
}

Result<std::string> run_data_fetch(const DataFetchOptions& options) {
  const InterruptGuard guard;
  std::stop_source stop;
  training::FetchOptions fetch;
  fetch.mirrors = options.mirrors.empty() ? training::mnist_mirrors() : options.mirrors;
  for (std::string& mirror : fetch.mirrors) {
    if (!mirror.ends_with('/')) mirror += '/';
  }
  fetch.stop = stop.get_token();
  Result<training::FetchReport> report = [&] {
    ProgressLine line;
    fetch.on_progress = [&](const training::FetchProgress& progress) {
      line.show(progress);
      if (interrupted()) stop.request_stop();
    };
    return training::fetch_files(training::mnist_files(), options.folder, fetch);
  }();
  if (!report) return report.error();
  std::string text = plural(report->fetched, "file", "files") + " fetched into " + options.folder.string();
  if (report->already_there > 0) text += ", " + std::to_string(report->already_there) + " already there";
  return text + "; every checksum is right\n";
}

Result<std::string> run_data_info(const DataInfoOptions& options) {
  const Parallel parallel;
  const Result<training::DataParts> parts =
      training::open_data(training::data_word(options.data), options.seed, {}, parallel);
  if (!parts) return parts.error();
  if (!options.sheet.empty()) {
    const Status written = write_sheet(options.sheet, parts->train);
    if (!written) return written.error();
  }
  const training::Normalisation values = training::measure_normalisation(parts->train);
  return options.json ? in_json(*parts, values) : in_words(*parts, values);
}

}  // namespace convlens::cli
