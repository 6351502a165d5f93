// SPDX-License-Identifier: Apache-2.0
// Text for a host, the same on every system.
#include "common/client/host_link.h"

namespace sspr {

void HostLink::SendText(FrameType type, std::string_view text) {
  while (!many_lines_ && text.find('\n') != std::string_view::npos) {
    const std::size_t end = text.find('\n');
    SendText(type, text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  FrameWriter frame(type);
  frame.PutBytes(text);
  Send(frame);
}

}  // namespace sspr
