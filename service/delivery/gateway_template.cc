// SPDX-License-Identifier: Apache-2.0
#include "service/delivery/gateway_template.h"

#include <json/json.h>

#include <algorithm>
#include <array>
#include <memory>

namespace sspr::service {
namespace {

constexpr std::array<std::string_view, 5> kMarks = {"{to}", "{to_digits}", "{text}", "{language}",
                                                    "{id}"};
constexpr char kHexDigits[] = "0123456789ABCDEF";

// The mark that stands at the beginning of the text; empty when none does.
std::string_view MarkAt(std::string_view text) {
  const auto* const found = std::ranges::find_if(
      kMarks, [text](std::string_view mark) { return text.starts_with(mark); });
  return found == kMarks.end() ? std::string_view() : *found;
}

// RFC 3986: everything but unreserved characters as %XX.
bool AppendPercent(GatewayBody& out, std::string_view value) {
  for (const char& c : value) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    const auto byte = static_cast<unsigned char>(c);
    const std::array<char, 3> escape{'%', kHexDigits[byte >> 4], kHexDigits[byte & 15]};
    if (!out.Append(plain ? std::string_view(&c, 1) : std::string_view(escape.data(), 3))) {
      return false;
    }
  }
  return true;
}

// RFC 8259, 7: inside of a string.
bool AppendJson(GatewayBody& out, std::string_view value) {
  for (const char& c : value) {
    const auto byte = static_cast<unsigned char>(c);
    bool fits = true;
    if (c == '"' || c == '\\') {
      fits = out.Append("\\") && out.Append({&c, 1});
    } else if (byte < 0x20) {
      const std::array<char, 6> escape{
          '\\', 'u', '0', '0', kHexDigits[byte >> 4], kHexDigits[byte & 15]};
      fits = out.Append({escape.data(), escape.size()});
    } else {
      fits = out.Append({&c, 1});
    }
    if (!fits) return false;
  }
  return true;
}

std::string_view ValueOf(std::string_view mark, const Message& message, std::string_view id) {
  if (mark == "{to}") return message.to;
  if (mark == "{to_digits}") return std::string_view(message.to).substr(1);
  if (mark == "{language}") return message.language;
  if (mark == "{id}") return id;
  std::string_view text = message.text.Reveal();
  while (text.ends_with('\n')) text.remove_suffix(1);
  return text;
}

bool Mentions(std::string_view body, std::string_view mark) {
  return body.find(mark) != std::string_view::npos;
}

// Every mark of a JSON body stands inside of a string: between an odd number of plain quotes.
bool MarksAreInStrings(std::string_view body) {
  bool in_string = false;
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (in_string && body[i] == '\\') {
      ++i;
    } else if (body[i] == '"') {
      in_string = !in_string;
    } else if (!in_string && !MarkAt(body.substr(i)).empty()) {
      return false;
    }
  }
  return !in_string;
}

constexpr char kSample[] = "+sspr-mark";

// No mark is in the name of a member, where a message could make two of one name.
bool MarksAreInValues(const Json::Value& value) {
  if (value.isArray()) return std::ranges::all_of(value, MarksAreInValues);
  if (!value.isObject()) return true;
  return std::ranges::all_of(value.getMemberNames(), [&value](const std::string& name) {
    return name.find("sspr-mark") == std::string::npos && MarksAreInValues(value[name]);
  });
}

bool IsJsonWhenFilled(std::string_view body) {
  Message message;
  message.to = kSample;
  message.language = kSample;
  GatewayBody filled;
  if (!message.text.Append(kSample) ||
      !FillGatewayTemplate(body, BodyFormat::kJson, message, kSample, filled).ok()) {
    return false;
  }
  Json::CharReaderBuilder builder;
  Json::CharReaderBuilder::strictMode(&builder.settings_);
  const std::unique_ptr<Json::CharReader> reader(builder.newCharReader());
  Json::Value value;
  const std::string_view text = filled.Reveal();
  try {
    return reader->parse(text.data(), text.data() + text.size(), &value, nullptr) &&
           MarksAreInValues(value);
  } catch (const Json::Exception&) {
    return false;  // too deep
  }
}

}  // namespace

Status CheckGatewayTemplate(std::string_view body, BodyFormat format) {
  if (!Mentions(body, "{text}") || (!Mentions(body, "{to}") && !Mentions(body, "{to_digits}"))) {
    return Error{Errc::kPolicy, "the body needs {to} or {to_digits}, and {text}"};
  }
  if (format == BodyFormat::kJson && (!MarksAreInStrings(body) || !IsJsonWhenFilled(body))) {
    return Error{Errc::kPolicy, "the body is no JSON with its marks inside of strings"};
  }
  if (format == BodyFormat::kForm && body.find_first_of(" \t\"<>") != std::string_view::npos) {
    return Error{Errc::kPolicy, "the body is no form: write spaces and quotes as %20 and %22"};
  }
  return Ok();
}

Status FillGatewayTemplate(std::string_view body, BodyFormat format, const Message& message,
                           std::string_view id, GatewayBody& out) {
  out.Clear();
  bool fits = true;
  while (fits && !body.empty()) {
    const std::string_view mark = MarkAt(body);
    if (mark.empty()) {
      fits = out.Append(body.substr(0, 1));
      body.remove_prefix(1);
      continue;
    }
    const std::string_view value = ValueOf(mark, message, id);
    fits = format == BodyFormat::kForm ? AppendPercent(out, value) : AppendJson(out, value);
    body.remove_prefix(mark.size());
  }
  if (fits) return Ok();
  return Error{Errc::kPolicy, "the message does not fit into a request"};
}

}  // namespace sspr::service
