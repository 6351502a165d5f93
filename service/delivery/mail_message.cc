// SPDX-License-Identifier: Apache-2.0
#include "service/delivery/mail_message.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <utility>

#include "common/base/text.h"

namespace sspr::service {
namespace {

constexpr std::size_t kLineBytes = 76;  // RFC 2045, 6.7
constexpr std::size_t kMaxSubjectBytes = 200;
constexpr std::size_t kMaxLocalPart = 64;  // RFC 5321, 4.5.3.1
constexpr std::size_t kMaxAddress = 254;
constexpr char kHexDigits[] = "0123456789ABCDEF";

bool IsLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool IsAtomText(char c) {  // RFC 5322, 3.2.3
  return IsLetterOrDigit(c) ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

// Whether each part between the dots is not empty and of the characters that good() takes.
template <typename Good>
bool IsDotted(std::string_view text, Good good) {
  bool part_is_empty = true;
  for (const char c : text) {
    if (c != '.' && !good(c)) return false;
    if (c == '.' && part_is_empty) return false;
    part_is_empty = c == '.';
  }
  return !part_is_empty;
}

bool IsDomain(std::string_view text) {
  if (!IsDotted(text, [](char c) { return IsLetterOrDigit(c) || c == '-'; })) return false;
  return text.front() != '-' && text.back() != '-' && text.find(".-") == std::string_view::npos &&
         text.find("-.") == std::string_view::npos;
}

bool IsMailText(std::string_view text) {
  return !text.empty() && IsUtf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F;
  });
}

bool IsPrintableAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

void AppendHex(std::string& out, char c) {
  const auto byte = static_cast<unsigned char>(c);
  out += '=';
  out += kHexDigits[byte >> 4];
  out += kHexDigits[byte & 0x0F];
}

// Bytes of the code point that text begins with; text is UTF-8.
std::size_t CodePointBytes(std::string_view text) {
  std::size_t bytes = 1;
  while (bytes < text.size() && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) ++bytes;
  return bytes;
}

// Encoded words of RFC 2047, one to a line; a code point is never split.
std::string EncodedWords(std::string_view text) {
  constexpr std::string_view kOpen = "=?utf-8?Q?";
  constexpr std::string_view kClose = "?=";
  constexpr std::size_t kMaxWord = 60;  // of 75, as the name of the field stands before the first
  std::string words(kOpen);
  std::size_t word_bytes = kOpen.size();
  while (!text.empty()) {
    const std::string_view point = text.substr(0, CodePointBytes(text));
    std::string coded;
    for (const char c : point) {
      if (IsLetterOrDigit(c)) {
        coded += c;
      } else {
        AppendHex(coded, c);
      }
    }
    if (word_bytes + coded.size() > kMaxWord) {
      words.append(kClose).append("\r\n ").append(kOpen);
      word_bytes = kOpen.size();
    }
    words += coded;
    word_bytes += coded.size();
    text.remove_prefix(point.size());
  }
  return words.append(kClose);
}

std::string Phrase(std::string_view text) {
  const bool plain = IsPrintableAscii(text) && text.size() <= 60 &&
                     text.find("=?") == std::string_view::npos && text.front() != ' ' &&
                     text.back() != ' ';
  return plain ? std::string(text) : EncodedWords(text);
}

std::string FromField(const MailSender& sender) {
  if (sender.name.empty()) return sender.address;
  const bool atoms = std::all_of(sender.name.begin(), sender.name.end(),
                                 [](char c) { return IsLetterOrDigit(c) || c == ' '; });
  // A line of its own for the address: a name and an address may not fit one.
  return (atoms ? Phrase(sender.name) : EncodedWords(sender.name)) + "\r\n <" + sender.address +
         ">";
}

// RFC 5322, 3.3; strftime would use the words of a locale.
std::string DateField(UnixSeconds date) {
  constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = date;
  std::tm parts{};
  if (::gmtime_r(&seconds, &parts) == nullptr) return "Thu, 01 Jan 1970 00:00:00 +0000";
  std::array<char, 64> text{};
  const int bytes = std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d +0000",
                                  kDays[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
                                  kMonths[static_cast<std::size_t>(parts.tm_mon)],
                                  parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
  return {text.data(), static_cast<std::size_t>(bytes)};
}

// Quoted-printable (RFC 2045, 6.7) of one line without its end. A dot at the beginning of a line
// and the word From are encoded too, for servers that treat them as something else.
bool AppendLine(MailBytes& out, std::string_view line) {
  std::size_t column = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool last = i + 1 == line.size();
    const bool blank = c == ' ' || c == '\t';
    const bool plain = (c > ' ' && c <= '~' && c != '=') || (blank && !last);
    const std::size_t width = plain && column != 0 ? 1 : 3;
    if (column + width > kLineBytes - 1) {  // one is kept for the soft break
      if (!out.Append("=\r\n")) return false;
      column = 0;
    }
    const bool risky_start = column == 0 && (c == '.' || line.substr(i).starts_with("From "));
    if (plain && !risky_start) {
      if (!out.Append({&c, 1})) return false;
      column += 1;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      const std::array<char, 3> coded = {'=', kHexDigits[byte >> 4], kHexDigits[byte & 0x0F]};
      if (!out.Append({coded.data(), coded.size()})) return false;
      column += 3;
    }
  }
  return out.Append("\r\n");
}

bool AppendText(MailBytes& out, std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (!AppendLine(out, text.substr(0, end))) return false;
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return true;
}

}  // namespace

bool IsMailAddress(std::string_view text) noexcept {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos || text.size() > kMaxAddress) return false;
  const std::string_view local = text.substr(0, at);
  return local.size() <= kMaxLocalPart && IsDotted(local, IsAtomText) &&
         IsDomain(text.substr(at + 1));
}

Status CheckMessage(const Message& message) {
  if (!IsMailAddress(message.to)) return Error{Errc::kPolicy, "not one plain mail address"};
  if (message.subject.empty() || message.subject.size() > kMaxSubjectBytes ||
      !IsCleanText(message.subject, Lines::kOne)) {
    return Error{Errc::kPolicy, "unfit subject"};
  }
  if (!IsMailText(message.text.Reveal())) return Error{Errc::kPolicy, "unfit text"};
  return Ok();
}

Result<std::unique_ptr<MailBytes>> EncodeMail(const MailSender& sender, const Message& message,
                                              UnixSeconds date, std::string_view message_id) {
  if (Status fit = CheckMessage(message); !fit.ok()) return fit.error();
  if (!IsMailAddress(sender.address) || !IsMailAddress(message_id) ||
      !IsCleanText(sender.name, Lines::kOne)) {
    return Error{Errc::kPolicy, "unfit sender"};
  }
  const std::string header =
      "Date: " + DateField(date) + "\r\nFrom: " + FromField(sender) + "\r\nTo: " + message.to +
      "\r\nSubject: " + Phrase(message.subject) + "\r\nMessage-ID: <" + std::string(message_id) +
      ">\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
      "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"
      "\r\n";
  auto mail = std::make_unique<MailBytes>();
  if (!mail->Append(header) || !AppendText(*mail, message.text.Reveal())) {
    return Error{Errc::kPolicy, "the mail is too large"};
  }
  return mail;
}

}  // namespace sspr::service
