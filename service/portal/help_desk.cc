// SPDX-License-Identifier: Apache-2.0
#include "service/portal/help_desk.h"

#include "service/policy/policy.h"

namespace sspr::service {

std::function<HelpDesk()> HelpDeskOf(FlowStore& store) {
  return [&store] {
    const Policy policy = LoadPolicy(store);
    return HelpDesk{.text = policy.help_desk_text, .url = policy.help_desk_url};
  };
}

}  // namespace sspr::service
