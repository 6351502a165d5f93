// SPDX-License-Identifier: Apache-2.0
// What the doctor found: each finding has an identifier that stays the same for good
// (docs/journal-messages.md lists them), a level, whom it is about, a sentence, and what to do.
#pragma once

#include <string>
#include <vector>

namespace sspr::doctor {

enum class FindingId {
  kConfiguration = 1,
  kFlowUser = 2,
  kFileModes = 3,
  kEnrolment = 4,
  kPermitKeys = 5,
  kModuleFile = 6,
  kNoStack = 7,
  kUnreadableStack = 8,
  kStackRefuses = 9,
  kStackLetsIn = 10,
  kStackNeedsModule = 11,
  kTriggerOutOfPlace = 12,
  kModuleWords = 13,
  kFrontEnd = 14,
  kEmptyPasswords = 15,
  kLoginTimeout = 16,
  kFlowSocket = 17,
  kSetpwSocket = 18,
  kOpenResets = 19,
  kService = 20,
  kCertificate = 21,
  kClock = 22,
  kDeviceAtService = 23,
  kOffered = 24,
  kUserAccount = 25,
  kUserAtLogin = 26,
  kUserAtService = 27,
  kOfflineSignIn = 28,
  kOnlineSocket = 29,
  kPhases = 30,
  kLockouts = 31,
};

enum class Level { kGood, kNote, kWarning, kFault };

struct Finding {
  FindingId id = FindingId::kConfiguration;
  Level level = Level::kGood;
  std::vector<std::string> subjects;  // PAM services, files, users: whom it is about
  std::string text;
  std::string remedy;  // what to do; empty where there is nothing to be done
};

std::string IdText(FindingId id);  // "SSPR-D012"
const char* LevelText(Level level);

class Report {
 public:
  // What is the same of several subjects becomes one finding about all of them.
  void Add(FindingId id, Level level, const std::string& subject, const std::string& text,
           const std::string& remedy = "");

  const std::vector<Finding>& findings() const { return findings_; }
  Level worst() const;
  // 0 all is well, 1 there are warnings, 2 something will not work.
  int code() const;

  std::string AsText() const;
  std::string AsJson() const;

 private:
  std::vector<Finding> findings_;
};

}  // namespace sspr::doctor
