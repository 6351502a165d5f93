// SPDX-License-Identifier: Apache-2.0
#include "pam_module/setpw/account_lines.h"

#include <charconv>

namespace sspr::setpw {

std::vector<std::string_view> SplitLines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

std::vector<std::string_view> SplitFields(std::string_view line, char separator) {
  std::vector<std::string_view> fields;
  while (true) {
    const std::size_t end = line.find(separator);
    fields.push_back(line.substr(0, end));
    if (end == std::string_view::npos) return fields;
    line.remove_prefix(end + 1);
  }
}

std::vector<std::string_view> LinesOf(std::string_view text, std::string_view name) {
  std::vector<std::string_view> found;
  for (const std::string_view line : SplitLines(text)) {
    if (line.substr(0, line.find(':')) == name) found.push_back(line);
  }
  return found;
}

std::optional<std::uint32_t> ParseNumber(std::string_view digits) {
  std::uint32_t value = 0;
  if (digits.empty() || (digits.size() > 1 && digits[0] == '0')) return std::nullopt;
  const char* const end = digits.data() + digits.size();
  const auto [stopped, fault] = std::from_chars(digits.data(), end, value);
  if (fault != std::errc{} || stopped != end) return std::nullopt;
  return value;
}

}  // namespace sspr::setpw
