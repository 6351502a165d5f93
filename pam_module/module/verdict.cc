// SPDX-License-Identifier: Apache-2.0
#include "pam_module/module/verdict.h"

#include "common/base/text.h"

namespace sspr {

CheckFinding Verdict::Ask(const Options& options, CheckPurpose purpose, std::string_view service,
                          const Secret& user) noexcept {
  if (!IsCarriableUserName(user.Reveal())) return CheckFinding::kNothing;
  const auto deadline = MonotonicNow() + options.limit;
  FrameWriter check(FrameType::kCheck);
  check.PutU8(kFrameVersion);
  check.PutU8(static_cast<std::uint8_t>(purpose));
  check.PutString(IsCleanText(service, Lines::kOne) ? service : std::string_view());
  check.PutString(user.Reveal());
  check.PutString(options.language_known ? LanguageTag(options.language) : "");
  const std::string_view bytes = check.Encoded();
  if (bytes.empty() || !socket_.Connect(options.socket) || socket_.Send(bytes, options.limit)) {
    return CheckFinding::kUnknown;
  }
  const auto now = MonotonicNow();
  const auto left = now < deadline ? deadline - now : std::chrono::milliseconds{0};
  if (socket_.Receive(frame_, left) || frame_.type != FrameType::kVerdict) {
    return CheckFinding::kUnknown;
  }
  FieldReader fields(frame_.payload.Reveal());
  const std::uint8_t finding = fields.U8();
  const std::string_view text = fields.String();
  if (!fields.Complete() || finding > static_cast<std::uint8_t>(CheckFinding::kUnknown) ||
      !IsCleanText(text, Lines::kMany)) {
    return CheckFinding::kUnknown;
  }
  text_ = text;
  // Whoever waits for sspr-flow next is not to wait for us.
  if (finding != static_cast<std::uint8_t>(CheckFinding::kReminder)) socket_.Close();
  return static_cast<CheckFinding>(finding);
}

void Verdict::Shown() noexcept {
  FrameWriter shown(FrameType::kAnswer);
  shown.PutU16(0);
  socket_.Send(shown.Encoded(), std::chrono::milliseconds{100});
}

}  // namespace sspr
