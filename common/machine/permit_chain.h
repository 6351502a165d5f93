// SPDX-License-Identifier: Apache-2.0
// Which keys of permits a machine trusts: one that was installed when it was enrolled, and those
// that signed statements lead to from it. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/permit/verifying_key.h"
#include "common/protocol/device_messages.h"

namespace sspr {

struct PermitChain {
  PublicKeyBytes first{};
  std::string successions;  // statements, oldest first and one behind the other

  friend bool operator==(const PermitChain&, const PermitChain&) = default;
};

// The whole list, for a machine that trusts no key yet. kProtocol when the list is empty or its
// statements do not lead from one key to the next.
Result<PermitChain> TrustList(const std::vector<ListedPermitKey>& list);

// The installed chain with what the list adds to it. kDenied when nothing leads from the installed
// keys to the one that signs now.
Result<PermitChain> ExtendChain(const PermitChain& installed,
                                const std::vector<ListedPermitKey>& list);

// kDenied or kProtocol when the statements (may be empty) do not lead on from that key.
Result<PermitChain> ChainOf(const PublicKeyBytes& first, std::string_view successions);

// The same of what is in permit.pub and the file beside it; not on Windows. kInternal when the
// first is no key.
Result<PermitChain> ReadChain(std::string_view pem, std::string_view successions);

}  // namespace sspr
