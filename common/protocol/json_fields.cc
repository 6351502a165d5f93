// SPDX-License-Identifier: Apache-2.0
#include "common/protocol/json_fields.h"

#include <json/reader.h>

#include <memory>

#include "common/base/text.h"

namespace sspr {
namespace {

bool IsSoundText(std::string_view text) {
  return text.size() <= kMaxJsonString && IsUtf8(text) && text.find('\0') == std::string_view::npos;
}

bool IsSound(const Json::Value& value, std::size_t depth) {
  if (depth > kMaxJsonDepth) return false;
  if (value.isString()) return IsSoundText(value.asString());
  if (value.isObject()) {
    for (const std::string& name : value.getMemberNames()) {
      if (!IsSoundText(name) || !IsSound(value[name], depth + 1)) return false;
    }
  }
  if (value.isArray()) {
    for (const Json::Value& member : value) {
      if (!IsSound(member, depth + 1)) return false;
    }
  }
  return true;
}

// jsoncpp, even when strict, takes numbers like 01, 1. or +1, comments in some places, and bytes
// below 0x20 inside strings. RFC 8259 does not, and what two parsers read differently is not taken.
class Grammar {
 public:
  explicit Grammar(std::string_view text) : rest_(text) {}

  bool Holds() {
    while (!rest_.empty()) {
      const char c = rest_.front();
      if (c == '"') {
        if (!SkipString()) return false;
      } else if (c == '-' || (c >= '0' && c <= '9')) {
        if (!SkipNumber()) return false;
      } else if (kBetween.find(c) == std::string_view::npos) {
        return false;
      } else {
        rest_.remove_prefix(1);
      }
    }
    return true;
  }

 private:
  // What may stand outside of strings and numbers: space, structure, true, false, null.
  static constexpr std::string_view kBetween = " \t\r\n{}[]:,truefalsn";

  bool SkipString() {
    rest_.remove_prefix(1);
    while (!rest_.empty() && rest_.front() != '"') {
      if (static_cast<unsigned char>(rest_.front()) < 0x20) return false;
      if (rest_.front() == '\\') rest_.remove_prefix(1);
      if (!rest_.empty()) rest_.remove_prefix(1);
    }
    if (rest_.empty()) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::size_t SkipDigits() {
    std::size_t count = 0;
    while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
      rest_.remove_prefix(1);
      ++count;
    }
    return count;
  }

  bool Skip(char wanted) {
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool SkipNumber() {
    Skip('-');
    const bool zero = !rest_.empty() && rest_.front() == '0';
    const std::size_t digits = SkipDigits();
    if (digits == 0 || (zero && digits > 1)) return false;
    if (Skip('.') && SkipDigits() == 0) return false;
    if (Skip('e') || Skip('E')) {
      if (!Skip('+')) Skip('-');
      if (SkipDigits() == 0) return false;
    }
    return true;
  }

  std::string_view rest_;
};

}  // namespace

Result<Json::Value> ParseStrictJson(std::string_view text) {
  if (text.size() > kMaxJsonBytes) return Error{Errc::kProtocol, "the answer is too large"};
  if (!IsUtf8(text) || text.find('\0') != std::string_view::npos || !Grammar(text).Holds()) {
    return Error{Errc::kProtocol, "the answer is not JSON in UTF-8"};
  }
  Json::CharReaderBuilder builder;
  Json::CharReaderBuilder::strictMode(&builder.settings_);
  builder["skipBom"] = false;
  builder["stackLimit"] = static_cast<unsigned>(kMaxJsonDepth) + 1;
  const std::unique_ptr<Json::CharReader> reader(builder.newCharReader());
  Json::Value root;
  std::string ignored;  // jsoncpp's message quotes the text
  try {
    if (!reader->parse(text.data(), text.data() + text.size(), &root, &ignored)) {
      return Error{Errc::kProtocol, "the answer is not strict JSON"};
    }
  } catch (const Json::Exception&) {
    return Error{Errc::kProtocol, "the answer is nested too deep"};
  }
  if (!root.isObject()) return Error{Errc::kProtocol, "the answer is not an object"};
  if (!IsSound(root, 1)) {
    return Error{Errc::kProtocol, "the answer holds a string that is too long or not clean"};
  }
  return root;
}

const Json::Value* JsonFields::Member(const char* name) const {
  return object_.isMember(name) ? &object_[name] : nullptr;
}

std::string JsonFields::String(const char* name, std::size_t longest) {
  const std::optional<std::string> text = OptionalString(name, longest);
  if (!text || text->empty()) Fault(name, "is missing or empty");
  return text.value_or(std::string());
}

std::optional<std::string> JsonFields::OptionalString(const char* name, std::size_t longest) {
  const Json::Value* member = Member(name);
  if (member == nullptr) return std::nullopt;
  if (!member->isString()) {
    Fault(name, "is not a string");
    return std::nullopt;
  }
  std::string text = member->asString();
  if (text.size() > longest) {
    Fault(name, "is too long");
    return std::nullopt;
  }
  return text;
}

int JsonFields::Number(const char* name, int lowest, int highest) {
  const std::optional<int> number = OptionalNumber(name, lowest, highest);
  if (!number) Fault(name, "is missing");
  return number.value_or(lowest);
}

std::optional<int> JsonFields::OptionalNumber(const char* name, int lowest, int highest) {
  const Json::Value* member = Member(name);
  if (member == nullptr) return std::nullopt;
  const bool whole = member->type() == Json::intValue || member->type() == Json::uintValue;
  if (!whole || !member->isInt() || member->asInt() < lowest || member->asInt() > highest) {
    Fault(name, "is not a whole number in its range");
    return std::nullopt;
  }
  return member->asInt();
}

bool JsonFields::SwitchOr(const char* name, bool other) {
  const Json::Value* member = Member(name);
  if (member == nullptr) return other;
  if (!member->isBool()) {
    Fault(name, "is neither true nor false");
    return other;
  }
  return member->asBool();
}

const Json::Value* JsonFields::Array(const char* name, std::size_t most) {
  const Json::Value* array = OptionalArray(name, most);
  if (array == nullptr) Fault(name, "is missing");
  return array;
}

const Json::Value* JsonFields::OptionalArray(const char* name, std::size_t most) {
  const Json::Value* member = Member(name);
  if (member == nullptr) return nullptr;
  if (!member->isArray() || member->size() > most) {
    Fault(name, "is not an array, or has too many members");
    return nullptr;
  }
  return member;
}

const Json::Value* JsonFields::OptionalObject(const char* name) {
  const Json::Value* member = Member(name);
  if (member == nullptr) return nullptr;
  if (!member->isObject()) {
    Fault(name, "is not an object");
    return nullptr;
  }
  return member;
}

void JsonFields::Fault(const char* name, std::string_view why) {
  if (fault_.empty()) fault_ = "'" + std::string(name) + "' " + std::string(why);
}

void JsonFields::Take(const JsonFields& other) {
  if (fault_.empty()) fault_ = other.fault_;
}

}  // namespace sspr
