// Limits of a field that take long to find, such as which kernels refuse these filters, kept while nothing that they
// depend on changes. The limits are field_rules'.
#pragma once

#include "app/model/fields.h"

namespace convlens::model {

class LimitsCache {
 public:
  // field_limits() of a field that depends on the convolution and the picture alone.
  const FieldLimits& get(const Field& field, const Settings& settings, const Shape& picture);

 private:
  const Field* field_ = nullptr;
  ConvSettings conv_;
  Shape picture_;
  FieldLimits limits_;
};

}  // namespace convlens::model
