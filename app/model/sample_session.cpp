// One picture through the net.
#include "app/model/sample_session.h"

namespace convlens::model {

struct SampleSession::State {
  SampleFactsPtr facts;
};

SampleSession::SampleSession(std::function<void()>) : state_(std::make_unique<State>()) {}
SampleSession::~SampleSession() = default;
void SampleSession::follow(const TrainRunPtr&, const ParameterRow&, std::int64_t, const SampleRef&,
                           const std::shared_ptr<const DrawnPicture>&) {}
bool SampleSession::collect() { return false; }
const SampleFactsPtr& SampleSession::facts() const { return state_->facts; }
bool SampleSession::is_busy() const { return false; }

}  // namespace convlens::model
