// SPDX-License-Identifier: Apache-2.0
// What a person who has signed in does with the methods that prove who they are: register, test,
// remove, prefer, confirm. The rules are here; pages only show them. The caller has made sure of a
// fresh authentication at the account's full strength.
//
// Nothing old is touched before the new is proven. Each change is audited before it takes effect
// and told to all addresses, those that it takes away among them. Calls throw StoreFailure, and
// std::runtime_error when the audit cannot be written; nothing was changed then.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/secret.h"
#include "service/delivery/mail_texts.h"
#include "service/engine/admin_service.h"
#include "service/engine/engine_parts.h"
#include "service/methods/totp_form.h"
#include "service/policy/policy.h"

namespace sspr::service {

// Who acts. The user is that of the session; nothing in a request names one.
struct AccountCaller {
  Caller caller;
  std::string user_id;
};

enum class AccountFault {
  kGone,               // the account is gone or switched off: sign in again
  kNoSuchMethod,       // also of another person's
  kNotAllowed,         // the policy does not have it for this person
  kBadAddress,         // no e-mail address that we can write to
  kBadNumber,          // no phone number with its country
  kCountryNotAllowed,  // a number of a country that the policy leaves out
  kAlreadyThere,       // the person has it
  kTooManyMethods,     // of this kind; remove one first
  kWrongCode,          // number: tries left
  kExpired,            // the code is too old, used, or had all its tries: begin again
  kLimited,            // number: seconds to wait
  kBadQuestion,        // number: which one
  kSameQuestion,       // number: which one
  kBadAnswer,          // number: which one
  kSameAnswer,         // number: which one
};

struct AccountRefusal {
  AccountFault fault = AccountFault::kGone;
  int number = 0;
};

template <typename T>
using AccountReply = std::variant<T, AccountRefusal>;

struct AccountMethod {
  std::string id;
  MethodKind kind = MethodKind::kEmailCode;
  std::string label;  // the address; of an app and the like nothing
  UnixSeconds added_at = 0;
  UnixSeconds usable_from = 0;  // 0: usable for a reset now
  bool is_default = false;
};

// What the methods page shows.
struct AccountView {
  std::string username;
  std::string display_name;
  std::vector<AccountMethod> methods;  // sent and app codes, each by itself
  int questions = 0;
  int recovery_codes = 0;
  std::vector<MethodKind> registrable;  // by policy, for this person
  int required_gates = 1;
  bool is_registered = false;       // could reset today
  bool will_be_registered = false;  // could, once what cools is usable
  bool confirm_due = false;         // "are these still right?"
  int questions_to_register = 0;
  bool own_questions = false;
  bool in_scope = true;
};

// A code that is under way. Kept by the caller between two requests; holds nothing that is secret
// unsealed.
struct PendingCode {
  std::string id = {};  // of the method that this becomes; of a test: random
  MethodKind kind = MethodKind::kEmailCode;
  std::string target = {};         // where the code went; of an app: nothing
  std::string code_digest = {};    // of a code that was sent
  std::string sealed_secret = {};  // of an app
  TotpForm totp = {};
  int code_length = 0;
  UnixSeconds expires_at = 0;
  std::string tested_method = {};  // of a test: which one; else empty
};

struct PendingApp {
  PendingCode pending;
  bool replaces = false;  // an app that the person has, once this one is confirmed
};

// Shown until the code of the app confirms it, and never again.
struct AppSecret {
  SecretBuffer<512> otpauth_uri;
  SecretBuffer<128> base32_secret;
};

class AccountService {
 public:
  // issuer: the name that an authenticator app shows.
  AccountService(EngineParts parts, std::string issuer)
      : parts_(std::move(parts)), issuer_(std::move(issuer)) {}

  AccountReply<AccountView> Show(const AccountCaller& who);

  // E-mail, sms, voice: sends a code to what was typed, which becomes a method with the code alone.
  AccountReply<PendingCode> BeginAddress(const AccountCaller& who, MethodKind kind,
                                         std::string_view typed);
  // A new app beside the old one, which is replaced when a code of the new one is right.
  AccountReply<PendingApp> BeginApp(const AccountCaller& who);
  // kExpired when it was not begun here.
  AccountReply<AppSecret> ShowApp(const AccountCaller& who, const PendingCode& pending);
  // A code to a method that the person has; of an app none is sent.
  AccountReply<PendingCode> BeginTest(const AccountCaller& who, std::string_view method_id);
  // The code of any of these. The method is there when this succeeds; of a test nothing changes.
  AccountReply<AccountMethod> Confirm(const AccountCaller& who, const PendingCode& pending,
                                      const Secret& code);

  // In place of those that the person had.
  AccountReply<int> SetQuestions(const AccountCaller& who,
                                 const std::vector<QuestionAndAnswer>& questions);
  AccountReply<RecoveryCodes> MakeRecoveryCodes(const AccountCaller& who);

  AccountReply<AccountMethod> Remove(const AccountCaller& who, std::string_view method_id);
  // All records of a kind that is more than one: kQuestions, kRecoveryCode.
  AccountReply<int> RemoveAll(const AccountCaller& who, MethodKind kind);
  AccountReply<AccountMethod> Prefer(const AccountCaller& who, std::string_view method_id);
  // "Yes, these are still right."
  AccountReply<int> ConfirmAll(const AccountCaller& who);

 private:
  struct Account {
    DirectoryUser user;
    UserRecord record;
    Policy policy;  // of this person
    std::vector<MethodRecord> methods;
    UnixSeconds now = 0;
  };

  std::optional<Account> Open(const AccountCaller& who);
  void Note(const AccountCaller& who, const Account& account, const char* event,
            std::string reason);
  // Of a method that is registered now: what is first cools.
  UnixSeconds UsableFrom(const Account& account) const;
  // Throws when it cannot be hashed.
  MethodRecord HashedMethod(const Account& account, MethodKind kind, const Secret& secret);
  void Tell(const Account& account, const std::vector<MethodRecord>& more, MethodKind kind,
            MethodChange change);
  void MarkConfirmed(const Account& account);
  std::optional<AccountRefusal> Send(const AccountCaller& who, const Account& account,
                                     PendingCode& pending);
  std::optional<AccountRefusal> Judge(const AccountCaller& who, const Account& account,
                                      const PendingCode& pending, const Secret& typed,
                                      std::int64_t& step);
  AccountReply<AccountMethod> Keep(const AccountCaller& who, Account& account,
                                   const PendingCode& pending, std::int64_t step);

  EngineParts parts_;
  const std::string issuer_;
};

}  // namespace sspr::service
