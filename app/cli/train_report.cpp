// Numbers into lines.
#include "app/cli/train_report.h"

#include <unistd.h>

#include <charconv>
#include <cmath>
#include <cstdio>
#include <optional>
#include <string_view>

#include "app/cli/format.h"
#include "engine/nn/model.h"

namespace convlens::cli {
namespace {

std::string number(double value) { return format("%.9g", value); }

}  // namespace

ProgressLine::ProgressLine() : is_terminal_(::isatty(STDERR_FILENO) == 1) {}

bool ProgressLine::is_due() const {
  return is_terminal_ && std::chrono::steady_clock::now() - last_ > std::chrono::milliseconds(100);
}

void ProgressLine::show(const std::string& line) {
  std::fprintf(stderr, "\r\x1b[K%s", line.c_str());
  std::fflush(stderr);
  is_open_ = true;
  last_ = std::chrono::steady_clock::now();
}

void ProgressLine::clear() {
  if (is_open_) std::fputs("\r\x1b[K", stderr);
  is_open_ = false;
}

void EpochSums::add(const training::StepReport& report) {
  const auto n = static_cast<double>(report.images);
  images += report.images;
  loss += report.loss * n;
  correct += report.accuracy * n;
}

std::string in_words(const EpochReport& r, std::int64_t epochs) {
  return format(
      "epoch %lld of %lld, step %lld: loss %.4f, accuracy %.2f %%, test loss %.4f, test accuracy %.2f %%, "
      "%.0f samples/s",
      static_cast<long long>(r.epoch), static_cast<long long>(epochs), static_cast<long long>(r.step), r.loss,
      100 * r.accuracy, r.test_loss, 100 * r.test_accuracy, r.samples_per_second);
}

std::string duration_in_words(double seconds) {
  const auto s = static_cast<long long>(std::ceil(seconds));
  if (s < 60) return format("%lld s", s);
  if (s < 3600) return format("%lld min %lld s", s / 60, s % 60);
  return format("%lld h %lld min", s / 3600, s % 3600 / 60);
}

MetricsTable::MetricsTable(const training::Trainer& trainer) {
  header_ = "step,epoch,loss,accuracy,learning_rate,test_loss,test_accuracy";
  const std::vector<nn::LayerSpec> layers = nn::named_layers(trainer.network().model());
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (nn::filter_count(layers[i]) == 0) continue;
    layers_.push_back(i);
    for (const char* what : {"gradient_norm", "weight_norm", "update_ratio", "dead_units"}) {
      header_ += "," + layers[i].name + "." + what;
    }
  }
  header_ += "\n";
}

void MetricsTable::go_on_from(const std::string& text, std::int64_t step) {
  if (!text.starts_with(header_)) return;
  std::string_view rest = std::string_view(text).substr(header_.size());
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    std::int64_t row = 0;
    const auto [stop, error] = std::from_chars(rest.data(), rest.data() + rest.size(), row);
    if (error != std::errc() || end == std::string_view::npos || row > step) return;
    rows_ += rest.substr(0, end + 1);
    rest.remove_prefix(end + 1);
  }
}

void MetricsTable::add(const training::Trainer& trainer, const training::StepReport& report, std::int64_t epoch) {
  if (!begin_.empty()) rows_ += begin_ + test_ + end_ + "\n";
  test_ = ",";
  begin_ = std::to_string(report.step + 1) + "," + std::to_string(epoch) + "," + number(report.loss) + "," +
           number(report.accuracy) + "," + number(static_cast<double>(report.learning_rate)) + ",";
  end_.clear();
  if (!wants_layers(report.step)) {
    end_.assign(4 * layers_.size(), ',');
    return;
  }
  const std::vector<training::LayerMetrics> metrics = trainer.metrics();
  const auto optional = [](const std::optional<double>& value) { return value ? number(*value) : std::string(); };
  for (const std::size_t i : layers_) {
    const training::LayerMetrics& m = metrics[i];
    end_ += "," + number(m.gradient_norm) + "," + number(m.weight_norm) + "," + optional(m.update_ratio) + "," +
            optional(m.dead_units);
  }
}

void MetricsTable::add_test(const training::Evaluation& evaluation) {
  test_ = number(evaluation.loss) + "," + number(evaluation.accuracy);
}

std::string MetricsTable::text() const {
  return header_ + rows_ + (begin_.empty() ? "" : begin_ + test_ + end_ + "\n");
}

}  // namespace convlens::cli
