// ConvLens as an engine of the peers' convolution comparison; not part of the program. Needs the engine's libraries,
// built before in build/release of the checkout that OURS points into (or in CONVLENS_BUILD).
// on: 12
// clang-format off
// build: -std=c++20 -I$(cd "$OLDPWD" && cd "$OURS/../../.." && pwd) $(cd "$OLDPWD" && cd "${CONVLENS_BUILD:-$OURS/../../../build/release}/engine" && echo $PWD/conv/libengine_conv.a $PWD/core/libengine_core.a) -lhwy -ltbb
// clang-format on
#include "../conv_engine.h"

#include "engine/conv/conv.h"

namespace {

using namespace convlens;

struct Plan {
  conv::Geometry geometry;
  conv::Workspace workspace;
  Parallel parallel;
};

void* plan(const conv_case* c, int threads) {
  conv::Params params;
  params.padding = conv::PaddingMode::kCustom;
  params.custom = {c->pad, c->pad, c->pad, c->pad};
  params.stride_y = params.stride_x = c->stride;
  params.dilation_y = params.dilation_x = c->dil;
  auto geometry = conv::resolve(params, {c->n, c->ic, c->ih, c->iw}, {c->oc, c->ic, c->k, c->k});
  return geometry ? new Plan{*geometry, {}, Parallel(threads)} : nullptr;
}

void run(void* state, const float* x, const float* w, float* y) {
  Plan& p = *static_cast<Plan*>(state);
  const auto report =
      conv::forward(p.geometry, dense_view(x, p.geometry.input_shape()), dense_view(w, p.geometry.weights_shape()), {},
                    dense_view(y, p.geometry.output_shape()), {}, p.workspace, p.parallel);
  static_cast<void>(report);  // the harness checks the numbers before it times them
}

void destroy(void* state) { delete static_cast<Plan*>(state); }

}  // namespace

extern "C" const conv_engine conv_engines[] = {{"convlens", 0, plan, nullptr, run, nullptr, destroy}, {}};
