// SPDX-License-Identifier: Apache-2.0
// Which counters a try falls into. Every key is made of what the service knows: the digest of the
// canonical name, the kind of method, the address of the connection, the enrolled device whose key
// signed the request. A device id that a client merely names only ever adds a limit.
//
// Tries from an enrolled device fall into a bucket of the account and that device, instead of the
// one for tries from anywhere: whoever burns the one from elsewhere takes nothing from the person
// at the own machine. All enrolled devices together have an absolute cap.
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

// Where a try comes from. Both hexadecimal, or empty.
struct TryOrigin {
  std::string enrolled;  // the device that proved itself
  std::string named;     // the device that the client names
};

// Wrong codes: per user and kind.
std::vector<LimitRule> MethodRules(const Policy& policy, std::string_view subject, MethodKind kind,
                                   std::string_view enrolled = {});
// The same with the device and the network.
std::vector<LimitRule> TryRules(const Policy& policy, std::string_view subject, MethodKind kind,
                                const TryOrigin& origin, std::string_view address);
// E-mails sent to a user.
std::vector<LimitRule> EmailRules(const Policy& policy, std::string_view subject,
                                  std::string_view enrolled = {});
// Messages and calls. number and prefix are keyed digests, of a number and of its beginning; for
// nobody the prefix is empty, and of the whole service's cap nothing is used up.
std::vector<LimitRule> PhoneRules(const Policy& policy, std::string_view number,
                                  std::string_view prefix, std::string_view enrolled = {});
std::vector<LimitRule> AllPhonesRules(const Policy& policy);
// Questions to the phones of a user.
std::vector<LimitRule> ApprovalRules(const Policy& policy, std::string_view subject);
// What a finished reset forgets, with what was counted for the device that it was finished at.
std::vector<std::string> BucketsOf(std::string_view subject, std::string_view enrolled = {});
// What an administrator forgets: the same with "*" at the end for all devices, as ClearBuckets
// reads it.
std::vector<std::string> AllBucketsOf(std::string_view subject);

}  // namespace sspr::service
