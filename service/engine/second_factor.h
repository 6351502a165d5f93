// SPDX-License-Identifier: Apache-2.0
// What may follow the password at sign-in: a second proof, or a new method for who has none.
#pragma once

#include <optional>
#include <string_view>
#include <variant>

#include "service/engine/engine_parts.h"
#include "service/engine/gates.h"
#include "service/engine/sessions.h"

namespace sspr::service {

class SecondFactor {
 public:
  SecondFactor(EngineParts& parts, Gates& gates) : parts_(parts), gates_(gates) {}

  // After the first proof of a sign-in, or a reset: nothing when that is enough; else the flow
  // waits for more, and this is what the client is told.
  std::optional<std::variant<Redirect, Refusal>> Demand(const Caller& caller, Session& session);

  Reply<IntrospectReply> Methods(const Caller& caller, std::string_view token);
  Reply<ChallengeReply> Challenge(const Caller& caller, std::string_view token,
                                  std::string_view method_id);
  // The session of the flow, which is over by this, when the code is right.
  std::variant<Session, Refusal> Prove(const Caller& caller, std::string_view token,
                                       MethodKind kind, const Secret& code);

  Reply<RegistrationReply> Registrable(const Caller& caller, std::string_view token);
  Reply<ChallengeReply> RegistrationChallenge(const Caller& caller, std::string_view token,
                                              MethodKind kind, std::string_view target);
  Reply<SignInReply> Register(const Caller& caller, std::string_view token, const Secret& code);

 private:
  std::vector<Offer> OffersOf(const Session& session);
  std::vector<MethodKind> RegistrableKinds(const Session& session);

  EngineParts& parts_;
  Gates& gates_;
};

}  // namespace sspr::service
