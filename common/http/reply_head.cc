// SPDX-License-Identifier: Apache-2.0
#include "common/http/reply_head.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "common/http/http_settings.h"

namespace sspr {
namespace {

constexpr std::size_t kMaxLines = 100;
constexpr std::size_t kMaxContentTypeBytes = 128;
constexpr std::size_t kMaxNonceBytes = 128;
constexpr std::size_t kMaxRetryDigits = 6;

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool SameIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return Lower(x) == Lower(y); });
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// RFC 9110, 5.6.2.
bool IsTokenCharacter(char c) {
  return IsDigit(c) || (Lower(c) >= 'a' && Lower(c) <= 'z') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool IsControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7F;
}

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7), the one form that is sent nowadays; 0 for any
// other.
std::int64_t SecondsOf(std::string_view value) {
  constexpr std::string_view kForm = "Aaa, 00 Aaa 0000 00:00:00 GMT";
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  constexpr std::string_view kDays = "SunMonTueWedThuFriSat";
  if (value.size() != kForm.size()) return 0;
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    const bool fits = kForm[i] == '0' ? IsDigit(value[i]) : kForm[i] == value[i];
    if (!fits && (i > 2 && (i < 8 || i > 10))) return 0;  // names are looked up below
  }
  const std::size_t day = kDays.find(value.substr(0, 3));
  const std::size_t month = kMonths.find(value.substr(8, 3));
  const auto number = [&](std::size_t at, std::size_t digits) {
    unsigned read = 0;
    for (const char c : value.substr(at, digits)) read = read * 10 + static_cast<unsigned>(c - '0');
    return read;
  };
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(number(12, 4))),
                                         std::chrono::month(static_cast<unsigned>(month / 3 + 1)),
                                         std::chrono::day(number(5, 2))};
  const unsigned hours = number(17, 2);
  const unsigned minutes = number(20, 2);
  const unsigned seconds = number(23, 2);
  if (day == std::string_view::npos || month == std::string_view::npos || day % 3 != 0 ||
      month % 3 != 0 || !date.ok() || hours > 23 || minutes > 59 || seconds > 60) {
    return 0;
  }
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return std::max<std::int64_t>(days * 86400 + hours * 3600 + minutes * 60 + seconds, 0);
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

ReplyHead::ReplyHead(std::size_t byte_limit, std::string correlation_id, bool must_echo)
    : byte_limit_(byte_limit), correlation_id_(std::move(correlation_id)), must_echo_(must_echo) {}

bool ReplyHead::Refuse(const char* fault) {
  fault_ = fault;
  return false;
}

bool ReplyHead::TakeLine(std::string_view line) {
  bytes_ += line.size();
  ++lines_;
  if (bytes_ > byte_limit_ || lines_ > kMaxLines) return Refuse("header of the reply too large");
  if (!line.ends_with("\r\n")) return Refuse("header line without CRLF");
  line.remove_suffix(2);
  if (std::any_of(line.begin(), line.end(), IsControl)) {
    return Refuse("control character in the header");
  }
  if (complete_) return true;  // trailers: counted, not used
  if (!in_head_) return TakeStatusLine(line);
  return line.empty() ? TakeEnd() : TakeField(line);
}

bool ReplyHead::TakeStatusLine(std::string_view line) {
  // "HTTP/1.1 200 OK"
  if (line.size() < 12 || !line.starts_with("HTTP/1.") || !IsDigit(line[7]) || line[8] != ' ' ||
      !std::all_of(line.begin() + 9, line.begin() + 12, IsDigit) ||
      (line.size() > 12 && line[12] != ' ')) {
    return Refuse("not an HTTP/1 status line");
  }
  status_ = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  if (status_ < 100 || status_ > 599) return Refuse("impossible HTTP status");
  if (status_ == 101) return Refuse("switch of protocols that was not asked for");
  in_head_ = true;
  return true;
}

bool ReplyHead::TakeField(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == 0 || colon == std::string_view::npos) return Refuse("malformed header line");
  const std::string_view name = line.substr(0, colon);
  if (!std::all_of(name.begin(), name.end(), IsTokenCharacter)) {
    return Refuse("malformed header line");  // obsolete folding is caught here too
  }
  const std::string_view value = Trim(line.substr(colon + 1));
  if (SameIgnoringCase(name, "content-length")) {
    if (has_length_ || chunked_) return Refuse("ambiguous length of the reply");
    if (value.empty() || value.size() > 18 || !std::all_of(value.begin(), value.end(), IsDigit)) {
      return Refuse("malformed Content-Length");
    }
    has_length_ = true;
  } else if (SameIgnoringCase(name, "transfer-encoding")) {
    if (has_length_ || chunked_) return Refuse("ambiguous length of the reply");
    if (!SameIgnoringCase(value, "chunked")) return Refuse("transfer encoding not asked for");
    chunked_ = true;
  } else if (SameIgnoringCase(name, "content-encoding")) {
    if (!SameIgnoringCase(value, "identity")) return Refuse("content encoding not asked for");
  } else if (SameIgnoringCase(name, "content-type")) {
    if (has_type_) return Refuse("two content types");
    has_type_ = true;
    const std::string_view type = Trim(value.substr(0, value.find(';')));
    if (type.size() > kMaxContentTypeBytes) return Refuse("content type too long");
    content_type_.assign(type);
    std::transform(content_type_.begin(), content_type_.end(), content_type_.begin(), Lower);
  } else if (SameIgnoringCase(name, "client-request-id")) {
    if (!SameIgnoringCase(value, correlation_id_)) return Refuse("reply to another request");
    echoed_ = true;
  } else {
    TakeHint(name, value);
  }
  return true;
}

// What may be of use, and does no harm when it is not understood.
void ReplyHead::TakeHint(std::string_view name, std::string_view value) {
  const auto is_of = [value](auto test) { return std::all_of(value.begin(), value.end(), test); };
  if (SameIgnoringCase(name, "dpop-nonce")) {
    const bool is_plain =
        is_of([](char c) { return c > ' ' && c <= '~' && c != '"' && c != '\\'; });
    if (value.size() <= kMaxNonceBytes && is_plain) proof_nonce_.assign(value);
  } else if (SameIgnoringCase(name, "retry-after")) {
    if (value.empty() || value.size() > kMaxRetryDigits || !is_of(IsDigit)) return;
    retry_after_ = 0;
    for (const char c : value) retry_after_ = retry_after_ * 10 + (c - '0');
  } else if (SameIgnoringCase(name, "date")) {
    date_ = SecondsOf(value);
  }
}

bool ReplyHead::TakeEnd() {
  if (status_ < 200) {  // interim: the real one follows
    if (has_length_ || chunked_) return Refuse("interim reply with a body");
    content_type_.clear();
    has_type_ = false;
    in_head_ = false;
    return true;
  }
  complete_ = true;
  if (status_ < 400 && status_ >= 300) {
    fault_ = std::string(kRedirectDetail) + "HTTP " + std::to_string(status_);
    return false;
  }
  if (must_echo_ && !echoed_ && status_ < 500) return Refuse("reply to another request");
  // A body that ends where the connection ends cannot be told from one that was cut.
  if (!has_length_ && !chunked_ && status_ != 204) return Refuse("reply without a length");
  return true;
}

}  // namespace sspr
