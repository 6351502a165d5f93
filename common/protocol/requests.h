// SPDX-License-Identifier: Apache-2.0
// Requests to the service as form bodies, written straight into wiped memory: a password or a code
// is percent-encoded from one Secret into the other and is nowhere else.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "common/base/result.h"
#include "common/base/secret.h"
#include "common/flow/flow_io.h"

namespace sspr {

// What a request needs beside the call itself. All referents outlive the call of FormOf.
struct FormContext {
  std::string_view client_id;
  std::span<const unsigned char> resume_key;  // 32 bytes, or empty: no resuming
  const Secret& code;
  const Secret& new_password;
};

// "/resetpassword/v1.0/start"
std::string_view PathOf(ServiceCall::Operation operation);

// kInternal when the body would pass the capacity of SecretBody. kFeatures has no body.
Result<SecretBody> FormOf(const ServiceCall& call, const FormContext& context);

}  // namespace sspr
