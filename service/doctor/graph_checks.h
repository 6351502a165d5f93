// SPDX-License-Identifier: Apache-2.0
// Whether Microsoft Graph is there, and lets the service's app do its work. Gets a token, reads
// what it allows, and changes nothing.
#pragma once

#include <string>

#include "common/base/clock.h"
#include "service/doctor/report.h"
#include "service/engine/engine_settings.h"

namespace sspr::service {

// With section [graph]: the app's certificate, a token for it, what that allows, and the licence
// that reading risks needs.
void CheckGraph(const EngineSettings& settings, const Clock& clock, DoctorReport& report);

// With the passwords in Entra ID: whether people are found there. person: who is looked at; empty:
// nobody.
void CheckEntra(const EngineSettings& settings, const std::string& person, const Clock& clock,
                DoctorReport& report);

}  // namespace sspr::service
