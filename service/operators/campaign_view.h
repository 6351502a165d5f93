// SPDX-License-Identifier: Apache-2.0
// The campaign for people who look at it: who has not registered, by group. Reads users in batches;
// the counts are kept for some minutes, since all users have to be looked at for them.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "service/engine/foundation.h"

namespace sspr::service {

struct CampaignCounts {
  int in_scope = 0;    // enabled, and may reset
  int registered = 0;  // of those, who can
  int to_confirm = 0;  // of those, whose methods are to be confirmed again
};

struct CampaignFigures {
  int users = 0;  // enabled
  CampaignCounts all;
  std::map<std::string, CampaignCounts> by_group;
  UnixSeconds counted_at = 0;
};

struct MissingUser {
  std::string id;
  std::string username;
  std::string display_name;
  std::string groups;
};

class CampaignView {
 public:
  // foundation outlives it. Safe from several threads at once.
  explicit CampaignView(Foundation& foundation) : foundation_(foundation) {}

  // Throws StoreFailure.
  CampaignFigures Figures();
  // In scope and not registered, behind that name; of one group, or with an empty name of all.
  std::vector<MissingUser> Missing(std::string_view group, std::string_view after, int limit);

 private:
  Foundation& foundation_;
  std::mutex mutex_;
  CampaignFigures kept_;
};

}  // namespace sspr::service
