// SPDX-License-Identifier: Apache-2.0
// For --check-config and the doctor: one question to Entra ID, by a connection of its own.
#pragma once

#include <optional>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "service/entra/entra_user.h"
#include "service/graph/graph_settings.h"

namespace sspr::service {

// Throws StoreFailure, which says what is wrong.
std::optional<EntraUser> LookForPerson(const GraphSettings& graph, const EntraSettings& settings,
                                       std::string_view canonical_username, const Clock& clock);

// kPolicy, in a sentence, when people cannot be looked for.
Status TryEntra(const GraphSettings& graph, const EntraSettings& settings, const Clock& clock);

}  // namespace sspr::service
