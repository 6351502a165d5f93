// SPDX-License-Identifier: Apache-2.0
// The methods of users, for the administrator and the help desk.
#include <algorithm>
#include <optional>
#include <set>

#include "common/base/text.h"
#include "service/engine/engine_parts.h"
#include "service/engine/enrolment_code.h"
#include "service/engine/guarded.h"
#include "service/engine/proofs.h"
#include "service/engine/store_admin.h"
#include "service/methods/answers.h"
#include "service/methods/authenticator.h"
#include "service/methods/email_address.h"
#include "service/methods/handed_out_code.h"
#include "service/methods/phone_number.h"
#include "service/policy/audience.h"
#include "service/policy/phone_countries.h"

namespace sspr::service {
namespace {

constexpr int kMinuteSeconds = 60;
constexpr std::size_t kMostQuestions = 20;
constexpr std::size_t kMaxNoteBytes = 200;

std::string HintOf(const MethodRecord& method) {
  switch (method.kind) {
    case MethodKind::kEmailCode:
      return EmailHint(MaskedDomain(method.address));
    case MethodKind::kSmsCode:
    case MethodKind::kVoiceCode:
      return PhoneHint(LastTwo(method.address));
    case MethodKind::kAuthenticatorCode:
      return "Authenticator app";
    case MethodKind::kQuestions:
      return method.detail;
    case MethodKind::kRecoveryCode:
      return "Recovery code";
    case MethodKind::kTemporaryPass:
      return "Temporary pass";
    case MethodKind::kApproval:
    case MethodKind::kPasskey:
      return method.detail;  // what the person calls it
  }
  return {};
}

MethodView ViewOf(const MethodRecord& method) {
  return {.id = method.id,
          .kind = method.kind,
          .hint = HintOf(method),
          .added_at = method.added_at,
          .expires_at = method.expires_at};
}

bool IsNote(std::string_view text) {
  return !text.empty() && text.size() <= kMaxNoteBytes && IsCleanText(text, Lines::kOne);
}

Status CheckQuestions(const std::vector<QuestionAndAnswer>& questions, int at_least) {
  if (questions.size() < static_cast<std::size_t>(at_least) || questions.size() > kMostQuestions) {
    return Error{Errc::kPolicy, "the policy asks for " + std::to_string(at_least) + " to " +
                                    std::to_string(kMostQuestions) + " questions"};
  }
  std::set<std::string> texts;
  std::vector<Secret> answers;
  for (const QuestionAndAnswer& entry : questions) {
    if (Status check = CheckQuestion(entry.question); !check.ok()) return check;
    if (!texts.insert(entry.question).second) {
      return Error{Errc::kPolicy, "a question is there twice"};
    }
    std::optional<Secret> answer = NormalAnswer(entry.answer);
    if (!answer) return Error{Errc::kPolicy, "an answer has 3 to 40 letters"};
    const auto same = [&answer](const Secret& other) { return other.SameAs(*answer); };
    if (std::ranges::any_of(answers, same)) {
      return Error{Errc::kPolicy, "two answers are the same: each must be one of its own"};
    }
    answers.push_back(std::move(*answer));
  }
  return Ok();
}

}  // namespace

Result<MethodView> StoreAdmin::AddEmail(std::string_view username, std::string_view address) {
  return Guarded<MethodView>([&]() -> Result<MethodView> {
    const Result<UserRecord> user = Find(username);
    if (!user.ok()) return user.error();
    if (!IsPlainEmailAddress(address)) {
      return Error{Errc::kPolicy, "an e-mail address is local@domain in plain ASCII"};
    }
    for (const MethodRecord& method : store_.ListMethods(user->id)) {
      if (method.address == address) return Error{Errc::kDenied, "the user has this address"};
    }
    const MethodRecord method{.id = NewId(random_),
                              .user_id = user->id,
                              .kind = MethodKind::kEmailCode,
                              .address = std::string(address),
                              .sealed_secret = {},
                              .added_at = clock_.Now()};
    Note("admin.method.add", &*user, "email");
    store_.AddDomainHint(MaskedDomain(address));
    store_.InsertMethod(method);
    return ViewOf(method);
  });
}

Result<MethodView> StoreAdmin::AddPhone(std::string_view username, MethodKind kind,
                                        std::string_view typed) {
  return Guarded<MethodView>([&]() -> Result<MethodView> {
    const Result<UserRecord> user = Find(username);
    if (!user.ok()) return user.error();
    const std::optional<std::string> number = PhoneNumberOf(typed);
    if (!number || !IsPhone(kind)) {
      return Error{Errc::kPolicy, "a phone number is + and 8 to 15 digits, as in +49 30 1234567"};
    }
    if (!IsCountryAllowed(LoadPolicy(store_).phone_countries, *number)) {
      return Error{Errc::kPolicy, "the policy (phone.countries) does not allow this country"};
    }
    for (const MethodRecord& method : store_.ListMethods(user->id)) {
      if (method.kind == kind && method.address == *number) {
        return Error{Errc::kDenied, "the user has this number"};
      }
    }
    const MethodRecord method{.id = NewId(random_),
                              .user_id = user->id,
                              .kind = kind,
                              .address = *number,
                              .sealed_secret = {},
                              .added_at = clock_.Now()};
    Note("admin.method.add", &*user, Name(kind));
    store_.InsertMethod(method);
    return ViewOf(method);
  });
}

Result<TotpEnrolment> StoreAdmin::AddTotp(std::string_view username) {
  return Guarded<TotpEnrolment>([&]() -> Result<TotpEnrolment> {
    const Result<UserRecord> user = Find(username);
    if (!user.ok()) return user.error();
    for (const MethodRecord& method : store_.ListMethods(user->id)) {
      if (method.kind == MethodKind::kAuthenticatorCode) {
        return Error{Errc::kDenied, "the user has an authenticator: remove it first"};
      }
    }
    const Policy policy = LoadPolicy(store_);
    const TotpForm form{.algorithm = policy.authenticator_sha256 != 0 ? TotpAlgorithm::kSha256
                                                                      : TotpAlgorithm::kSha1,
                        .digits = policy.authenticator_digits};
    Secret secret;
    if (!secret.Resize(AuthenticatorSecretBytes(form.algorithm))) {
      return Error{Errc::kInternal, "no memory"};
    }
    random_.Fill({reinterpret_cast<unsigned char*>(secret.Bytes().data()), secret.size()});
    const std::string id = NewId(random_);
    const MethodRecord method{.id = id,
                              .user_id = user->id,
                              .kind = MethodKind::kAuthenticatorCode,
                              .address = {},
                              .sealed_secret = keys_.Seal(random_, secret.Reveal(), id),
                              .added_at = clock_.Now(),
                              .totp = form};
    TotpEnrolment enrolment{.method_id = id,
                            .otpauth_uri = OtpauthUri(secret, form, issuer_, user->username),
                            .base32_secret = Base32Of(secret)};
    Note("admin.method.add", &*user, "authenticator");
    store_.InsertMethod(method);
    return enrolment;
  });
}

Result<RecoveryCodes> StoreAdmin::MakeRecoveryCodes(std::string_view username) {
  return Guarded<RecoveryCodes>([&]() -> Result<RecoveryCodes> {
    const Result<UserRecord> user = Find(username);
    if (!user.ok()) return user.error();
    RecoveryCodes made;
    std::vector<MethodRecord> records;
    for (int i = 0; i < kRecoveryCodes; ++i) {
      const Secret code = RandomBase32(random_, kRecoveryCodeLength);
      Result<MethodRecord> record = HashedMethod(hasher_, keys_, random_, user->id,
                                                 MethodKind::kRecoveryCode, code, clock_.Now());
      if (!record.ok()) return record.error();
      record->detail = RecoveryCodeTag(keys_, user->id, code.Reveal());
      records.push_back(std::move(*record));
      made.codes.push_back(Grouped(code));
    }
    Note("admin.method.add", &*user, "recovery_code");
    store_.ReplaceMethods(user->id, MethodKind::kRecoveryCode, records);
    return made;
  });
}

Status StoreAdmin::SetQuestions(std::string_view username,
                                const std::vector<QuestionAndAnswer>& questions) {
  return Guarded<Nothing>([&]() -> Status {
    const Result<UserRecord> user = Find(username);
    if (!user.ok()) return user.error();
    const Policy policy = LoadPolicy(store_);
    if (IsAdministrator(policy, user->groups)) {
      return Error{Errc::kPolicy, "administrators have no questions: use another method"};
    }
    if (Status check = CheckQuestions(questions, policy.questions_to_register); !check.ok()) {
      return check;
    }
    std::vector<MethodRecord> records;
    for (const QuestionAndAnswer& entry : questions) {
      const std::optional<Secret> answer = NormalAnswer(entry.answer);
      Result<MethodRecord> record = HashedMethod(hasher_, keys_, random_, user->id,
                                                 MethodKind::kQuestions, *answer, clock_.Now());
      if (!record.ok()) return record.error();
      record->detail = entry.question;
      records.push_back(std::move(*record));
    }
    Note("admin.method.add", &*user, "questions");
    store_.ReplaceMethods(user->id, MethodKind::kQuestions, records);
    return Ok();
  });
}

Result<PhoneLink> StoreAdmin::OfferPhone(std::string_view username) {
  return Guarded<PhoneLink>([&]() -> Result<PhoneLink> {
    const Result<UserRecord> user = Find(username);
    if (!user.ok()) return user.error();
    if (LoadPolicy(store_).approval == 0) {
      return Error{Errc::kPolicy, "the policy has no approvals: turn methods.approval on"};
    }
    Note("admin.method.offer_phone", &*user, "");
    const Secret code = OfferEnrolment(*approvals_, keys_, random_, user->id, clock_.Now());
    PhoneLink offered{.link = {}, .expires_at = clock_.Now() + kEnrolmentSeconds};
    const bool fits = offered.link.Append(public_url_) &&
                      offered.link.Append("/portal/approve#enrol=") &&
                      offered.link.Append(code.Reveal());
    if (!fits) return Error{Errc::kInternal, "the link does not fit"};
    return offered;
  });
}

Result<TemporaryPass> StoreAdmin::IssuePass(const PassRequest& request) {
  return Guarded<TemporaryPass>([&]() -> Result<TemporaryPass> {
    const Result<UserRecord> user = Find(request.username);
    if (!user.ok()) return user.error();
    const Policy policy = LoadPolicy(store_);
    if (policy.temporary_pass == 0) {
      return Error{Errc::kPolicy, "the policy has no passes: turn methods.temporary_pass on"};
    }
    if (!IsNote(request.operator_name) || !IsNote(request.proof)) {
      return Error{Errc::kPolicy,
                   "say who you are and how the caller was proved, in one line each"};
    }
    const bool is_approved = IsNote(request.approver) && request.approver != request.operator_name;
    if (IsAdministrator(policy, user->groups) && !is_approved) {
      return Error{Errc::kPolicy, "a pass for an administrator needs a second operator's approval"};
    }
    const Secret code = RandomBase32(random_, kTemporaryPassLength);
    Result<MethodRecord> record = HashedMethod(hasher_, keys_, random_, user->id,
                                               MethodKind::kTemporaryPass, code, clock_.Now());
    if (!record.ok()) return record.error();
    record->expires_at = clock_.Now() + policy.temporary_pass_minutes * kMinuteSeconds;
    Note("admin.pass.issue", &*user,
         "operator: " + request.operator_name + "; proof: " + request.proof +
             (request.approver.empty() ? "" : "; approved by: " + request.approver));
    store_.ReplaceMethods(user->id, MethodKind::kTemporaryPass, {*record});
    return TemporaryPass{.pass = Grouped(code), .expires_at = record->expires_at};
  });
}

Result<std::vector<MethodView>> StoreAdmin::ListMethods(std::string_view username) {
  return Guarded<std::vector<MethodView>>([&]() -> Result<std::vector<MethodView>> {
    const Result<UserRecord> user = Find(username);
    if (!user.ok()) return user.error();
    std::vector<MethodView> views;
    for (const MethodRecord& method : store_.ListMethods(user->id)) {
      views.push_back(ViewOf(method));
    }
    return views;
  });
}

Status StoreAdmin::RemoveMethod(std::string_view username, std::string_view method_id) {
  return Guarded<Nothing>([&]() -> Status {
    const Result<UserRecord> user = Find(username);
    if (!user.ok()) return user.error();
    const std::vector<MethodRecord> methods = store_.ListMethods(user->id);
    const bool has = std::any_of(methods.begin(), methods.end(),
                                 [&](const MethodRecord& m) { return m.id == method_id; });
    if (!has) return Error{Errc::kDenied, "the user has no such method"};
    Note("admin.method.remove", &*user, std::string(method_id));
    if (!store_.DeleteMethod(user->id, method_id)) {
      return Error{Errc::kDenied, "the user has no such method"};
    }
    return Ok();
  });
}

}  // namespace sspr::service
