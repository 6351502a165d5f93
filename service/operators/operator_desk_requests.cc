// SPDX-License-Identifier: Apache-2.0
// Four eyes: what one operator asks, another one, who is an administrator, approves, and the first
// one carries out. Neither is the person whom it is about.
#include "service/engine/guarded.h"
#include "service/methods/method_kind.h"
#include "service/operators/operator_desk.h"

namespace sspr::service {
namespace {

constexpr UnixSeconds kKept = 30 * 24 * 3600;  // to be looked at

const char* Name(OperatorRequestKind kind) {
  switch (kind) {
    case OperatorRequestKind::kPass:
      return "pass";
    case OperatorRequestKind::kEmail:
      return "email";
    case OperatorRequestKind::kPhone:
      return "phone";
    case OperatorRequestKind::kGroups:
      return "groups";
    case OperatorRequestKind::kAdmin:
      return "administrator";
  }
  return "unknown";
}

std::string About(const OperatorRequestRecord& request) {
  return std::string(Name(request.kind)) + " for " + request.target +
         (request.reason.empty() ? "" : "; proof: " + request.reason) +
         "; asked by: " + request.asked_by +
         (request.decided_by.empty() ? "" : "; approved by: " + request.decided_by);
}

}  // namespace

Result<AskedFor> OperatorDesk::Ask(OperatorRequestRecord request) {
  return Guarded<AskedFor>([&]() -> Result<AskedFor> {
    request.id = NewId(foundation_.random);
    request.asked_by_id = account_.id;
    request.asked_by = account_.name;
    request.asked_at = foundation_.clock().Now();
    Note("operator.request", "asked", nullptr, About(request));
    requests_.Prune(request.asked_at - kKept);
    requests_.InsertRequest(request);
    return AskedFor{request.id};
  });
}

Result<std::vector<OperatorRequestRecord>> OperatorDesk::Requests() {
  return Guarded<std::vector<OperatorRequestRecord>>(
      [&]() -> Result<std::vector<OperatorRequestRecord>> {
        if (Status may = Check(OperatorAction::kSeeRequests); !may.ok()) return may.error();
        auto all = requests_.ListRequests(foundation_.clock().Now() - kKept);
        // The help desk sees what it asked itself.
        if (!MayDo(OperatorAction::kApprove) && !MayDo(OperatorAction::kSeeAudit)) {
          std::erase_if(all, [this](const OperatorRequestRecord& request) {
            return request.asked_by_id != account_.id;
          });
        }
        return all;
      });
}

Status OperatorDesk::Decide(std::string_view id, bool approve) {
  return Guarded<Nothing>([&]() -> Status {
    if (Status may = Check(OperatorAction::kApprove); !may.ok()) return may;
    const auto request = requests_.FindRequest(id);
    const UnixSeconds now = foundation_.clock().Now();
    if (!request || request->state != OperatorRequestState::kOpen ||
        now - request->asked_at >= kRequestLifeSeconds) {
      return Error{Errc::kDenied, "this request is decided or too old: it has to be asked again"};
    }
    if (request->asked_by_id == account_.id) {
      Note("operator.request", "refused", nullptr, About(*request) + "; own request");
      return Error{Errc::kDenied, "nobody approves their own request: ask another administrator"};
    }
    const auto user = foundation_.store->FindUser(request->target);
    if (user && IsSelf(*user)) {
      Note("operator.request", "refused", &*user, About(*request) + "; own account");
      return Error{Errc::kDenied, "nobody approves what is about themselves"};
    }
    Note("operator.request", approve ? "approved" : "declined", user ? &*user : nullptr,
         About(*request));
    const auto state = approve ? OperatorRequestState::kApproved : OperatorRequestState::kRefused;
    if (!requests_.Decide(id, state, account_.name, now)) {
      return Error{Errc::kDenied, "somebody else was faster: look at the list again"};
    }
    return Ok();
  });
}

Result<std::variant<Nothing, TemporaryPass, OperatorInvitation>> OperatorDesk::CarryOut(
    std::string_view id) {
  using Done = std::variant<Nothing, TemporaryPass, OperatorInvitation>;
  return Guarded<Done>([&]() -> Result<Done> {
    const auto request = requests_.FindRequest(id);
    const UnixSeconds now = foundation_.clock().Now();
    if (!request || request->asked_by_id != account_.id ||
        request->state != OperatorRequestState::kApproved ||
        now - request->asked_at >= kRequestLifeSeconds) {
      return Error{Errc::kDenied,
                   "there is nothing to carry out: it is not approved, done, too "
                   "old, or somebody else's"};
    }
    const bool is_pass = request->kind == OperatorRequestKind::kPass;
    const bool is_admin = request->kind == OperatorRequestKind::kAdmin;
    const OperatorAction needed = is_pass    ? OperatorAction::kServeCaller
                                  : is_admin ? OperatorAction::kChangeOperators
                                             : OperatorAction::kChangeUser;
    if (Status may = Check(needed); !may.ok()) return may.error();
    if (!requests_.CarryOut(id)) return Error{Errc::kDenied, "this was carried out already"};
    Note("operator.request", "done", nullptr, About(*request));
    if (is_pass) {
      auto pass = MakePass(request->target, request->reason, request->decided_by);
      if (!pass.ok()) return pass.error();
      return Done(std::move(*pass));
    }
    if (is_admin) {
      auto invited = (*Accounts(needed))
                         ->Add({.name = request->target,
                                .role = OperatorRole::kAdmin,
                                .person = request->detail});
      if (!invited.ok()) return invited.error();
      return Done(std::move(*invited));
    }
    const auto user = FindOther(request->target);
    if (!user.ok()) return user.error();
    const auto before = foundation_.store->ListMethods(user->id);
    const auto admin = Admin();
    if (request->kind == OperatorRequestKind::kGroups) {
      if (Status set = admin->SetGroups(user->username, request->detail); !set.ok()) {
        return set.error();
      }
      return Done(Nothing{});
    }
    const std::size_t space = request->detail.find(' ');
    const bool is_voice = request->detail.starts_with(Name(MethodKind::kVoiceCode));
    const auto added =
        request->kind == OperatorRequestKind::kEmail
            ? admin->AddEmail(user->username, request->detail)
            : admin->AddPhone(user->username,
                              is_voice ? MethodKind::kVoiceCode : MethodKind::kSmsCode,
                              request->detail.substr(space == std::string::npos ? 0 : space + 1));
    if (!added.ok()) return added.error();
    Tell(*user, before, ServedChange::kMethodAdded);
    return Done(Nothing{});
  });
}

}  // namespace sspr::service
