// SPDX-License-Identifier: Apache-2.0
// Sections [directory], [on_premises], [follower] and [follower2] of the configuration.
#pragma once

#include "common/config/key_reader.h"
#include "service/engine/engine_settings.h"

namespace sspr::service {

// What is wrong is the reader's fault.
void ReadDirectory(KeyReader& reader, EngineSettings& engine);

// Whether one of them is Entra ID.
bool NeedsGraph(const EngineSettings& engine);

}  // namespace sspr::service
