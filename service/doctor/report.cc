// SPDX-License-Identifier: Apache-2.0
#include "service/doctor/report.h"

#include <algorithm>

namespace sspr::service {

std::string_view Name(FindingLevel level) {
  switch (level) {
    case FindingLevel::kGood:
      return "ok";
    case FindingLevel::kNote:
      return "note";
    case FindingLevel::kWarning:
      return "warning";
    case FindingLevel::kFault:
      break;
  }
  return "fault";
}

FindingLevel DoctorReport::worst() const {
  FindingLevel worst = FindingLevel::kGood;
  for (const DoctorFinding& finding : findings_) worst = std::max(worst, finding.level);
  return worst;
}

}  // namespace sspr::service
