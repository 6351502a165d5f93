// SPDX-License-Identifier: Apache-2.0
// What people are told after a reset or an unlock: the user at every address, and the other
// administrators when one of them resets.
#pragma once

#include "service/delivery/mail_texts.h"
#include "service/engine/engine_parts.h"

namespace sspr::service {

// What cannot be sent is logged; the reset stands.
void TellOfSuccess(EngineParts& parts, const TransactionRecord& transaction);

// That a directory which follows has not taken the new password yet.
void TellOfFollowers(EngineParts& parts, const std::string& user_id);

// Of a change of the methods: at all addresses, those among them that it took away. kind says what
// changed; audience is who had or has an address, each told once.
void TellOfMethodChange(EngineParts& parts, const DirectoryUser& user,
                        const std::vector<MethodRecord>& audience, MethodKind kind,
                        MethodChange change);
// The same for a method that is no MethodKind, by its word: "passkey".
void TellOfMethodChange(EngineParts& parts, const DirectoryUser& user,
                        const std::vector<MethodRecord>& audience, std::string_view word,
                        MethodChange change);

}  // namespace sspr::service
