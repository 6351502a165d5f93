// SPDX-License-Identifier: Apache-2.0
// Making a passkey, for a person who has signed in. Using one is the engine's (passkey_proof.h).
// Safe from several threads at once; a failing database throws StoreFailure.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "service/engine/engine_parts.h"
#include "service/webauthn/passkey.h"

namespace sspr::service {

struct NewPasskey {
  std::string name;  // what the person's list calls it
  std::string challenge;
  std::string client_data;
  std::string authenticator_data;
};

class PasskeyDesk {
 public:
  explicit PasskeyDesk(EngineParts parts) : parts_(std::move(parts)) {}

  const std::string& host() const { return parts_.passkey_host; }

  // The challenge, 32 bytes. kDenied: the policy or the public URL has no passkeys for this person.
  Result<std::string> Begin(std::string_view user_id);
  // kPolicy: the name; kDenied: the passkey is not what was asked for, or is known already.
  Status Add(const Caller& caller, std::string_view user_id, const NewPasskey& passkey);

 private:
  EngineParts parts_;
};

}  // namespace sspr::service
