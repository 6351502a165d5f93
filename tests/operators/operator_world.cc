// SPDX-License-Identifier: Apache-2.0
#include "tests/operators/operator_world.h"

#include <stdexcept>

namespace sspr::service {
namespace {

std::string FromBase32(std::string_view text) {
  std::string raw;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const auto value = static_cast<std::uint32_t>(c >= 'A' ? c - 'A' : c - '2' + 26);
    bits = (bits << 5) | value;
    held += 5;
    if (held >= 8) {
      held -= 8;
      raw.push_back(static_cast<char>((bits >> held) & 255));
    }
  }
  return raw;
}

}  // namespace

std::string OperatorWorld::EnrolWith(const std::string& name, std::string_view invitation) {
  OperatorSignIn sign_in = SignIn();
  const auto opened = sign_in.Redeem(name, Hidden(invitation), kOffice);
  if (!opened.ok() || opened->verdict != SignInVerdict::kIn) return {};
  const auto session = sign_in.Find(opened->token);
  if (!session) return {};
  const auto enrolment = sign_in.Enrolment(*session);
  if (!enrolment.ok()) return {};
  apps_[name] = FromBase32(enrolment->base32_secret.Reveal());
  const auto in =
      sign_in.Enrol(*session, Hidden(kOperatorPassword), Hidden(OperatorCode(name)), kOffice);
  return in.ok() ? *in : std::string();
}

std::string OperatorWorld::Enrol(const std::string& name, OperatorRole role,
                                 const std::string& person) {
  const auto invited = Accounts().Add({.name = name, .role = role, .person = person});
  if (!invited.ok()) throw std::runtime_error(invited.error().detail);
  std::string token = EnrolWith(name, invited->code.Reveal());
  if (token.empty()) throw std::runtime_error("the operator did not enrol");
  return token;
}

SignInAnswer OperatorWorld::TryIn(const std::string& name, std::string_view password,
                                  std::string_view code, const std::string& address) {
  const auto answer =
      SignIn().SignIn({.name = name, .password = Hidden(password), .code = Hidden(code)}, address);
  if (!answer.ok()) throw std::runtime_error(answer.error().detail);
  return *answer;
}

std::string OperatorWorld::OperatorCode(const std::string& name) {
  clock().Advance(30);
  return AppCodeAt(apps_.at(name), clock().Now());
}

OperatorDesk OperatorWorld::Desk(const std::string& name) {
  const auto account = OperatorTable(*foundation().database).Find(name);
  if (!account) throw std::runtime_error("no such operator");
  return OperatorDesk(foundation(), *account, kOffice);
}

}  // namespace sspr::service
