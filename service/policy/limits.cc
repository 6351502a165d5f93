// SPDX-License-Identifier: Apache-2.0
#include "service/policy/limits.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "common/permit/fixed_bytes.h"
#include "service/methods/method_kind.h"

namespace sspr::service {
namespace {

constexpr int kHour = 3600;
constexpr int kDay = 24 * kHour;
constexpr int kTenMinutes = 600;
constexpr int kQuarterHour = 900;

std::string EmailBucket(std::string_view subject) { return "sent:email:" + std::string(subject); }

std::string ApprovalBucket(std::string_view subject) { return "sent:push:" + std::string(subject); }

// The bucket for tries from this device; of none, the one for tries from anywhere.
std::string At(std::string bucket, std::string_view enrolled) {
  if (!enrolled.empty()) bucket += "@" + std::string(enrolled);
  return bucket;
}

// Of all enrolled devices together. No device has this id.
std::string Capped(const std::string& bucket) { return bucket + "@all"; }

void AddCap(std::vector<LimitRule>& rules, const std::string& bucket, std::string_view enrolled,
            int max) {
  if (enrolled.empty()) return;
  rules.push_back({.bucket = Capped(bucket), .max = max, .window_seconds = kDay});
}

std::string Network4(const unsigned char* bytes) {
  return ToHex({reinterpret_cast<const char*>(bytes), 3}) + "/24";
}

}  // namespace

std::string NetworkOf(std::string_view address) {
  const std::string text(address);
  std::array<unsigned char, 16> bytes{};
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) return Network4(bytes.data());
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return "unknown";
  in6_addr address6{};
  std::memcpy(&address6, bytes.data(), bytes.size());
  if (IN6_IS_ADDR_V4MAPPED(&address6)) return Network4(bytes.data() + 12);
  return ToHex({reinterpret_cast<const char*>(bytes.data()), 8}) + "/64";
}

std::string MethodBucket(std::string_view subject, MethodKind kind) {
  return std::string("try:") + Name(kind) + ":" + std::string(subject);
}

std::vector<LimitRule> MethodRules(const Policy& policy, std::string_view subject, MethodKind kind,
                                   std::string_view enrolled) {
  const std::string of_all = MethodBucket(subject, kind);
  const std::string bucket = At(of_all, enrolled);
  std::vector<LimitRule> rules;
  if (kind == MethodKind::kQuestions) {
    rules = {{.bucket = bucket, .max = policy.questions_per_day, .window_seconds = kDay}};
  } else {
    rules = {{.bucket = bucket, .max = policy.method_per_hour, .window_seconds = kHour},
             {.bucket = bucket,
              .max = policy.method_per_day,
              .window_seconds = kDay,
              .off_seconds = kDay}};
  }
  AddCap(rules, of_all, enrolled, policy.enrolled_per_day);
  return rules;
}

std::vector<LimitRule> TryRules(const Policy& policy, std::string_view subject, MethodKind kind,
                                const TryOrigin& origin, std::string_view address) {
  std::vector<LimitRule> rules = MethodRules(policy, subject, kind, origin.enrolled);
  rules.push_back({.bucket = "net:" + NetworkOf(address),
                   .max = policy.network_per_hour,
                   .window_seconds = kHour});
  // Who only names a device cannot use up what is counted for the device itself.
  const std::string device = origin.enrolled.empty() ? origin.named : "enrolled:" + origin.enrolled;
  if (!device.empty()) {
    rules.push_back(
        {.bucket = "dev:" + device, .max = policy.device_per_hour, .window_seconds = kHour});
  }
  return rules;
}

std::vector<LimitRule> EmailRules(const Policy& policy, std::string_view subject,
                                  std::string_view enrolled) {
  const std::string of_all = EmailBucket(subject);
  const std::string bucket = At(of_all, enrolled);
  std::vector<LimitRule> rules{
      {.bucket = bucket, .max = policy.email_per_ten_minutes, .window_seconds = kTenMinutes},
      {.bucket = bucket, .max = policy.email_per_day, .window_seconds = kDay}};
  AddCap(rules, of_all, enrolled, policy.enrolled_codes_per_day);
  return rules;
}

std::vector<LimitRule> PhoneRules(const Policy& policy, std::string_view number,
                                  std::string_view prefix, std::string_view enrolled) {
  const std::string of_all = "sent:phone:" + std::string(number);
  const std::string bucket = At(of_all, enrolled);
  std::vector<LimitRule> rules{
      {.bucket = bucket, .max = policy.phone_per_ten_minutes, .window_seconds = kTenMinutes},
      {.bucket = bucket, .max = policy.phone_per_day, .window_seconds = kDay}};
  AddCap(rules, of_all, enrolled, policy.enrolled_codes_per_day);
  if (!prefix.empty()) {
    rules.push_back({.bucket = "sent:prefix:" + std::string(prefix),
                     .max = policy.phone_prefix_per_hour,
                     .window_seconds = kHour});
  }
  return rules;
}

std::vector<LimitRule> AllPhonesRules(const Policy& policy) {
  return {{.bucket = "sent:phones", .max = policy.phone_service_per_hour, .window_seconds = kHour}};
}

std::vector<LimitRule> ApprovalRules(const Policy& policy, std::string_view subject) {
  return {{.bucket = ApprovalBucket(subject),
           .max = policy.approvals_per_quarter,
           .window_seconds = kQuarterHour,
           .off_seconds = kHour}};
}

std::vector<std::string> BucketsOf(std::string_view subject, std::string_view enrolled) {
  std::vector<std::string> buckets{EmailBucket(subject), ApprovalBucket(subject)};
  for (const MethodTraits& traits : kMethodTraits) {
    buckets.push_back(MethodBucket(subject, traits.kind));
  }
  if (enrolled.empty()) return buckets;
  const std::size_t count = buckets.size();
  for (std::size_t i = 0; i < count; ++i) {
    buckets.push_back(At(buckets[i], enrolled));
    buckets.push_back(Capped(buckets[i]));
  }
  return buckets;
}

std::vector<std::string> AllBucketsOf(std::string_view subject) {
  std::vector<std::string> buckets = BucketsOf(subject);
  const std::size_t count = buckets.size();
  for (std::size_t i = 0; i < count; ++i) buckets.push_back(buckets[i] + "@*");
  return buckets;
}

}  // namespace sspr::service
