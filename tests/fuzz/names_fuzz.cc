// SPDX-License-Identifier: Apache-2.0
// Names of people as they are typed: one canonical form, made once; addresses and numbers that a
// message can be sent to and nothing else; lists of groups and countries.
#include <algorithm>

#include "common/base/text.h"
#include "service/methods/email_address.h"
#include "service/methods/phone_number.h"
#include "service/policy/group_names.h"
#include "service/policy/limits.h"
#include "service/policy/phone_countries.h"
#include "service/policy/user_name.h"
#include "tests/fuzz/fuzz_target.h"

namespace {

using namespace sspr;           // NOLINT(google-build-using-namespace)
using namespace sspr::service;  // NOLINT(google-build-using-namespace)
using fuzz::Must;

void CheckUserName(std::string_view typed) {
  const auto name = CanonicalUserName(typed);
  if (!name) return;
  Must(CanonicalUserName(*name) == name, "the canonical form is a fixed point");
  Must(name->size() == typed.size(), "nothing is taken away from a name");
  Must(std::ranges::all_of(*name, [](char c) { return c > ' ' && c < '\x7f'; }), "it is ASCII");
  (void)LocalPartOf(*name);
}

void CheckAddress(std::string_view typed) {
  if (!IsPlainEmailAddress(typed)) return;
  Must(std::ranges::count(typed, '@') == 1, "an address has one @");
  Must(typed.find_first_of("\r\n\t ,;:<>()[]\\\"") == std::string_view::npos,
       "an address means nothing to a mail program");
  const std::string hint = EmailHint(MaskedDomain(typed));
  Must(hint.starts_with("***@"), "nothing is shown of what stands before the @");
}

void CheckNumber(std::string_view typed) {
  const auto number = PhoneNumberOf(typed);
  if (!number) return;
  Must(number->starts_with('+') && number->size() >= 3 && number->size() <= 16, "E.164");
  Must(PhoneNumberOf(*number) == number, "the canonical form is a fixed point");
  Must(LastTwo(*number).size() == 2, "two digits are shown");
  Must(number->starts_with(PrefixOf(*number)), "the prefix is one");
  (void)IsCountryAllowed("+49 +1", *number);
}

void CheckLists(std::string_view text) {
  if (const auto list = NormalGroupList(text)) {
    Must(NormalGroupList(*list) == list, "a list of groups is a fixed point");
    const auto groups = ReadGroupList(*list);
    Must(groups.has_value(), "it can be read");
    for (const std::string& group : *groups) Must(IsGroupName(group), "of groups");
    if (!groups->empty()) Must(HasOneOf(*list, *groups), "and has its own");
  }
  if (const auto list = NormalCountryList(text)) {
    Must(NormalCountryList(*list) == list, "a list of countries is a fixed point");
  }
  (void)NetworkOf(text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  CheckUserName(text);
  CheckAddress(text);
  CheckNumber(text);
  CheckLists(text);
  if (IsCarriableUserName(text)) Must(IsUtf8(text), "a name that is carried is UTF-8");
  return 0;
}
