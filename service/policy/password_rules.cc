// SPDX-License-Identifier: Apache-2.0
#include "service/policy/password_rules.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>

#include "common/base/text.h"
#include "service/policy/banned_terms.h"
#include "service/policy/common_passwords.h"
#include "service/policy/user_name.h"

namespace sspr::service {
namespace {

constexpr std::size_t kShortestForbiddenWord = 4;

// Text that utf8proc made of a password: wiped before it is freed.
class MappedText {
 public:
  // text is valid UTF-8; so only memory can run out.
  MappedText(std::string_view text, int options) {
    const utf8proc_ssize_t size =
        utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                     static_cast<utf8proc_ssize_t>(text.size()), &bytes_,
                     static_cast<utf8proc_option_t>(options));
    if (size < 0) throw std::bad_alloc();
    size_ = static_cast<std::size_t>(size);
  }
  MappedText(const MappedText&) = delete;
  MappedText& operator=(const MappedText&) = delete;
  ~MappedText() {
    Wipe(bytes_, size_);
    std::free(bytes_);
  }
  std::string_view text() const { return {reinterpret_cast<const char*>(bytes_), size_}; }

 private:
  utf8proc_uint8_t* bytes_ = nullptr;
  std::size_t size_ = 0;
};

constexpr int kNfc = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
constexpr int kFolded = UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD;

int ClassesIn(std::string_view text) {
  bool small = false;
  bool capital = false;
  bool digit = false;
  bool other = false;
  while (!text.empty()) {
    utf8proc_int32_t code_point = 0;
    const utf8proc_ssize_t used =
        utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                         static_cast<utf8proc_ssize_t>(text.size()), &code_point);
    if (used <= 0) break;
    text.remove_prefix(static_cast<std::size_t>(used));
    const utf8proc_category_t category = utf8proc_category(code_point);
    small = small || category == UTF8PROC_CATEGORY_LL;
    capital = capital || category == UTF8PROC_CATEGORY_LU;
    digit = digit || category == UTF8PROC_CATEGORY_ND;
    other = other || (category != UTF8PROC_CATEGORY_LL && category != UTF8PROC_CATEGORY_LU &&
                      category != UTF8PROC_CATEGORY_ND);
  }
  return static_cast<int>(small) + static_cast<int>(capital) + static_cast<int>(digit) +
         static_cast<int>(other);
}

// Splits at everything in separators and adds the words that are long enough, each once.
void AddWords(std::string_view text, std::string_view separators, std::vector<std::string>& words) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(separators), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (CountCodePoints(word) < kShortestForbiddenWord) continue;
    if (std::find(words.begin(), words.end(), word) == words.end()) words.emplace_back(word);
  }
}

}  // namespace

PasswordPolicyReply DefaultPasswordPolicy(const Policy& policy) {
  return {.min_length = policy.MinLength(policy.tenant_gates),
          .max_length = policy.max_length,
          .max_bytes = static_cast<int>(kMaxTextBytes),
          .min_classes = policy.min_classes,
          .forbid_contains = {}};
}

PasswordPolicyReply PasswordPolicyFor(const Policy& policy, std::string_view username,
                                      std::string_view display_name) {
  PasswordPolicyReply reply = DefaultPasswordPolicy(policy);
  reply.min_length = policy.MinLength(policy.required_gates);
  if (policy.forbid_names == 0) return reply;
  AddWords(username, "", reply.forbid_contains);
  AddWords(LocalPartOf(username), "._+-", reply.forbid_contains);
  AddWords(display_name, " \t,.-", reply.forbid_contains);
  AddWords(policy.organisation, " ", reply.forbid_contains);
  return reply;
}

std::optional<RefusalCode> JudgePassword(const PasswordPolicyReply& policy,
                                         const Secret& password) {
  const std::string_view text = password.Reveal();
  if (!IsUtf8(text)) return RefusalCode::kPasswordInvalid;
  if (text.size() > static_cast<std::size_t>(policy.max_bytes) ||
      CountCodePoints(text) > static_cast<std::size_t>(policy.max_length)) {
    return RefusalCode::kPasswordTooLong;
  }
  if (!IsCleanText(text, Lines::kOne)) return RefusalCode::kPasswordInvalid;
  if (CountCodePoints(text) < static_cast<std::size_t>(policy.min_length)) {
    return RefusalCode::kPasswordTooShort;
  }
  if (MappedText(text, kNfc).text() != text) return RefusalCode::kPasswordInvalid;
  if (ClassesIn(text) < policy.min_classes) return RefusalCode::kPasswordTooWeak;
  const MappedText folded(text, kFolded);
  if (IsCommonPassword(folded.text())) return RefusalCode::kPasswordBanned;
  for (const std::string& word : policy.forbid_contains) {
    const MappedText folded_word(word, kFolded);
    if (ContainsWord(folded.text(), folded_word.text())) return RefusalCode::kPasswordTooWeak;
  }
  return std::nullopt;
}

std::optional<RefusalCode> JudgeWords(const std::vector<std::string>& custom,
                                      const Secret& password) {
  const MappedText folded(password.Reveal(), kFolded);
  if (IsMadeOfBannedTerms(folded.text(), custom)) return RefusalCode::kPasswordBanned;
  return std::nullopt;
}

Result<std::string> BannedTermOf(std::string_view typed) {
  const Error bad{Errc::kPolicy, "a banned word is one word of plain text"};
  if (!IsCleanText(typed, Lines::kOne)) return bad;
  const MappedText folded(typed, kFolded);
  // Some characters fold to several words (U+FDFA to four).
  if (folded.text().find(' ') != std::string_view::npos) return bad;
  return NormalTerm(folded.text());
}

}  // namespace sspr::service
