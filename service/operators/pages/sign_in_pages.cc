// SPDX-License-Identifier: Apache-2.0
// How an operator gets in and out.
#include "service/operators/pages/admin_site.h"

namespace sspr::service {
namespace {

const Secret& SecretIn(const Form& form, std::string_view name) {
  static const Secret kNone;
  const Form::SecretField& field = form.FindSecret(name);
  return field.state == Form::SecretState::kFits ? field.value : kNone;
}

// What all pages before the sign-in show of a verdict that is not "in".
HttpReply Again(AdminHost& admin, Visit& visit, const char* page, const Form& form,
                const Result<SignInAnswer>& answer, const char* wrong) {
  PageData data = MakeObject();
  data.set("name", std::string(form.Find("name")));
  if (!answer.ok()) {
    data.set("error", admin.host().Text(visit, "error.internal"));
    return admin.host().Page(visit, page, std::move(data), 503);
  }
  if (answer->verdict == SignInVerdict::kWait) {
    const std::string minutes = std::to_string((answer->wait_seconds + 59) / 60);
    data.set("error", admin.host().Text(visit, "sign_in.wait", {{"minutes", minutes}}));
    return admin.host().Page(visit, page, std::move(data), 429);
  }
  data.set("error", admin.host().Text(visit, wrong));
  return admin.host().Page(visit, page, std::move(data), 422);
}

HttpReply SignIn(AdminHost& admin, Visit& visit, const Form& form) {
  const auto answer = OperatorSignIn(admin.foundation())
                          .SignIn({.name = form.Find("name"),
                                   .password = SecretIn(form, "password"),
                                   .code = SecretIn(form, "oob")},
                                  visit.request.address);
  if (!answer.ok() || answer->verdict != SignInVerdict::kIn) {
    return Again(admin, visit, "sign_in", form, answer, "sign_in.wrong");
  }
  admin.host().PutSession(visit, answer->token);
  return admin.host().Go(visit, "");
}

HttpReply Redeem(AdminHost& admin, Visit& visit, const Form& form) {
  const auto answer = OperatorSignIn(admin.foundation())
                          .Redeem(form.Find("name"), SecretIn(form, "oob"), visit.request.address);
  if (!answer.ok() || answer->verdict != SignInVerdict::kIn) {
    return Again(admin, visit, "invitation", form, answer, "invitation.wrong");
  }
  admin.host().PutSession(visit, answer->token);
  return admin.host().Go(visit, "/enrol");
}

HttpReply EnrolPage(AdminHost& admin, Visit& visit, const OperatorSession& session,
                    const std::string& error) {
  const auto enrolment = OperatorSignIn(admin.foundation()).Enrolment(session);
  if (!enrolment.ok()) return admin.host().Go(visit, "/invitation");
  PageData data = MakeObject();
  data.set("name", session.account.name);
  data.set("qr", QrSvg(enrolment->otpauth_uri.Reveal()));
  data.set("secret", std::string(enrolment->base32_secret.Reveal()));
  if (!error.empty()) data.set("error", error);
  return admin.host().Page(visit, "enrol", std::move(data), error.empty() ? 200 : 422);
}

std::optional<OperatorSession> Enrolling(AdminHost& admin, const Visit& visit) {
  auto session = OperatorSignIn(admin.foundation()).Find(visit.session_token);
  if (!session || session->kind != OperatorSessionKind::kEnrolling) return std::nullopt;
  return session;
}

HttpReply Enrol(AdminHost& admin, Visit& visit, const Form& form) {
  const auto session = Enrolling(admin, visit);
  if (!session) return admin.host().Go(visit, "/invitation");
  const Secret& password = SecretIn(form, "new_password");
  if (!password.SameAs(SecretIn(form, "new_password_again"))) {
    return EnrolPage(admin, visit, *session, admin.host().Text(visit, "enrol.differ"));
  }
  const auto token = OperatorSignIn(admin.foundation())
                         .Enrol(*session, password, SecretIn(form, "oob"), visit.request.address);
  if (!token.ok()) {
    return EnrolPage(admin, visit, *session, admin.Sentence(visit, token.error()));
  }
  admin.host().PutSession(visit, *token);
  return admin.host().Go(visit, "?done=enrolled");
}

}  // namespace

void AddSignInPages(AdminHost& admin) {
  PageHost& host = admin.host();
  host.OnGet("/sign-in",
             [&admin](Visit& visit) { return admin.host().Page(visit, "sign_in", MakeObject()); });
  host.OnPost("/sign-in",
              [&admin](Visit& visit, const Form& form) { return SignIn(admin, visit, form); });
  host.OnGet("/invitation", [&admin](Visit& visit) {
    return admin.host().Page(visit, "invitation", MakeObject());
  });
  host.OnPost("/invitation",
              [&admin](Visit& visit, const Form& form) { return Redeem(admin, visit, form); });
  host.OnGet("/enrol", [&admin](Visit& visit) {
    const auto session = Enrolling(admin, visit);
    if (!session) return admin.host().Go(visit, "/invitation");
    return EnrolPage(admin, visit, *session, "");
  });
  host.OnPost("/enrol",
              [&admin](Visit& visit, const Form& form) { return Enrol(admin, visit, form); });
  host.OnPost("/sign-out", [&admin](Visit& visit, const Form&) {
    OperatorSignIn sign_in(admin.foundation());
    if (const auto session = sign_in.Find(visit.session_token)) {
      sign_in.SignOut(*session, visit.request.address);
    }
    admin.host().PutSession(visit, "");
    return admin.host().Go(visit, "/sign-in");
  });
}

}  // namespace sspr::service
