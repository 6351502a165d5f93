// SPDX-License-Identifier: Apache-2.0
// The world of the engine's tests, with operators in it.
#pragma once

#include <map>
#include <string>

#include "service/operators/operator_desk.h"
#include "service/operators/operator_sign_in.h"
#include "tests/service_engine/engine_world.h"

namespace sspr::service {

inline constexpr char kOperatorPassword[] = "granite window orbit violin";
inline constexpr char kOffice[] = "192.0.2.50";

class OperatorWorld : public EngineWorld {
 public:
  OperatorAccounts Accounts(Actor actor = {}) {
    return OperatorAccounts(foundation(), std::move(actor));
  }
  OperatorSignIn SignIn() { return OperatorSignIn(foundation()); }

  // Invites by the console and enrols; the token of the session.
  std::string Enrol(const std::string& name, OperatorRole role, const std::string& person = {});
  // With an invitation that was shown; empty when it is not taken.
  std::string EnrolWith(const std::string& name, std::string_view invitation);
  SignInAnswer TryIn(const std::string& name, std::string_view password, std::string_view code,
                     const std::string& address = kOffice);
  // What the operator's app shows now; the clock is moved on first, so that the code is fresh.
  std::string OperatorCode(const std::string& name);
  // Of the operator as the database has it now.
  OperatorDesk Desk(const std::string& name);

 private:
  std::map<std::string, std::string> apps_;
};

}  // namespace sspr::service
