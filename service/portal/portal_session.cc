// SPDX-License-Identifier: Apache-2.0
#include "service/portal/portal_session.h"

namespace sspr::service {
namespace {

constexpr int kAbsoluteSeconds = 60 * 60;
constexpr int kIdleSeconds = 15 * 60;

}  // namespace

Sessions MakePortalSessions(SessionTable& table, const ServiceKeys& keys, Random& random,
                            const Clock& clock, Directory& directory) {
  SessionRules rules{
      .purpose = "portal", .absolute_seconds = kAbsoluteSeconds, .idle_seconds = kIdleSeconds};
  rules.generation_of = [&directory](const std::string& id) -> std::optional<std::int64_t> {
    const std::optional<DirectoryUser> user = directory.Get(id);
    if (!user || !user->enabled) return std::nullopt;
    return user->password_generation;
  };
  return {table, keys, random, clock, std::move(rules)};
}

}  // namespace sspr::service
