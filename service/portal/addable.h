// SPDX-License-Identifier: Apache-2.0
// The names of methods in the addresses of pages: /add/email.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "service/flow_service.h"

namespace sspr::service {

// The names of what may be added, as they stand in addresses.
inline constexpr std::pair<std::string_view, MethodKind> kAddable[] = {
    {"email", MethodKind::kEmailCode},
    {"sms", MethodKind::kSmsCode},
    {"voice", MethodKind::kVoiceCode},
    {"app", MethodKind::kAuthenticatorCode},
    {"questions", MethodKind::kQuestions},
    {"codes", MethodKind::kRecoveryCode},
    // Their pages are those of service/approvals.
    {"approval", MethodKind::kApproval},
    {"passkey", MethodKind::kPasskey},
};

inline std::optional<MethodKind> AddableKind(std::string_view word) {
  for (const auto& [name, kind] : kAddable) {
    if (name == word) return kind;
  }
  return std::nullopt;
}

inline std::string WordOf(MethodKind kind) {
  for (const auto& [name, of_kind] : kAddable) {
    if (of_kind == kind) return std::string(name);
  }
  return {};
}

}  // namespace sspr::service
