// SPDX-License-Identifier: Apache-2.0
// New passwords against the rules of the service and of the client, and words that are banned. A
// password of any bytes is judged in bounded time: libFuzzer's -timeout is the oracle for that.
#include <vector>

#include "common/base/text.h"
#include "common/flow/password_rules.h"
#include "service/policy/banned_terms.h"
#include "service/policy/password_rules.h"
#include "tests/fuzz/fuzz_target.h"

namespace {

using namespace sspr;  // NOLINT(google-build-using-namespace)
using fuzz::Must;

void JudgeAtTheService(std::string_view password, const std::vector<std::string>& words) {
  const auto secret = Secret::CopyOf(password);
  if (!secret) return;
  service::PasswordPolicyReply policy{.min_length = 8,
                                      .max_length = 256,
                                      .max_bytes = static_cast<int>(kMaxTextBytes),
                                      .min_classes = 0,
                                      .forbid_contains = words};
  const auto verdict = service::JudgePassword(policy, *secret);
  if (verdict) return;
  Must(IsCleanText(password, Lines::kOne), "a password that is taken can be typed");
  Must(CountCodePoints(password) >= 8 && CountCodePoints(password) <= 256, "and has its length");
  (void)service::JudgeWords(words, *secret);
}

void JudgeAtTheClient(std::string_view password, const std::vector<std::string>& words) {
  const auto secret = Secret::CopyOf(password);
  if (!secret) return;
  PasswordRules rules;
  rules.forbidden_parts = words;
  if (!FirstBroken(Tightened(rules), *secret)) {
    Must(IsUtf8(password), "a password that the client lets pass is UTF-8");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::string_view password = input.Field();
  std::vector<std::string> words;
  for (int i = 0; i < 4; ++i) {
    const std::string_view word = input.Field();
    if (const auto term = service::BannedTermOf(word); term.ok()) {
      Must(service::BannedTermOf(*term).ok(), "a term that is kept is a term");
      words.push_back(*term);
    } else if (!word.empty() && word.size() <= 64 && IsUtf8(word))
      words.emplace_back(word);
  }
  JudgeAtTheService(password, words);
  JudgeAtTheClient(password, words);
  return 0;
}
