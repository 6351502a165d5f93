// SPDX-License-Identifier: Apache-2.0
// What a module must leave as it found it in the process that loads it: descriptors, threads,
// signals, timers, environment, folder, mask, locale, limits, children and mappings.
#pragma once

#include <map>
#include <string>

namespace sspr::test {

// Each property by name, in words that can be compared.
using ProcessState = std::map<std::string, std::string>;

ProcessState TakeProcessState();

// One line per property that differs: "name: before -> after".
std::string Differences(const ProcessState& before, const ProcessState& after);

}  // namespace sspr::test
