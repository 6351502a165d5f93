// SPDX-License-Identifier: Apache-2.0
// What is typed or sent as a code, an answer, a token or an id: digits, Base32, base64url, hex.
#include <algorithm>
#include <array>

#include "common/base/text.h"
#include "common/protocol/base64url.h"
#include "service/api/guid.h"
#include "service/api/wire_text.h"
#include "service/methods/answers.h"
#include "service/methods/authenticator.h"
#include "service/methods/typed_code.h"
#include "tests/fuzz/fuzz_target.h"

namespace {

using namespace sspr;           // NOLINT(google-build-using-namespace)
using namespace sspr::service;  // NOLINT(google-build-using-namespace)
using fuzz::Must;

void CheckTyped(const Secret& typed) {
  for (const int length : {6, 8}) {
    const auto digits = DigitsOf(typed, length);
    if (!digits) continue;
    Must(digits->size() == static_cast<std::size_t>(length) &&
             std::ranges::all_of(digits->Reveal(), [](char c) { return c >= '0' && c <= '9'; }),
         "a code is ASCII digits of its length");
    const auto secret = Secret::CopyOf("12345678901234567890");
    (void)MatchingStep(*secret, {TotpAlgorithm::kSha1, length}, digits->Reveal(), 1'790'000'000);
  }
  for (const int length : {13, 16}) {
    const auto code = Base32CodeOf(typed, length);
    if (!code) continue;
    const auto again = Base32CodeOf(*code, length);
    Must(again && again->SameAs(*code), "the form of a code is a fixed point");
  }
  if (const auto answer = NormalAnswer(typed)) {
    Must(IsUtf8(answer->Reveal()) && !answer->Reveal().starts_with(' ') &&
             !answer->Reveal().ends_with(' '),
         "an answer is trimmed text");
    Must(CountCodePoints(answer->Reveal()) <= 80, "an answer is short");
  }
}

void CheckEncodings(std::string_view text) {
  std::array<unsigned char, 32> bytes{};
  if (FromBase64Url(text, bytes)) Must(Base64Url(bytes) == text, "base64url has one form");
  if (const auto decoded = Base64UrlDecode(text, 32)) {
    Must(Base64UrlEncode(*decoded) == text, "the service's base64url has one form");
  }
  Must(FromBase64Url(text, bytes) == Base64UrlDecode(text, 32).has_value(),
       "both ends take the same texts");
  std::array<unsigned char, 16> id{};
  if (FromHex(text, id)) Must(text.size() == 32 && FromHex(Hex(id), id), "hex has its length");
  if (IsGuid(text)) Must(text.size() == 36, "a GUID has its length");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto typed = Secret::CopyOf(text)) {
    CheckTyped(*typed);
    TotpForm form;
    (void)OtpauthUri(*Secret::CopyOf("12345678901234567890"), form, "SSPR: Login",
                     text.substr(0, 64));
  }
  (void)CheckQuestion(text);
  CheckEncodings(text);
  return 0;
}
