// SPDX-License-Identifier: Apache-2.0
// Which counters a try falls into. Every key is made of what the service knows: the digest of the
// canonical name, the kind of method, the address of the connection. A device id, which a client
// could choose, only ever adds a limit.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "service/policy/policy.h"
#include "service/store/records.h"

namespace sspr::service {

// The /24 of an IPv4 address (also an IPv4-mapped one), the /64 of an IPv6 address; all that cannot
// be read share one network.
std::string NetworkOf(std::string_view address);

std::string MethodBucket(std::string_view subject, MethodKind kind);

// Wrong codes: per user and kind.
std::vector<LimitRule> MethodRules(const Policy& policy, std::string_view subject, MethodKind kind);
// The same with the device (hexadecimal; empty: none) and the network.
std::vector<LimitRule> TryRules(const Policy& policy, std::string_view subject, MethodKind kind,
                                std::string_view device, std::string_view address);
// E-mails sent to a user.
std::vector<LimitRule> EmailRules(const Policy& policy, std::string_view subject);
// Messages and calls. number and prefix are keyed digests, of a number and of its beginning; for
// nobody the prefix is empty, and of the whole service's cap nothing is used up.
std::vector<LimitRule> PhoneRules(const Policy& policy, std::string_view number,
                                  std::string_view prefix);
std::vector<LimitRule> AllPhonesRules(const Policy& policy);
// Questions to the phones of a user.
std::vector<LimitRule> ApprovalRules(const Policy& policy, std::string_view subject);
// What a finished reset forgets.
std::vector<std::string> BucketsOf(std::string_view subject);

}  // namespace sspr::service
