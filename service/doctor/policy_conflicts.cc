// SPDX-License-Identifier: Apache-2.0
#include "service/doctor/policy_conflicts.h"

#include <algorithm>

namespace sspr::service {
namespace {

constexpr char kLength[] = "policy.min_length";
constexpr char kKinds[] = "policy.min_classes";
constexpr char kHistory[] = "policy.history";
constexpr char kAge[] = "policy.min_age";

}  // namespace

void ComparePolicies(const Policy& ours, const DirectoryRules& theirs, std::string_view subject,
                     DoctorReport& report) {
  const auto conflict = [&](const char* id, std::string text, std::string remedy) {
    report.Add(id, FindingLevel::kWarning, subject, std::move(text), std::move(remedy));
  };
  constexpr int kMostGates = 2;
  const int least = std::min(ours.MinLength(1), ours.MinLength(kMostGates));
  const std::string wanted = std::to_string(theirs.min_length);
  if (theirs.min_length > static_cast<std::size_t>(std::max(least, 0))) {
    conflict(kLength,
             "the directory wants " + wanted + " characters, the policy here " +
                 std::to_string(least) + ": people are refused at the very end",
             "ssprctl policy set password.min_length " + wanted);
  } else {
    report.Good(kLength, subject, "the shortest password that is taken here is long enough there");
  }
  constexpr int kThree = 3;
  if (theirs.three_kinds && ours.min_classes < kThree) {
    conflict(kKinds,
             "the directory wants three kinds of characters, the policy here does not: people are "
             "refused at the very end",
             "ssprctl policy set password.min_classes 3");
  }
  if (ours.history > theirs.history) {
    conflict(kHistory,
             "the policy here wants " + std::to_string(ours.history) +
                 " earlier passwords refused; the directory, which alone knows them, refuses " +
                 std::to_string(theirs.history),
             "raise the history in the directory");
  }
  if (theirs.min_age.count() > 0) {
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(theirs.min_age).count();
    conflict(kAge,
             "who changed the password less than " + std::to_string(std::max<long>(minutes, 1)) +
                 " minutes ago cannot reset it",
             "set the directory's minimum age of a password to 0 for people who reset theirs");
  }
}

}  // namespace sspr::service
