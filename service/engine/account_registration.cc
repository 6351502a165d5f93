// SPDX-License-Identifier: Apache-2.0
// New methods, and tests of those that are there. A method is written with the right code and not
// before; an attempt is counted before it is compared.
#include <algorithm>
#include <chrono>
#include <set>

#include "common/permit/fixed_bytes.h"
#include "service/crypto/digest.h"
#include "service/delivery/mail_texts.h"
#include "service/delivery/phone_texts.h"
#include "service/engine/account_service.h"
#include "service/engine/gates.h"
#include "service/engine/proofs.h"
#include "service/methods/answers.h"
#include "service/methods/authenticator.h"
#include "service/methods/email_address.h"
#include "service/methods/handed_out_code.h"
#include "service/methods/phone_number.h"
#include "service/methods/typed_code.h"
#include "service/policy/limits.h"
#include "service/policy/phone_countries.h"

namespace sspr::service {
namespace {

constexpr int kMostPerKind = 5;
constexpr int kMostQuestions = 20;
constexpr UnixSeconds kAppSeconds = 15 * 60;
constexpr int kConfirmationDigits = 6;

std::string DigestOf(const ServiceKeys& keys, const PendingCode& pending, std::string_view code) {
  std::string text = "account:" + pending.id + ":" + pending.target + ":";
  text += code;
  return ToHex(keys.CodeDigest(text));
}

std::string SubjectOfUser(const ServiceKeys& keys, const DirectoryUser& user) {
  return SubjectOf(keys, user.username, user.username);
}

// What is counted for sending to a target that the person may not have yet.
LimitVerdict CountSending(EngineParts& parts, const Policy& policy, const DirectoryUser& user,
                          const PendingCode& pending, UnixSeconds now) {
  const std::string subject = SubjectOfUser(parts.keys, user);
  if (!IsPhone(pending.kind)) return parts.store.Reserve(EmailRules(policy, subject), now);
  std::vector<LimitRule> rules =
      PhoneRules(policy, ToHex(parts.keys.NameDigest("phone:" + pending.target)),
                 ToHex(parts.keys.NameDigest("prefix:" + PrefixOf(pending.target))));
  const std::vector<LimitRule> of_all = AllPhonesRules(policy);
  rules.insert(rules.end(), of_all.begin(), of_all.end());
  // One person sends to several numbers no more often than to one.
  const std::vector<LimitRule> of_person =
      PhoneRules(policy, ToHex(parts.keys.NameDigest("phone-of:" + subject)), "");
  rules.insert(rules.end(), of_person.begin(), of_person.end());
  return parts.store.Reserve(rules, now);
}

}  // namespace

std::optional<AccountRefusal> AccountService::Send(const AccountCaller& who, const Account& account,
                                                   PendingCode& pending) {
  const LimitVerdict limit =
      CountSending(parts_, account.policy, account.user, pending, account.now);
  if (!limit.allowed) return AccountRefusal{AccountFault::kLimited, limit.retry_after_seconds};
  const std::chrono::seconds life(account.policy.code_seconds);
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(life);
  const Secret code = RandomDigits(parts_.random, kConfirmationDigits);
  pending.code_length = kConfirmationDigits;
  pending.expires_at = account.now + account.policy.code_seconds;
  pending.code_digest = DigestOf(parts_.keys, pending, code.Reveal());
  const MailLanguage language = MailLanguageOf(account.user.language);
  Note(who, account, "method.code", Name(pending.kind));
  Result<Message> message = IsPhone(pending.kind)
                                ? CodePhoneMessage(ChannelOf(pending.kind),
                                                   {.number = pending.target, .language = language},
                                                   code, minutes, PhoneCodeUse::kConfirmation)
                                : ConfirmationMail({.address = pending.target,
                                                    .display_name = account.user.display_name,
                                                    .language = language},
                                                   code, minutes);
  const bool sent = message.ok() && parts_.deliver({.message = std::move(*message),
                                                    .deadline = parts_.clock.Monotonic() + life,
                                                    .reference = pending.id});
  if (!sent) parts_.log(std::string("a code was not sent by ") + Name(pending.kind));
  return std::nullopt;
}

AccountReply<PendingCode> AccountService::BeginAddress(const AccountCaller& who, MethodKind kind,
                                                       std::string_view typed) {
  const auto account = Open(who);
  if (!account) return AccountRefusal{AccountFault::kGone};
  if (!IsSent(kind) || !account->policy.Enables(kind)) {
    return AccountRefusal{AccountFault::kNotAllowed};
  }
  PendingCode pending{.id = NewId(parts_.random), .kind = kind};
  if (IsPhone(kind)) {
    const auto number = PhoneNumberOf(typed);
    if (!number) return AccountRefusal{AccountFault::kBadNumber};
    if (!IsCountryAllowed(account->policy.phone_countries, *number)) {
      return AccountRefusal{AccountFault::kCountryNotAllowed};
    }
    pending.target = *number;
  } else {
    if (!IsPlainEmailAddress(typed)) return AccountRefusal{AccountFault::kBadAddress};
    pending.target = typed;
  }
  int of_kind = 0;
  for (const MethodRecord& method : account->methods) {
    if (method.kind != kind) continue;
    if (method.address == pending.target) return AccountRefusal{AccountFault::kAlreadyThere};
    ++of_kind;
  }
  if (of_kind >= kMostPerKind) return AccountRefusal{AccountFault::kTooManyMethods};
  if (const auto refusal = Send(who, *account, pending)) return *refusal;
  return pending;
}

AccountReply<PendingApp> AccountService::BeginApp(const AccountCaller& who) {
  const auto account = Open(who);
  if (!account) return AccountRefusal{AccountFault::kGone};
  constexpr MethodKind kKind = MethodKind::kAuthenticatorCode;
  if (!account->policy.Enables(kKind)) return AccountRefusal{AccountFault::kNotAllowed};
  PendingCode pending{.id = NewId(parts_.random), .kind = kKind};
  pending.totp = {.algorithm = account->policy.authenticator_sha256 != 0 ? TotpAlgorithm::kSha256
                                                                         : TotpAlgorithm::kSha1,
                  .digits = account->policy.authenticator_digits};
  Secret secret;
  if (!secret.Resize(AuthenticatorSecretBytes(pending.totp.algorithm))) {
    throw std::runtime_error("no memory");
  }
  parts_.random.Fill({reinterpret_cast<unsigned char*>(secret.Bytes().data()), secret.size()});
  pending.sealed_secret = parts_.keys.Seal(parts_.random, secret.Reveal(), pending.id);
  pending.code_length = pending.totp.digits;
  pending.expires_at = account->now + kAppSeconds;
  const bool has_one =
      std::ranges::find(account->methods, kKind, &MethodRecord::kind) != account->methods.end();
  return PendingApp{.pending = std::move(pending), .replaces = has_one};
}

AccountReply<AppSecret> AccountService::ShowApp(const AccountCaller& who,
                                                const PendingCode& pending) {
  const auto account = Open(who);
  if (!account) return AccountRefusal{AccountFault::kGone};
  const Result<Secret> secret = parts_.keys.Open(pending.sealed_secret, pending.id);
  if (!secret.ok() || account->now > pending.expires_at) {
    return AccountRefusal{AccountFault::kExpired};
  }
  AppSecret shown;
  shown.otpauth_uri = OtpauthUri(*secret, pending.totp, issuer_, account->user.username);
  shown.base32_secret = Base32Of(*secret);
  return shown;
}

AccountReply<PendingCode> AccountService::BeginTest(const AccountCaller& who,
                                                    std::string_view method_id) {
  const auto account = Open(who);
  if (!account) return AccountRefusal{AccountFault::kGone};
  const auto found = std::ranges::find(account->methods, method_id, &MethodRecord::id);
  if (found == account->methods.end()) return AccountRefusal{AccountFault::kNoSuchMethod};
  PendingCode pending{.id = NewId(parts_.random), .kind = found->kind, .target = found->address};
  pending.tested_method = found->id;
  if (found->kind == MethodKind::kAuthenticatorCode) {
    pending.totp = found->totp;
    pending.code_length = found->totp.digits;
    pending.expires_at = account->now + kAppSeconds;
    return pending;
  }
  if (!IsSent(found->kind)) return AccountRefusal{AccountFault::kNoSuchMethod};
  if (!account->policy.Enables(found->kind)) return AccountRefusal{AccountFault::kNotAllowed};
  if (const auto refusal = Send(who, *account, pending)) return *refusal;
  return pending;
}

std::optional<AccountRefusal> AccountService::Judge(const AccountCaller& who,
                                                    const Account& account,
                                                    const PendingCode& pending, const Secret& typed,
                                                    std::int64_t& step) {
  if (account.now > pending.expires_at) return AccountRefusal{AccountFault::kExpired};
  const int tries = account.policy.code_attempts;
  const std::string bucket = "account:" + pending.id;
  constexpr int kBucketSeconds = 3600;
  const LimitVerdict own = parts_.store.Reserve({{bucket, tries, kBucketSeconds}}, account.now);
  if (!own.allowed) return AccountRefusal{AccountFault::kExpired};
  // Of a method that a reset can use, the failures count there as well.
  std::string reservation;
  if (!pending.tested_method.empty()) {
    const LimitVerdict shared =
        parts_.store.Reserve(TryRules(account.policy, SubjectOfUser(parts_.keys, account.user),
                                      pending.kind, {}, who.caller.address),
                             account.now);
    if (!shared.allowed) {
      return AccountRefusal{AccountFault::kLimited, shared.retry_after_seconds};
    }
    reservation = shared.reservation;
  }
  const std::optional<Secret> digits = DigitsOf(typed, pending.code_length);
  bool right = false;
  if (digits && pending.kind == MethodKind::kAuthenticatorCode) {
    std::string sealed = pending.sealed_secret;
    std::string context = pending.id;
    if (!pending.tested_method.empty()) {
      const auto found =
          std::ranges::find(account.methods, pending.tested_method, &MethodRecord::id);
      if (found == account.methods.end()) return AccountRefusal{AccountFault::kNoSuchMethod};
      sealed = found->sealed_secret;
      context = found->id;
    }
    const Result<Secret> secret = parts_.keys.Open(sealed, context);
    if (!secret.ok()) return AccountRefusal{AccountFault::kExpired};
    const auto matching = MatchingStep(*secret, pending.totp, digits->Reveal(), account.now);
    right = matching && (pending.tested_method.empty() ||
                         parts_.store.AcceptStep(pending.tested_method, *matching));
    if (matching) step = *matching;
  } else if (digits) {
    right = SameBytes(DigestOf(parts_.keys, pending, digits->Reveal()), pending.code_digest);
  }
  if (right) {
    if (!reservation.empty()) parts_.store.Release(reservation);
    return std::nullopt;
  }
  const bool more = parts_.store.Peek({{bucket, tries, kBucketSeconds}}, account.now).allowed;
  if (!more) return AccountRefusal{AccountFault::kExpired};
  return AccountRefusal{AccountFault::kWrongCode};
}

AccountReply<AccountMethod> AccountService::Confirm(const AccountCaller& who,
                                                    const PendingCode& pending,
                                                    const Secret& code) {
  auto account = Open(who);
  if (!account) return AccountRefusal{AccountFault::kGone};
  const auto same_id = std::ranges::find(account->methods, pending.id, &MethodRecord::id);
  if (same_id != account->methods.end()) return AccountRefusal{AccountFault::kExpired};
  std::int64_t step = 0;
  if (const auto refusal = Judge(who, *account, pending, code, step)) return *refusal;
  if (pending.tested_method.empty()) return Keep(who, *account, pending, step);
  Note(who, *account, "method.test", Name(pending.kind));
  return AccountMethod{.id = pending.tested_method, .kind = pending.kind, .label = pending.target};
}

AccountReply<AccountMethod> AccountService::Keep(const AccountCaller& who, Account& account,
                                                 const PendingCode& pending, std::int64_t step) {
  if (!account.policy.Enables(pending.kind)) return AccountRefusal{AccountFault::kNotAllowed};
  const bool is_app = pending.kind == MethodKind::kAuthenticatorCode;
  const MethodRecord method{.id = pending.id,
                            .user_id = account.user.id,
                            .kind = pending.kind,
                            .address = pending.target,
                            .sealed_secret = pending.sealed_secret,
                            .last_step = step,
                            .added_at = account.now,
                            .totp = pending.totp,
                            .usable_from = UsableFrom(account)};
  const bool replaces = is_app && std::ranges::find(account.methods, pending.kind,
                                                    &MethodRecord::kind) != account.methods.end();
  Note(who, account, replaces ? "method.replace" : "method.add", Name(pending.kind));
  if (is_app) {
    parts_.store.ReplaceMethods(account.user.id, pending.kind, {method});
  } else {
    if (pending.kind == MethodKind::kEmailCode) {
      parts_.store.AddDomainHint(MaskedDomain(pending.target));
    }
    parts_.store.InsertMethod(method);  // an id is there once: of two at the same time one fails
  }
  MarkConfirmed(account);
  Tell(account, {method}, pending.kind, replaces ? MethodChange::kReplaced : MethodChange::kAdded);
  return AccountMethod{.id = method.id,
                       .kind = method.kind,
                       .label = method.address,
                       .added_at = account.now,
                       .usable_from = method.usable_from};
}

MethodRecord AccountService::HashedMethod(const Account& account, MethodKind kind,
                                          const Secret& secret) {
  Result<MethodRecord> made = service::HashedMethod(parts_.hasher, parts_.keys, parts_.random,
                                                    account.user.id, kind, secret, account.now);
  if (!made.ok()) throw std::runtime_error("hash: " + made.error().detail);
  made->usable_from = UsableFrom(account);
  return std::move(*made);
}

AccountReply<int> AccountService::SetQuestions(const AccountCaller& who,
                                               const std::vector<QuestionAndAnswer>& questions) {
  auto account = Open(who);
  if (!account) return AccountRefusal{AccountFault::kGone};
  constexpr MethodKind kKind = MethodKind::kQuestions;
  if (!account->policy.Enables(kKind)) return AccountRefusal{AccountFault::kNotAllowed};
  const int count = static_cast<int>(questions.size());
  if (count < account->policy.questions_to_register || count > kMostQuestions) {
    return AccountRefusal{AccountFault::kBadQuestion, count + 1};
  }
  std::set<std::string> texts;
  std::vector<Secret> answers;
  for (int i = 1; i <= count; ++i) {
    const QuestionAndAnswer& entry = questions[static_cast<std::size_t>(i - 1)];
    if (!CheckQuestion(entry.question).ok()) return AccountRefusal{AccountFault::kBadQuestion, i};
    if (!texts.insert(entry.question).second) {
      return AccountRefusal{AccountFault::kSameQuestion, i};
    }
    std::optional<Secret> answer = NormalAnswer(entry.answer);
    if (!answer) return AccountRefusal{AccountFault::kBadAnswer, i};
    const auto same = [&answer](const Secret& other) { return other.SameAs(*answer); };
    if (std::ranges::any_of(answers, same)) return AccountRefusal{AccountFault::kSameAnswer, i};
    answers.push_back(std::move(*answer));
  }
  std::vector<MethodRecord> records;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    records.push_back(HashedMethod(*account, kKind, answers[i]));
    records.back().detail = questions[i].question;
  }
  const bool replaces =
      std::ranges::find(account->methods, kKind, &MethodRecord::kind) != account->methods.end();
  Note(who, *account, replaces ? "method.replace" : "method.add", Name(kKind));
  parts_.store.ReplaceMethods(account->user.id, kKind, records);
  MarkConfirmed(*account);
  Tell(*account, {}, kKind, replaces ? MethodChange::kReplaced : MethodChange::kAdded);
  return count;
}

