// SPDX-License-Identifier: Apache-2.0
#include "service/policy/policy_keys.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "common/base/text.h"
#include "service/policy/group_names.h"
#include "service/policy/phone_countries.h"
#include "service/policy/snooze_rules.h"

namespace sspr::service {
namespace {

using Form = PolicyForm;

constexpr std::size_t kMaxTextLength = 300;

constexpr PolicyKey Number(const char* name, int Policy::*field, int lowest, int highest,
                           int fallback, const char* help) {
  return {name, Form::kNumber, field, nullptr, lowest, highest, fallback, help};
}
constexpr PolicyKey Switch(const char* name, int Policy::*field, bool fallback, const char* help) {
  return {name, Form::kSwitch, field, nullptr, 0, 1, fallback ? 1 : 0, help};
}
constexpr PolicyKey Text(const char* name, Form form, std::string Policy::*field,
                         const char* help) {
  return {name, form, nullptr, field, 0, 0, 0, help};
}

constexpr char kGroupsHelp[] = "groups that may use it, between spaces; empty: everybody";

constexpr auto kKeys = std::to_array<PolicyKey>({
    {"reset.scope", Form::kScope, &Policy::scope, nullptr, 0, 2,
     static_cast<int>(Scope::kEverybody), "who may reset: nobody, groups or everybody"},
    Text("reset.groups", Form::kGroups, &Policy::scope_groups,
         "groups that may reset when reset.scope is groups, between spaces"),
    Text("administrators.groups", Form::kGroups, &Policy::administrator_groups,
         "groups of administrators: always two proofs, never questions"),
    Number("required_gates", &Policy::required_gates, 1, 2, 1,
           "proofs that a reset needs, of different kinds (1 or 2)"),
    Switch("methods.email", &Policy::email, true, "codes by e-mail (on or off)"),
    Text("methods.email.groups", Form::kGroups, &Policy::email_groups, kGroupsHelp),
    Switch("methods.authenticator", &Policy::authenticator, true,
           "codes of an authenticator app (on or off)"),
    Text("methods.authenticator.groups", Form::kGroups, &Policy::authenticator_groups, kGroupsHelp),
    Switch("methods.sms", &Policy::sms, false, "codes by text message (on or off)"),
    Text("methods.sms.groups", Form::kGroups, &Policy::sms_groups, kGroupsHelp),
    Switch("methods.voice", &Policy::voice, false, "codes by phone call (on or off)"),
    Text("methods.voice.groups", Form::kGroups, &Policy::voice_groups, kGroupsHelp),
    Switch("methods.questions", &Policy::questions, false,
           "security questions, as the second proof only (on or off)"),
    Text("methods.questions.groups", Form::kGroups, &Policy::questions_groups, kGroupsHelp),
    Switch("methods.recovery_code", &Policy::recovery_code, true,
           "codes that were printed before (on or off)"),
    Text("methods.recovery_code.groups", Form::kGroups, &Policy::recovery_code_groups, kGroupsHelp),
    Switch("methods.temporary_pass", &Policy::temporary_pass, false,
           "passes of the help desk; offered to everybody (on or off)"),
    Text("methods.temporary_pass.groups", Form::kGroups, &Policy::temporary_pass_groups,
         kGroupsHelp),
    Switch("methods.approval", &Policy::approval, false,
           "approval on a phone by number, as one of two proofs only (on or off)"),
    Text("methods.approval.groups", Form::kGroups, &Policy::approval_groups, kGroupsHelp),
    Switch("methods.passkey", &Policy::passkey, false,
           "passkeys, on the portal's pages and after a hand-off to a phone (on or off)"),
    Text("methods.passkey.groups", Form::kGroups, &Policy::passkey_groups, kGroupsHelp),
    Number("approval.digits", &Policy::approval_digits, 2, 6, 6,
           "digits of the number that is typed on the phone (2 to 6)"),
    Number("approval.seconds", &Policy::approval_seconds, 30, 120, 120,
           "time to answer on the phone (30 to 120)"),
    Number("approval.report_hours", &Policy::report_hours, 1, 168, 24,
           "hours without resets after a person reported one as not theirs (1 to 168)"),
    Number("authenticator.digits", &Policy::authenticator_digits, 6, 8, 6,
           "digits of a new app's codes (6 or 8)"),
    Switch("authenticator.sha256", &Policy::authenticator_sha256, false,
           "SHA-256 instead of SHA-1 for new apps; not every app can (on or off)"),
    Number("questions.register", &Policy::questions_to_register, 5, 20, 5,
           "answers that a person registers (5 to 20)"),
    Number("questions.ask", &Policy::questions_to_ask, 3, 5, 3,
           "questions that are asked at once (3 to 5)"),
    Switch("questions.own", &Policy::questions_own, true,
           "people may write questions of their own beside the list (on or off)"),
    Number("temporary_pass.minutes", &Policy::temporary_pass_minutes, 10, 1440, 30,
           "life of a pass (10 to 1440)"),
    Text("phone.countries", Form::kCountries, &Policy::phone_countries,
         "prefixes of numbers that may be used, as in +49 +1; empty: every country"),
    Number("registration.reconfirm_days", &Policy::reconfirm_days, 0, 730, 180,
           "days after which methods are to be confirmed again (0 to 730; 0: never)"),
    Number("registration.snooze_times", &Policy::snooze_times, 0, 100, 0,
           "how often the nudge to register can be put off (0: always; 1 to 100)"),
    Text("registration.snooze_groups", Form::kSnoozes, &Policy::snooze_groups,
         "other days and times for groups, as in pilot:7:3 sales:1:0, the first that fits"),
    Number("registration.snooze_days", &Policy::snooze_days, 0, 30, 3,
           "days for which a person may put registration off (0 to 30)"),
    Number("sign_in.gates", &Policy::sign_in_gates, 1, 2, 1,
           "proofs at sign-in: the password, or one of the methods beside it (1 or 2)"),
    Switch("sign_in.registration", &Policy::sign_in_registration, true,
           "who has no method for a second proof registers one at sign-in (on or off)"),
    Number("registration.cooling_hours", &Policy::cooling_hours, 0, 168, 24,
           "hours before the first method that a person registers serves for a reset (0 to 168)"),
    Number("sign_in.refresh_days", &Policy::refresh_days, 1, 90, 14,
           "life of a refresh token (1 to 90)"),
    {"risk.reset_from", Form::kRisk, &Policy::risk_reset_from, nullptr, 0, 3, 0,
     "risk of a user from which a reset comes before access: never, low, medium or high"},
    Switch("risk.block_without_methods", &Policy::risk_block_helpless, false,
           "keep out who must reset and has no method for it, until the help desk helps (on or "
           "off)"),
    {"risk.two_gates_from", Form::kRisk, &Policy::risk_two_gates_from, nullptr, 0, 3, 0,
     "risk of a user from which a reset needs two proofs: never, low, medium or high"},
    Switch("unlock.enabled", &Policy::unlock_enabled, true,
           "a locked account may be unlocked without a new password (on or off)"),
    Switch("notify.administrators", &Policy::tell_administrators, true,
           "tell the other administrators when one of them resets (on or off)"),
    Text("helpdesk.text", Form::kText, &Policy::help_desk_text,
         "whom to turn to, in one line of at most 300 bytes"),
    Text("helpdesk.url", Form::kUrl, &Policy::help_desk_url, "an https:// address, or empty"),
    Number("password.min_length", &Policy::min_length, 0, 64, 0,
           "characters (8 to 64; 0 means 15 with one gate, 8 with two)"),
    Number("password.max_length", &Policy::max_length, 64, 256, 256,
           "characters (64 to 256; 511 bytes in any case)"),
    Number("password.min_classes", &Policy::min_classes, 0, 4, 0,
           "of small letters, capitals, digits, others (0 to 4)"),
    Switch("password.forbid_names", &Policy::forbid_names, true,
           "refuse the user name and words of the display name (on or off)"),
    Switch("password.banned_words", &Policy::forbid_banned, true,
           "refuse what is made of banned words (on or off)"),
    Text("password.organisation", Form::kText, &Policy::organisation,
         "names of the organisation that no password may hold, between spaces"),
    Number("password.history", &Policy::history, 0, 24, 0,
           "passwords before the current one that are not taken again (0 to 24)"),
    Number("password.min_age_hours", &Policy::min_age_hours, 0, 168, 0,
           "hours between two changes (0 to 168)"),
    Switch("password.breached_required", &Policy::breached_required, false,
           "refuse every password while the lists of leaked ones cannot be asked (on or off)"),
    Switch("devices.required", &Policy::devices_required, false,
           "take resets from enrolled devices only (on or off)"),
    Switch("devices.nonce", &Policy::devices_nonce, false,
           "ask each proof of a device for a nonce of the service (on or off)"),
    Number("session.seconds", &Policy::session_seconds, 300, 1800, 900,
           "longest reset (300 to 1800)"),
    Number("session.idle_seconds", &Policy::idle_seconds, 60, 900, 300,
           "longest pause within a reset (60 to 900)"),
    Number("code.seconds", &Policy::code_seconds, 60, 600, 300,
           "life of a code that was sent (60 to 600)"),
    Number("code.attempts", &Policy::code_attempts, 1, 10, 5, "tries for one code (1 to 10)"),
    Number("limits.method_failures_per_hour", &Policy::method_per_hour, 1, 10, 5,
           "wrong codes per user and method (1 to 10)"),
    Number("limits.method_failures_per_day", &Policy::method_per_day, 1, 20, 10,
           "wrong codes per user and method, then it is off for a day (1 to 20)"),
    Number("limits.question_failures_per_day", &Policy::questions_per_day, 1, 5, 3,
           "wrong sets of answers per user (1 to 5)"),
    Number("limits.device_failures_per_hour", &Policy::device_per_hour, 1, 100, 10,
           "wrong codes from one machine (1 to 100)"),
    Number("limits.enrolled_failures_per_day", &Policy::enrolled_per_day, 5, 100, 20,
           "wrong codes per user and method at all enrolled devices together (5 to 100)"),
    Number("limits.enrolled_codes_per_day", &Policy::enrolled_codes_per_day, 5, 100, 20,
           "codes sent to one user or number for all enrolled devices together (5 to 100)"),
    Number("limits.network_failures_per_hour", &Policy::network_per_hour, 5, 10000, 50,
           "wrong codes from one /24 or /64 network (5 to 10000)"),
    Number("limits.emails_per_ten_minutes", &Policy::email_per_ten_minutes, 1, 10, 3,
           "codes sent to one user (1 to 10)"),
    Number("limits.emails_per_day", &Policy::email_per_day, 1, 50, 10,
           "codes sent to one user (1 to 50)"),
    Number("limits.phone_codes_per_ten_minutes", &Policy::phone_per_ten_minutes, 1, 10, 3,
           "messages and calls to one number (1 to 10)"),
    Number("limits.phone_codes_per_day", &Policy::phone_per_day, 1, 20, 5,
           "messages and calls to one number (1 to 20)"),
    Number("limits.phone_codes_per_prefix_per_hour", &Policy::phone_prefix_per_hour, 1, 1000, 10,
           "messages and calls to numbers that differ in the last four digits alone (1 to 1000)"),
    Number("limits.phone_codes_per_hour", &Policy::phone_service_per_hour, 10, 100000, 500,
           "messages and calls of the whole service (10 to 100000)"),
    Number("limits.approvals_per_quarter_hour", &Policy::approvals_per_quarter, 1, 3, 3,
           "questions to one user's phones, then none for an hour (1 to 3)"),
});

constexpr std::array<MethodSettings, 9> kMethods{{
    {MethodKind::kEmailCode, &Policy::email, &Policy::email_groups},
    {MethodKind::kAuthenticatorCode, &Policy::authenticator, &Policy::authenticator_groups},
    {MethodKind::kSmsCode, &Policy::sms, &Policy::sms_groups},
    {MethodKind::kVoiceCode, &Policy::voice, &Policy::voice_groups},
    {MethodKind::kQuestions, &Policy::questions, &Policy::questions_groups},
    {MethodKind::kRecoveryCode, &Policy::recovery_code, &Policy::recovery_code_groups},
    {MethodKind::kTemporaryPass, &Policy::temporary_pass, &Policy::temporary_pass_groups},
    {MethodKind::kApproval, &Policy::approval, &Policy::approval_groups},
    {MethodKind::kPasskey, &Policy::passkey, &Policy::passkey_groups},
}};

constexpr std::array<const char*, 3> kScopeWords = {"nobody", "groups", "everybody"};

constexpr std::array<const char*, 4> kRiskWords = {"never", "low", "medium", "high"};

// The words of a form that has words; none for numbers.
std::span<const char* const> WordsOf(PolicyForm form) {
  static constexpr std::array<const char*, 2> kSwitchWords = {"off", "on"};
  if (form == Form::kSwitch) return kSwitchWords;
  if (form == Form::kScope) return kScopeWords;
  if (form == Form::kRisk) return kRiskWords;
  return {};
}

std::optional<int> ReadNumber(const PolicyKey& key, std::string_view text) {
  if (const auto words = WordsOf(key.form); !words.empty()) {
    const auto word = std::ranges::find(words, text);
    if (word == words.end()) return std::nullopt;
    return static_cast<int>(word - words.begin());
  }
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (value < key.lowest || value > key.highest) return std::nullopt;
  return value;
}

// What is kept of the text; nothing when it is not of the form.
std::optional<std::string> ReadText(Form form, std::string_view text) {
  if (form == Form::kGroups) return NormalGroupList(text);
  if (form == Form::kSnoozes) return NormalSnoozeList(text);
  if (form == Form::kCountries) return NormalCountryList(text);
  if (text.size() > kMaxTextLength || !IsCleanText(text, Lines::kOne)) return std::nullopt;
  const bool is_link = text.starts_with("https://") && text.find(' ') == std::string_view::npos &&
                       text.find('"') == std::string_view::npos;
  if (form == Form::kUrl && !text.empty() && !is_link) return std::nullopt;
  return std::string(text);
}

std::string NumberText(const PolicyKey& key, int value) {
  const auto words = WordsOf(key.form);
  return words.empty() ? std::to_string(value) : words[static_cast<std::size_t>(value)];
}

}  // namespace

std::span<const PolicyKey> PolicyKeys() { return kKeys; }

const PolicyKey* FindPolicyKey(std::string_view name) {
  const auto* const found = std::find_if(kKeys.begin(), kKeys.end(),
                                         [name](const PolicyKey& key) { return name == key.name; });
  return found == kKeys.end() ? nullptr : found;
}

std::string PolicyValueText(const Policy& policy, const PolicyKey& key) {
  return key.text != nullptr ? policy.*key.text : NumberText(key, policy.*key.number);
}

std::string PolicyDefaultText(const PolicyKey& key) {
  return key.text != nullptr ? std::string() : NumberText(key, key.fallback);
}

bool PutPolicyValue(Policy& policy, const PolicyKey& key, std::string_view text) {
  if (key.text != nullptr) {
    std::optional<std::string> kept = ReadText(key.form, text);
    if (kept) policy.*key.text = std::move(*kept);
    return kept.has_value();
  }
  const std::optional<int> value = ReadNumber(key, text);
  if (value) policy.*key.number = *value;
  return value.has_value();
}

const MethodSettings& SettingsOf(MethodKind kind) {
  return kMethods[static_cast<std::size_t>(kind)];
}

}  // namespace sspr::service
