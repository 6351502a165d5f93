// SPDX-License-Identifier: Apache-2.0
// Signing in at the service: with a password, or straight after a reset.
#pragma once

#include <string_view>

#include "service/engine/engine_parts.h"
#include "service/engine/sessions.h"

namespace sspr::service {

class SignIn {
 public:
  explicit SignIn(EngineParts& parts) : parts_(parts) {}
  Reply<SignInReply> Initiate(const Caller& caller, std::string_view username);
  Reply<SignInReply> Challenge(const Caller& caller, std::string_view token);
  Reply<SignedIn> WithPassword(const Caller& caller, std::string_view token,
                               const Secret& password);
  Reply<SignedIn> WithContinuation(const Caller& caller, std::string_view token,
                                   std::string_view username);

 private:
  void Note(const AuditEvent& event);

  EngineParts& parts_;
};

}  // namespace sspr::service