AccountReply<RecoveryCodes> AccountService::MakeRecoveryCodes(const AccountCaller& who) {
  auto account = Open(who);
  if (!account) return AccountRefusal{AccountFault::kGone};
  constexpr MethodKind kKind = MethodKind::kRecoveryCode;
  if (!account->policy.Enables(kKind)) return AccountRefusal{AccountFault::kNotAllowed};
  RecoveryCodes made;
  std::vector<MethodRecord> records;
  for (int i = 0; i < kRecoveryCodes; ++i) {
    const Secret code = RandomBase32(parts_.random, kRecoveryCodeLength);
    records.push_back(HashedMethod(*account, kKind, code));
    records.back().detail = RecoveryCodeTag(parts_.keys, account->user.id, code.Reveal());
    made.codes.push_back(Grouped(code));
  }
  const bool replaces =
      std::ranges::find(account->methods, kKind, &MethodRecord::kind) != account->methods.end();
  Note(who, *account, replaces ? "method.replace" : "method.add", Name(kKind));
  parts_.store.ReplaceMethods(account->user.id, kKind, records);
  MarkConfirmed(*account);
  Tell(*account, {}, kKind, replaces ? MethodChange::kReplaced : MethodChange::kAdded);
  return made;
}

}  // namespace sspr::service
