// SPDX-License-Identifier: Apache-2.0
// The first frame of a host, and the last one of a flow that does not begin.
#pragma once

#include <optional>
#include <string>

#include "common/client/host_link.h"
#include "common/client/texts.h"

namespace sspr {

struct BeginFrame {
  std::string user;
  std::string language;
  std::string terminal;
  bool many_lines = false;
  bool draws_codes = false;
};

// Waits three seconds for it. Nothing: there was none, of another version, or not clean.
std::optional<BeginFrame> ReadBegin(HostLink& host);

void EndWith(HostLink& host, const Texts& texts, TextId why);

}  // namespace sspr
