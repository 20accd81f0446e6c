// Keeps B's maps beside A's and has pairs of maps compared, the chosen one first.
#include "app/model/ab_session.h"

#include <algorithm>
#include <utility>

#include "app/model/history.h"
#include "app/model/reduce.h"
#include "engine/core/parallel.h"

namespace convlens::model {
namespace {

// Maps that are compared in one go: few, so that what is looked at next does not wait long.
constexpr std::size_t kBatch = 4;

bool is_same_size(const FeatureMap& a, const FeatureMap& b) { return a.rows() == b.rows() && a.cols() == b.cols(); }

FeatureMapPtr made_map(const ConvResultPtr& result, int map) {
  return result && result->has(map) ? result->maps[static_cast<std::size_t>(map)] : nullptr;
}

struct Subtraction {
  std::uint64_t serial = 0;
  std::shared_ptr<const Parallel> parallel = std::make_shared<const Parallel>(1);

  MapDifferencePtr operator()(int map, const FeatureMapPtr& a, const FeatureMapPtr& b) {
    auto made = std::make_shared<MapDifference>();
    made->map = map;
    made->a = a;
    made->b = b;
    made->serial = ++serial;
    made->comparison = explain::compare(a->view(), b->view(), &made->values);
    std::vector<MapStats> stats;
    measure_and_reduce(made->values, *parallel, stats, made->levels);
    made->stats = stats.front();
    return made;
  }
};

std::string size_text(std::int64_t rows, std::int64_t cols) {
  return std::to_string(rows) + " × " + std::to_string(cols);
}

}  // namespace

ConvSettings variant_of(BKind kind, const ConvSettings& a) {
  ConvSettings b = a;
  switch (kind) {
    case BKind::kFlip:
      b.params.flip = !a.params.flip;
      break;
    case BKind::kBorder:
      b.params.border = a.params.border == conv::Border::kZero ? conv::Border::kReflect : conv::Border::kZero;
      break;
    case BKind::kProcessor:
      b.kernel = {};
      if (a.kernel.kernel != conv::kAcceleratorKernel) b.kernel.kernel = conv::kAcceleratorKernel;
      break;
    case BKind::kNone:
    case BKind::kFrozen:
      break;
  }
  return b;
}

std::string difference_in_words(const ConvSettings& a, const ConvSettings& b) {
  if (a == b) return "the same settings";
  Settings from, to;
  from.conv = b;
  to.conv = a;
  return describe_change(from, to);
}

AbSession::AbSession(std::function<void()> wake, conv::AcceleratorFactory accelerator)
    : wake_(std::move(wake)), accelerator_(std::move(accelerator)) {}

void AbSession::forget() {
  newest_b_ = pair_a_ = pair_b_ = nullptr;
  sent_.clear();
  differences_.clear();
  asked_.clear();
  complaint_.clear();
}

void AbSession::freeze(const ConvSettings& settings, PicturePtr picture, ConvResultPtr result) {
  forget();
  kind_ = BKind::kFrozen;
  frozen_ = settings;
  frozen_picture_ = std::move(picture);
  newest_b_ = std::move(result);
  if (newest_b_) return;
  if (!session_) session_ = std::make_unique<ConvSession>(wake_, std::function<void(const ConvJob&)>(), accelerator_);
  first_generation_ = session_->request(frozen_picture_, frozen_);
}

void AbSession::follow_as(BKind kind) {
  if (kind == kind_) return;
  forget();
  kind_ = kind;
  frozen_picture_ = nullptr;
  first_generation_ = 0;
}

bool AbSession::is_busy() const {
  return kind_ != BKind::kNone && ((session_ && session_->is_busy()) || (worker_ && worker_->is_busy()));
}

bool AbSession::collect() {
  bool changed = false;
  if (session_) {
    if (auto outcome = session_->take();
        outcome && kind_ != BKind::kNone && first_generation_ != 0 && outcome->generation >= first_generation_) {
      changed = true;
      complaint_.clear();
      if (outcome->result) {
        newest_b_ = std::move(*outcome->result);
        if (newest_b_->gpu_refusal)
          complaint_ = "B is the processor's, too, because the GPU cannot: " + newest_b_->gpu_refusal->reason + ".";
      } else {
        complaint_ = outcome->result.error().message;
      }
    }
  }
  if (worker_) {
    if (auto outcome = worker_->take()) changed |= take_differences(std::move(*outcome));
  }
  return changed && kind_ != BKind::kNone;
}

bool AbSession::is_asked(int map, const FeatureMapPtr& a, const FeatureMapPtr& b) const {
  return std::ranges::any_of(asked_,
                             [&](const DifferenceJob& job) { return job.map == map && job.a == a && job.b == b; });
}

// Answers to what was asked before B became another are left alone.
bool AbSession::take_differences(Result<std::vector<MapDifferencePtr>> outcome) {
  if (!outcome) {
    complaint_ = outcome.error().message;
    return true;
  }
  bool is_answer = false;
  for (MapDifferencePtr& difference : *outcome) {
    if (!is_asked(difference->map, difference->a, difference->b)) continue;
    is_answer = true;
    const auto map = static_cast<std::size_t>(difference->map);
    if (map >= differences_.size()) differences_.resize(map + 1);
    differences_[map] = std::move(difference);
  }
  if (is_answer) asked_.clear();
  return is_answer;
}

// B follows the maps of A that are there, not the settings they lag behind: then the two make a pair.
void AbSession::request_b(const ConvResultPtr& a) {
  if (!sent_.empty()) {
    ConvResultPtr& last = sent_.back().second;
    if (last == a) return;
    if (last->settings == a->settings && last->picture == a->picture) {
      last = a;  // later parts of the same maps
      return;
    }
  }
  if (!session_) session_ = std::make_unique<ConvSession>(wake_, std::function<void(const ConvJob&)>(), accelerator_);
  session_->look_at(looked_at_);
  const std::uint64_t generation = session_->request(a->picture, variant_of(kind_, a->settings));
  if (first_generation_ == 0) first_generation_ = generation;
  sent_.emplace_back(generation, a);
}

void AbSession::pair_up(const ConvResultPtr& a) {
  pair_b_ = newest_b_;
  if (kind_ == BKind::kFrozen) {
    pair_a_ = a;
    return;
  }
  if (!newest_b_) return;
  while (sent_.size() > 1 && sent_.front().first < newest_b_->generation) sent_.pop_front();
  if (!sent_.empty() && sent_.front().first == newest_b_->generation) pair_a_ = sent_.front().second;
}

// One batch at a time, never given up for a newer one: a drag sees differences, too.
void AbSession::request_differences(int chosen) {
  if (!asked_.empty()) return;
  const auto job_for = [&](int map) -> std::optional<DifferenceJob> {
    DifferenceJob job{map, made_map(pair_a_, map), made_map(pair_b_, map)};
    if (!job.a || !job.b || !is_same_size(*job.a, *job.b)) return std::nullopt;
    const MapDifferencePtr known = difference(map);
    if (known && known->a == job.a && known->b == job.b) return std::nullopt;
    return job;
  };
  std::vector<DifferenceJob> jobs;
  if (auto job = job_for(chosen)) {
    jobs.push_back(std::move(*job));
  } else if (show == AbShow::kDifference) {
    for (const int map : looked_at_) {
      if (jobs.size() == kBatch) break;
      if (auto next = job_for(map)) jobs.push_back(std::move(*next));
    }
  }
  if (jobs.empty()) return;
  if (!worker_)
    worker_ = std::make_unique<DifferenceWorker>(
        wake_, [subtract = Subtraction()](const std::vector<DifferenceJob>& batch, const std::atomic<bool>&) mutable {
          std::vector<MapDifferencePtr> found;
          for (const DifferenceJob& job : batch) found.push_back(subtract(job.map, job.a, job.b));
          return std::optional(Result<std::vector<MapDifferencePtr>>(std::move(found)));
        });
  asked_ = jobs;
  worker_->request(std::move(jobs));
}

void AbSession::follow(const ConvResultPtr& a, int chosen) {
  if (kind_ == BKind::kNone || !a) return;
  if (kind_ != BKind::kFrozen) request_b(a);
  pair_up(a);
  request_differences(chosen);
}

FeatureMapPtr AbSession::b_map(int map) const { return made_map(pair_b_, map); }

MapDifferencePtr AbSession::difference(int map) const {
  const auto index = static_cast<std::size_t>(map);
  if (map < 0 || index >= differences_.size() || !mismatch(map).empty()) return nullptr;
  return differences_[index];
}

bool AbSession::is_current(const MapDifference& difference) const {
  return difference.a == made_map(pair_a_, difference.map) && difference.b == made_map(pair_b_, difference.map);
}

std::string AbSession::mismatch(int map) const {
  if (!pair_a_ || !pair_b_) return {};
  const conv::Geometry &a = pair_a_->geometry, &b = pair_b_->geometry;
  if (map >= b.k) return "B has " + std::to_string(b.k) + " maps, so this one has no counterpart.";
  if (a.p == b.p && a.q == b.q) return {};
  return "A's maps are " + size_text(a.p, a.q) + ", B's are " + size_text(b.p, b.q) +
         ": they can be looked at side by side but not subtracted.";
}

}  // namespace convlens::model
