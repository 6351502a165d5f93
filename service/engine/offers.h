// SPDX-License-Identifier: Apache-2.0
// Which methods a person may use now. For a name that is nobody's, methods are made up: the same
// ones each time, and of the same look as a user's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "service/engine/engine_parts.h"
#include "service/policy/policy.h"

namespace sspr::service {

struct Offer {
  MethodOffer offer;
  // What stands behind it: one record; of questions those that are asked, of recovery codes all
  // that are left. None: it is made up, or a temporary pass that nobody has issued.
  std::vector<MethodRecord> records;
  bool preferred = false;  // the person wants to be asked for it first
};

// What the proof is for: a method that was registered at sign-in cools before it serves for a
// reset.
enum class OfferUse { kReset, kSignIn };

// A client that knows everything: for whoever asks whether a person has enough methods.
inline constexpr Capabilities kKnowsEverything{.introspect = true,
                                               .two_gates = true,
                                               .final_submit = true,
                                               .totp = true,
                                               .questions = true,
                                               .recovery_code = true,
                                               .temporary_pass = true,
                                               .push = true,
                                               .hand_off = true,
                                               .passkey = true};

// Whether this service can ask for it at all, whatever the policy says.
bool IsThere(const EngineParts& parts, MethodKind kind);

// Of the next gate: enabled, of a class that was not passed, and known to the client. The default
// one is marked.
std::vector<Offer> OffersFor(EngineParts& parts, const FlowRecord& flow, const Policy& policy,
                             UnixSeconds now, OfferUse use = OfferUse::kReset);

// Before the first gate it says what is asked of everybody; behind it, what is asked of the person.
GateState GatesOf(const std::vector<Offer>& offers, const FlowRecord& flow, const Policy& policy);

// Whether it may be the first gate: an approval stands beside another proof only, so that nobody
// can ring phones where one proof is enough.
bool MayOpen(MethodKind kind, const Policy& policy);

// The offer with this id; with no id, the default. Null: there is none.
const Offer* Chosen(const std::vector<Offer>& offers, std::string_view method_id);

// Whether a user has what the policy asks for.
bool IsRegistered(const std::vector<MethodRecord>& methods, const Policy& policy,
                  const Capabilities& capabilities, UnixSeconds now);

// Characters of a code; 0 for questions.
int CodeLength(const Policy& policy, const Offer& offer);

// What a client is told of a challenge that is open.
ChallengeReply ReplyOf(std::string token, const Offer& offer, int code_length);

}  // namespace sspr::service
