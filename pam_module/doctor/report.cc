// SPDX-License-Identifier: Apache-2.0
#include "pam_module/doctor/report.h"

#include <json/value.h>
#include <json/writer.h>

#include <algorithm>
#include <cstdio>

namespace sspr::doctor {
namespace {

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string Counted(std::size_t count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

}  // namespace

std::string IdText(FindingId id) {
  char text[16];
  std::snprintf(text, sizeof text, "SSPR-D%03d", static_cast<int>(id));
  return text;
}

const char* LevelText(Level level) {
  switch (level) {
    case Level::kGood:
      return "ok";
    case Level::kNote:
      return "note";
    case Level::kWarning:
      return "warning";
    case Level::kFault:
      return "fault";
  }
  return "fault";
}

void Report::Add(FindingId id, Level level, const std::string& subject, const std::string& text,
                 const std::string& remedy) {
  for (Finding& known : findings_) {
    if (known.id != id || known.level != level || known.text != text || known.remedy != remedy) {
      continue;
    }
    const bool named = std::ranges::find(known.subjects, subject) != known.subjects.end();
    if (!named) known.subjects.push_back(subject);
    return;
  }
  findings_.push_back({id, level, {subject}, text, remedy});
}

Level Report::worst() const {
  Level worst = Level::kGood;
  for (const Finding& finding : findings_) worst = std::max(worst, finding.level);
  return worst;
}

int Report::code() const {
  switch (worst()) {
    case Level::kGood:
    case Level::kNote:
      return 0;
    case Level::kWarning:
      return 1;
    case Level::kFault:
      return 2;
  }
  return 2;
}

std::string Report::AsText() const {
  std::string text;
  std::size_t warnings = 0;
  std::size_t faults = 0;
  for (const Finding& finding : findings_) {
    warnings += finding.level == Level::kWarning ? 1 : 0;
    faults += finding.level == Level::kFault ? 1 : 0;
    std::string head = LevelText(finding.level);
    head.resize(8, ' ');
    text += head + IdText(finding.id) + " " + Joined(finding.subjects) + ": " + finding.text + "\n";
    if (!finding.remedy.empty()) text += "        What to do: " + finding.remedy + "\n";
  }
  if (warnings + faults == 0) return text + "Nothing stands in the way of a reset.\n";
  return text + Counted(faults, "fault", "faults") + ", " +
         Counted(warnings, "warning", "warnings") + ".\n";
}

std::string Report::AsJson() const {
  Json::Value whole(Json::objectValue);
  whole["code"] = code();
  whole["worst"] = LevelText(worst());
  whole["findings"] = Json::Value(Json::arrayValue);
  for (const Finding& finding : findings_) {
    Json::Value entry(Json::objectValue);
    entry["id"] = IdText(finding.id);
    entry["level"] = LevelText(finding.level);
    entry["subjects"] = Json::Value(Json::arrayValue);
    for (const std::string& subject : finding.subjects) entry["subjects"].append(subject);
    entry["text"] = finding.text;
    entry["remedy"] = finding.remedy;
    whole["findings"].append(std::move(entry));
  }
  Json::StreamWriterBuilder compact;
  compact["indentation"] = "";
  return Json::writeString(compact, whole) + "\n";
}

}  // namespace sspr::doctor
