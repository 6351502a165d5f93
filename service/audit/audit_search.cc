// SPDX-License-Identifier: Apache-2.0
#include "service/audit/audit_search.h"

#include <algorithm>
#include <charconv>
#include <ctime>

#include "service/audit/audit_line.h"

namespace sspr::service {
namespace {

constexpr int kMostRecords = 10'000;
constexpr UnixSeconds kMinute = 60;
constexpr UnixSeconds kHour = 60 * kMinute;
constexpr UnixSeconds kDay = 24 * kHour;

template <typename Number>
std::optional<Number> WholeNumber(std::string_view text) {
  Number number{};
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

// What a spreadsheet reads a formula from, behind blanks too; the wide forms count in East Asia.
bool LooksLikeFormula(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return false;
  text.remove_prefix(first);
  for (const std::string_view begin : {"=", "+", "-", "@", "|", "%", "\xEF\xBC\x9D", "\xEF\xBC\x8B",
                                       "\xEF\xBC\x8D", "\xEF\xBC\xA0"}) {
    if (text.starts_with(begin)) return true;
  }
  return false;
}

std::string CsvCell(const std::string& text) {
  std::string cell = "\"";
  if (LooksLikeFormula(text)) cell += '\'';
  for (const char c : text) {
    if (c == '"') cell += '"';
    cell += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
  }
  return cell + "\"";
}

}  // namespace

AuditRecord RecordOf(const AuditRow& row) {
  AuditRecord record{.at = row.at,
                     .time = {},
                     .place = row.chain + "/" + std::to_string(row.n),
                     .event = {.event = row.event, .outcome = row.outcome},
                     .line = row.line};
  if (std::optional<AuditReading> reading = ReadAuditLine(row.line)) {
    record.time = std::move(reading->time);
    record.event = std::move(reading->event);
  }
  return record;
}

Result<AuditPage> AuditSearch::Find(AuditQuery query) {
  query.limit = std::clamp(query.limit, 1, kMostRecords);
  if (query.since && query.until && *query.since >= *query.until) {
    return Error{Errc::kPolicy, "nothing lies between these times: the end is before the start"};
  }
  try {
    AuditPage page;
    for (const AuditRow& row : table_.Find(query)) page.records.push_back(RecordOf(row));
    if (page.records.size() == static_cast<std::size_t>(query.limit)) {
      const std::string& place = page.records.back().place;
      const std::size_t slash = place.find('/');
      page.before = {.at = page.records.back().at,
                     .chain = place.substr(0, slash),
                     .n = WholeNumber<std::int64_t>(place.substr(slash + 1)).value_or(0)};
    }
    return page;
  } catch (const std::exception& error) {
    return Error{Errc::kInternal, error.what()};
  }
}

Result<std::vector<AuditCount>> AuditSearch::CountPerHour(UnixSeconds since) {
  try {
    return table_.CountPerHour(since);
  } catch (const std::exception& error) {
    return Error{Errc::kInternal, error.what()};
  }
}

Result<UnixSeconds> ReadAuditTime(std::string_view text, UnixSeconds now) {
  const Error refusal{Errc::kPolicy, std::string(text) +
                                         ": write a time as 2026-11-28, 2026-11-28T04:00:00Z, or "
                                         "back from now as 90m, 24h or 7d"};
  if (text.empty()) return refusal;
  const auto back = WholeNumber<UnixSeconds>(text.substr(0, text.size() - 1));
  for (const auto& [unit, seconds] : {std::pair{'m', kMinute}, {'h', kHour}, {'d', kDay}}) {
    constexpr UnixSeconds kMost = 1'000'000;
    if (back && text.back() == unit && *back >= 0 && *back <= kMost) return now - *back * seconds;
  }
  const std::string whole(text);
  for (const char* form : {"%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"}) {
    std::tm parts{};
    const char* const end = strptime(whole.c_str(), form, &parts);
    if (end != nullptr && *end == '\0') return timegm(&parts);
  }
  return refusal;
}

std::string WritePlace(const AuditFilter::Place& place) {
  return place.chain + "/" + std::to_string(place.n) + "@" + std::to_string(place.at);
}

std::optional<AuditFilter::Place> ReadPlace(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::size_t at = text.find('@');
  if (slash == std::string_view::npos || at == std::string_view::npos || at < slash) {
    return std::nullopt;
  }
  const auto n = WholeNumber<std::int64_t>(text.substr(slash + 1, at - slash - 1));
  const auto seconds = WholeNumber<UnixSeconds>(text.substr(at + 1));
  if (!n || !seconds) return std::nullopt;
  return AuditFilter::Place{.at = *seconds, .chain = std::string(text.substr(0, slash)), .n = *n};
}

std::vector<std::pair<const char*, std::string>> AuditColumns(const AuditRecord& record) {
  const AuditEvent& event = record.event;
  return {{"time", record.time},
          {"event", event.event},
          {"outcome", event.outcome},
          {"reason", event.reason},
          {"user", event.username},
          {"actor", event.actor},
          {"address", event.address},
          {"device", event.device},
          {"client_id", event.client_id},
          {"gates", event.gates > 0 ? std::to_string(event.gates) : std::string()},
          {"methods", Joined(event.methods)},
          {"user_id", event.user_id},
          {"flow_id", event.flow_id},
          {"transaction_id", event.transaction_id},
          {"correlation_id", event.correlation_id},
          {"record", record.place}};
}

std::string AuditCsvHeader() {
  std::string line;
  for (const auto& [name, value] : AuditColumns({})) {
    line += (line.empty() ? "" : ",") + CsvCell(name);
  }
  return line + "\r\n";
}

std::string AuditCsvLine(const AuditRecord& record) {
  std::string line;
  for (const auto& [name, value] : AuditColumns(record)) {
    line += (line.empty() ? "" : ",") + CsvCell(value);
  }
  return line + "\r\n";
}

}  // namespace sspr::service
