// SPDX-License-Identifier: Apache-2.0
// The form in the body of a request, parsed strictly: a parameter is one name and one text.
// Repeated parameters, a[] and the like, bad percent escapes, NUL and invalid UTF-8 refuse the
// whole form, so that no two readers of a request can see different values in it.
//
// The parameters that hold a password or a code are decoded straight into Secrets.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/base/secret.h"

namespace sspr::service {

class Form {
 public:
  // kPolicy, with a detail that names no value, when the form is refused.
  static Result<Form> Parse(std::string_view body);

  // Empty when the parameter is absent or empty, which Microsoft's endpoints do not tell apart.
  // Never one of the secret parameters.
  std::string_view Find(std::string_view name) const;

  enum class SecretState { kAbsent, kFits, kTooLong };
  struct SecretField {
    SecretState state = SecretState::kAbsent;
    Secret value;  // only when it fits
  };
  // name: "new_password", "new_password_again", "password", "oob", "answer_1" to "answer_20",
  // "refresh_token", "client_secret" or "enrollment_token".
  const SecretField& FindSecret(std::string_view name) const;

 private:
  Status Add(std::string_view raw_name, std::string_view raw_value);

  std::map<std::string, std::string, std::less<>> values_;
  std::map<std::string, SecretField, std::less<>> secrets_;
};

}  // namespace sspr::service
