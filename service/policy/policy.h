// SPDX-License-Identifier: Apache-2.0
// What the administrator decides, with its defaults and the floors below which it cannot be set
// (policy_keys.h has the table). Read once per request, so that a request sees one version of it.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "service/flow_service.h"
#include "service/store/flow_store.h"

namespace sspr::service {

enum class Scope { kNobody = 0, kGroups = 1, kEverybody = 2 };

struct Policy {
  int scope = 0;  // a Scope: who may reset at all
  std::string scope_groups;
  std::string administrator_groups;  // always two gates, never questions

  int required_gates = 0;  // of this person (audience.h)
  int tenant_gates = 0;    // of everybody: what is shown before anybody has proved anything

  int email = 0;
  int authenticator = 0;
  int sms = 0;
  int voice = 0;
  int questions = 0;
  int recovery_code = 0;
  int temporary_pass = 0;
  int approval = 0;
  int passkey = 0;
  // Who may use it where it is on: the members of these groups; none: everybody.
  std::string email_groups;
  std::string authenticator_groups;
  std::string sms_groups;
  std::string voice_groups;
  std::string questions_groups;
  std::string recovery_code_groups;
  std::string temporary_pass_groups;
  std::string approval_groups;
  std::string passkey_groups;

  int authenticator_digits = 0;  // of new enrolments
  int authenticator_sha256 = 0;  // the same
  int questions_to_register = 0;
  int questions_to_ask = 0;
  int questions_own = 0;  // people may write questions of their own
  int temporary_pass_minutes = 0;
  int approval_digits = 0;
  int approval_seconds = 0;
  int report_hours = 0;         // without resets after a person's "this was not me"
  std::string phone_countries;  // "+49 +1"; empty: every country

  int reconfirm_days = 0;     // 0: never
  int snooze_days = 0;        // of the nudge to register
  int snooze_times = 0;       // then it cannot be put off any more; 0: always
  std::string snooze_groups;  // "pilot:7:3": other days and times for a group

  int sign_in_gates = 0;         // 2: a method beside the password
  int gates_by_risk = 0;         // 1: it is the person's risk that asks for two
  int sign_in_registration = 0;  // who has no method for it registers one on the way in
  int cooling_hours = 0;         // before such a method serves for a reset
  int refresh_days = 0;
  int risk_reset_from = 0;      // a RiskLevel: from here no access before a reset; 0: never
  int risk_two_gates_from = 0;  // a RiskLevel: from here two proofs; 0: never
  int risk_block_helpless =
      0;  // who must reset and has no method is kept out until the help desk helps

  int devices_required = 0;  // a reset is asked for by enrolled devices only
  int devices_nonce = 0;     // each proof holds a nonce of ours

  int unlock_enabled = 0;
  int tell_administrators = 0;
  std::string help_desk_text;
  std::string help_desk_url;

  int min_length = 0;  // 0: 15 where one gate is enough, else 8
  int max_length = 0;  // code points
  int min_classes = 0;
  int forbid_names = 0;
  int forbid_banned = 0;
  std::string organisation;   // words that no password may hold
  int history = 0;            // passwords before the current one that are not taken again
  int min_age_hours = 0;      // since the last change; 0: none
  int breached_required = 0;  // refuse a password when the lists of leaked ones cannot be asked

  int session_seconds = 0;
  int idle_seconds = 0;
  int code_seconds = 0;
  int code_attempts = 0;

  int method_per_hour = 0;  // failures, per account and kind of method
  int method_per_day = 0;   // then the method is off for a day
  int questions_per_day = 0;
  int device_per_hour = 0;
  int enrolled_per_day = 0;  // failures at all enrolled devices together, per account and kind
  int enrolled_codes_per_day = 0;  // sent to one account for all of them together
  int network_per_hour = 0;
  int email_per_ten_minutes = 0;  // sent to one account
  int email_per_day = 0;
  int phone_per_ten_minutes = 0;  // sent to one number
  int phone_per_day = 0;
  int phone_prefix_per_hour = 0;   // sent to numbers that differ in the last four digits alone
  int phone_service_per_hour = 0;  // sent to all numbers
  int approvals_per_quarter = 0;   // asked of one account; then none for an hour

  // Of a password behind that many gates.
  int MinLength(int gates) const;
  bool Enables(MethodKind kind) const;
  // Of the codes that are sent: more digits where nothing else stands beside them.
  int CodeDigits() const;
};

// Throws StoreFailure when the database fails or holds a value that is out of bounds.
Policy LoadPolicy(FlowStore& store);

struct ChangedSetting {
  Policy policy;
  std::string value;  // as it is to be kept
};

// What setting this key to this text would make of the policy. kDenied when there is no such key;
// kPolicy, with a sentence for the administrator, when the text is out of bounds or the keys no
// longer fit together.
Result<ChangedSetting> ChangedPolicy(const Policy& policy, std::string_view key,
                                     std::string_view text);

}  // namespace sspr::service
