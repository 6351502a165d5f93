// SPDX-License-Identifier: Apache-2.0
// Prints objects and tables. Text is filtered: names in the database may come from elsewhere.
#include "service/admin/output.h"

#include <json/writer.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include "common/base/text.h"

namespace sspr::service {
namespace {

std::string Clean(const Json::Value& value) {
  if (value.isBool()) return value.asBool() ? "yes" : "no";
  const std::string text = value.asString();
  std::array<char, kMaxTextBytes> clean{};
  const std::size_t length = FilterForDisplay(text, Lines::kOne, clean);
  return {clean.data(), length};
}

void PrintJson(const Json::Value& value) {
  Json::StreamWriterBuilder builder;
  builder["indentation"] = "";
  builder["emitUTF8"] = true;
  std::printf("%s\n", Json::writeString(builder, value).c_str());
}

std::string Heading(std::string name) {
  std::ranges::replace(name, '_', ' ');
  return name;
}

}  // namespace

void Output::ShowObject(const Json::Value& object, const std::vector<const char*>& names) const {
  if (json_) return PrintJson(object);
  std::size_t width = 0;
  for (const std::string name : names) width = std::max(width, name.size());
  for (const char* name : names) {
    std::printf("%-*s  %s\n", static_cast<int>(width + 1), (Heading(name) + ":").c_str(),
                Clean(object[name]).c_str());
  }
}

void Output::ShowList(const Json::Value& list, const std::vector<const char*>& names) const {
  if (json_) return PrintJson(list);
  std::vector<std::vector<std::string>> rows(1);
  for (const char* name : names) rows[0].push_back(Heading(name));
  for (const Json::Value& object : list) {
    rows.emplace_back();
    for (const char* name : names) rows.back().push_back(Clean(object[name]));
  }
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t column = 0; column < row.size(); ++column) {
      std::size_t width = 0;
      for (const auto& other : rows) width = std::max(width, CountCodePoints(other[column]));
      line += row[column];
      if (column + 1 < row.size()) line.append(width + 2 - CountCodePoints(row[column]), ' ');
    }
    std::printf("%s\n", line.c_str());
  }
}

void Output::ShowDone(std::string_view sentence) const {
  if (json_) {
    std::printf("{\"done\":true}\n");
  } else {
    std::printf("%.*s\n", static_cast<int>(sentence.size()), sentence.data());
  }
}

std::string ShowTime(UnixSeconds time) {
  if (time == 0) return "never";
  const std::time_t seconds = static_cast<std::time_t>(time);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%SZ", &parts);
  return {text, length};
}

}  // namespace sspr::service
