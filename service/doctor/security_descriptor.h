// SPDX-License-Identifier: Apache-2.0
// Who may do what with an object of Active Directory: its access control list (MS-DTYP 2.4.4 to
// 2.4.6), as far as it says who holds a control access right such as "Reset Password".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sspr::service {

struct AccessEntry {
  bool allows = false;  // otherwise it denies
  std::uint32_t rights = 0;
  std::string object;  // 16 bytes of a GUID; empty: all
  std::string sid;     // as it is on the wire
};

// Of a self-relative descriptor: the entries that count for the object itself, in their order.
// Nothing when it is malformed or has no list (then nobody can say who may do what).
std::optional<std::vector<AccessEntry>> ReadAccessList(std::string_view descriptor);

// Whether somebody with these SIDs holds that control access right (16 bytes of a GUID): the first
// entry that speaks of it decides.
bool HoldsControlRight(const std::vector<AccessEntry>& list, const std::vector<std::string>& sids,
                       std::string_view right);

// "S-1-5-32-544"; empty when the bytes are no SID.
std::string TextOfSid(std::string_view sid);

}  // namespace sspr::service
