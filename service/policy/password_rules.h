// SPDX-License-Identifier: Apache-2.0
// Whether a new password is good enough. Nothing is rewritten: what cannot be typed again in the
// same bytes at every login (not UTF-8, not NFC, control characters) is refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/base/secret.h"
#include "service/flow_service.h"
#include "service/policy/policy.h"

namespace sspr::service {

// What the policy asks of a user's password. Words of fewer than four characters are left out.
PasswordPolicyReply PasswordPolicyFor(const Policy& policy, std::string_view username,
                                      std::string_view display_name);
// The same before anybody has proved who they are: without names.
PasswordPolicyReply DefaultPasswordPolicy(const Policy& policy);

// Nothing when it is good. Whole passwords are compared with the list of common ones, not parts
// (NIST SP 800-63B-4, 3.1.1.2).
std::optional<RefusalCode> JudgePassword(const PasswordPolicyReply& policy, const Secret& password);

// kPasswordBanned when it is made of banned words (banned_terms.h). custom: those of the
// organisation, in their normal form. The password has passed JudgePassword.
std::optional<RefusalCode> JudgeWords(const std::vector<std::string>& custom,
                                      const Secret& password);

// The form in which a banned word of the organisation is kept. kPolicy, with a sentence.
Result<std::string> BannedTermOf(std::string_view typed);

}  // namespace sspr::service
