// SPDX-License-Identifier: Apache-2.0
// application/x-www-form-urlencoded (WHATWG URL, 5), less its leniency.
#include "service/api/form.h"

#include <algorithm>
#include <array>
#include <functional>

#include "common/base/text.h"
#include "service/api/wire_text.h"

namespace sspr::service {
namespace {

constexpr std::size_t kMaxParameters = 64;
constexpr std::size_t kMaxNameBytes = 64;
constexpr std::size_t kMaxValueBytes = 8192;
constexpr auto kSecretNames =
    std::to_array<std::string_view>({"new_password", "new_password_again", "password", "oob",
                                     "refresh_token", "client_secret", "enrollment_token"});
constexpr std::string_view kAnswerPrefix = "answer_";

// "answer_1" to "answer_20", too.
bool IsSecretName(std::string_view name) {
  if (std::ranges::find(kSecretNames, name) != kSecretNames.end()) return true;
  if (!name.starts_with(kAnswerPrefix)) return false;
  name.remove_prefix(kAnswerPrefix.size());
  return !name.empty() && name.size() <= 2 &&
         std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
}

Error Refuse(const char* why) { return {Errc::kPolicy, why}; }

bool IsNameChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

enum class Decoded { kWhole, kMalformed, kTooLong };

// append takes one byte and says whether it fits.
template <typename Append>
Decoded Decode(std::string_view raw, Append append) {
  bool fits = true;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    char c = raw[i];
    if (c == '%') {
      if (i + 2 >= raw.size()) return Decoded::kMalformed;
      const int high = HexDigit(raw[i + 1]);
      const int low = HexDigit(raw[i + 2]);
      if (high < 0 || low < 0) return Decoded::kMalformed;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+') {
      c = ' ';
    } else if (static_cast<unsigned char>(c) <= ' ' || static_cast<unsigned char>(c) >= 0x7F) {
      return Decoded::kMalformed;
    }
    if (c == '\0') return Decoded::kMalformed;
    fits = fits && append(c);
  }
  return fits ? Decoded::kWhole : Decoded::kTooLong;
}

}  // namespace

Result<Form> Form::Parse(std::string_view body) {
  Form form;
  while (!body.empty()) {
    const std::size_t end = std::min(body.find('&'), body.size());
    const std::string_view pair = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) return Refuse("a parameter without '='");
    const Status added = form.Add(pair.substr(0, equals), pair.substr(equals + 1));
    if (!added) return added.error();
  }
  return form;
}

Status Form::Add(std::string_view raw_name, std::string_view raw_value) {
  if (values_.size() + secrets_.size() >= kMaxParameters) return Refuse("too many parameters");
  std::string name;
  const Decoded named = Decode(raw_name, [&name](char c) {
    name += c;
    return name.size() <= kMaxNameBytes;
  });
  if (named != Decoded::kWhole || name.empty() || !std::ranges::all_of(name, IsNameChar)) {
    return Refuse("a malformed parameter name");
  }
  if (values_.contains(name) || secrets_.contains(name)) return Refuse("a repeated parameter");

  if (IsSecretName(name)) {
    SecretField& field = secrets_[name];
    const Decoded decoded = Decode(raw_value, [&field](char c) {
      return field.value.Append({&c, 1});
    });
    if (decoded == Decoded::kMalformed) return Refuse("a malformed value");
    field.state = decoded == Decoded::kWhole ? SecretState::kFits : SecretState::kTooLong;
    if (field.state == SecretState::kTooLong) field.value.Clear();
    if (raw_value.empty()) field.state = SecretState::kAbsent;
    return Ok();
  }

  std::string value;
  const Decoded decoded = Decode(raw_value, [&value](char c) {
    value += c;
    return value.size() <= kMaxValueBytes;
  });
  if (decoded == Decoded::kTooLong) return Refuse("a value is too long");
  if (decoded != Decoded::kWhole || !IsUtf8(value)) return Refuse("a malformed value");
  values_.emplace(std::move(name), std::move(value));
  return Ok();
}

std::string_view Form::Find(std::string_view name) const {
  const auto place = values_.find(name);
  return place == values_.end() ? std::string_view() : std::string_view(place->second);
}

const Form::SecretField& Form::FindSecret(std::string_view name) const {
  static const SecretField kNone;
  const auto place = secrets_.find(name);
  return place == secrets_.end() ? kNone : place->second;
}

}  // namespace sspr::service
