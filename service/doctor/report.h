// SPDX-License-Identifier: Apache-2.0
// What ssprctl doctor found: identifiers are words that stay the same for good
// (docs/administration.md lists them); each finding is about something, in a sentence that says
// what is so, with what to do about it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sspr::service {

enum class FindingLevel { kGood, kNote, kWarning, kFault };
std::string_view Name(FindingLevel level);  // "ok", "note", "warning", "fault"

struct DoctorFinding {
  std::string id;  // "directory.reach"
  FindingLevel level = FindingLevel::kGood;
  std::string subject;  // a server, a file, a right, a rule
  std::string text;
  std::string remedy;  // empty where there is nothing to be done
};

class DoctorReport {
 public:
  void Good(std::string_view id, std::string_view subject, std::string text) {
    Add(id, FindingLevel::kGood, subject, std::move(text), {});
  }
  void Add(std::string_view id, FindingLevel level, std::string_view subject, std::string text,
           std::string remedy) {
    findings_.push_back(
        {std::string(id), level, std::string(subject), std::move(text), std::move(remedy)});
  }
  const std::vector<DoctorFinding>& findings() const { return findings_; }
  FindingLevel worst() const;

 private:
  std::vector<DoctorFinding> findings_;
};

}  // namespace sspr::service
