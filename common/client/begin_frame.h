// SPDX-License-Identifier: Apache-2.0
// The first frame of a host, and the last one of a flow that does not begin.
#pragma once

#include <optional>
#include <string>

#include "common/base/frame.h"
#include "common/client/host_link.h"
#include "common/client/texts.h"

namespace sspr {

struct BeginFrame {
  std::optional<CheckPurpose> check;  // a login that asks one question, no flow
  std::string user;
  std::string language;
  std::string terminal;
  bool many_lines = false;
  bool draws_codes = false;
};

// Waits three seconds for it. Nothing: there was none, of another version, or not clean.
std::optional<BeginFrame> ReadBegin(HostLink& host);

// The same, or kCheck: then many_lines, draws_codes and terminal say nothing.
std::optional<BeginFrame> ReadBeginOrCheck(HostLink& host);

void EndWith(HostLink& host, const Texts& texts, TextId why);

}  // namespace sspr
