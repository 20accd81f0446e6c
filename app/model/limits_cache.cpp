// See limits_cache.h.
#include "app/model/limits_cache.h"

namespace convlens::model {

const FieldLimits& LimitsCache::get(const Field& field, const Settings& settings, const Shape& picture) {
  if (field_ == &field && picture_ == picture && conv_ == settings.conv) return limits_;
  field_ = &field;
  conv_ = settings.conv;
  picture_ = picture;
  limits_ = field_limits(field, settings, picture);
  return limits_;
}

}  // namespace convlens::model
