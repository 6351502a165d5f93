// SPDX-License-Identifier: Apache-2.0
#include "service/audit/syslog_line.h"

#include <unistd.h>

#include <array>

namespace sspr::service {
namespace {

constexpr int kLogAudit = 13;
constexpr int kWarning = 4;
constexpr int kNotice = 5;
constexpr std::size_t kMaxName = 32;
constexpr std::size_t kMaxHost = 255;

// Printable ASCII alone, "-" when nothing is left.
std::string HeaderWord(std::string_view text, std::size_t most) {
  std::string word;
  for (const char c : text.substr(0, most)) word += c > ' ' && c <= '~' ? c : '_';
  return word.empty() ? "-" : word;
}

void AddParameter(std::string& data, const char* name, const std::string& value) {
  if (value.empty()) return;
  data.append(" ").append(name).append("=\"");
  for (const char c : value) {
    if (c == '"' || c == '\\' || c == ']') data += '\\';
    data += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
  }
  data += '"';
}

// What somebody who watches wants to see first.
bool IsWarning(const AuditEvent& event) {
  for (const char* outcome : {"failed", "limited", "refused", "lost", "denied", "fraud"}) {
    if (event.outcome == outcome) return true;
  }
  return false;
}

}  // namespace

std::string SyslogHost() {
  std::array<char, kMaxHost + 1> host{};
  gethostname(host.data(), host.size() - 1);
  return HeaderWord(host.data(), kMaxHost);
}

std::string SyslogLine(const AuditRecord& record, std::string_view host) {
  const int severity = IsWarning(record.event) ? kWarning : kNotice;
  std::string data = "[sspr@32473";
  for (const auto& [name, value] : AuditColumns(record)) {
    if (name != std::string_view("time")) AddParameter(data, name, value);
  }
  return "<" + std::to_string(kLogAudit * 8 + severity) + ">1 " + record.time + " " +
         HeaderWord(host, kMaxHost) + " sspr-service - " +
         HeaderWord(record.event.event, kMaxName) + " " + data + "] " + record.line;
}

std::string SyslogFrame(std::string_view message) {
  return std::to_string(message.size()) + " " + std::string(message);
}

}  // namespace sspr::service
