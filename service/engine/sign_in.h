// SPDX-License-Identifier: Apache-2.0
// Signing in at the service: with a password, or straight after a reset.
#pragma once

#include <string_view>

#include "service/engine/engine_parts.h"
#include "service/engine/second_factor.h"
#include "service/engine/sessions.h"

namespace sspr::service {

class SignIn {
 public:
  SignIn(EngineParts& parts, SecondFactor& second_factor)
      : parts_(parts), second_factor_(second_factor) {}
  Reply<SignInReply> Initiate(const Caller& caller, std::string_view username,
                              const Capabilities& capabilities);
  Reply<SignInReply> Challenge(const Caller& caller, std::string_view token);
  Reply<SignedIn> WithPassword(const Caller& caller, std::string_view token,
                               const Secret& password);
  Reply<SignedIn> WithContinuation(const Caller& caller, std::string_view token,
                                   std::string_view username);
  Reply<SignedIn> WithSecondFactor(const Caller& caller, std::string_view token, MethodKind kind,
                                   const Secret& code);

 private:
  void Note(const AuditEvent& event);
  // The first proof was right: a reset first, a second proof, or signed in.
  Reply<SignedIn> Conclude(const Caller& caller, Session& session, const char* event);

  EngineParts& parts_;
  SecondFactor& second_factor_;
};

}  // namespace sspr::service
