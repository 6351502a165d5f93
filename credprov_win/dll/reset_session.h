// SPDX-License-Identifier: Apache-2.0
// One reset on the login screen: frames of sspr-flow in, the next thing to show out. Advance waits,
// on the thread of Connect; nothing else here does.
#pragma once

#include <array>
#include <atomic>
#include <optional>

#include "common/base/host_flow.h"
#include "credprov_win/core/wide_text.h"
#include "credprov_win/dll/credential_provider.h"
#include "credprov_win/dll/helper_process.h"
#include "credprov_win/dll/texts.h"

namespace sspr {

// What the tile shows when Advance has come back. Its owner hands it from thread to thread.
struct NextStep {
  enum class Kind : std::uint8_t { kAskVisible, kAskHidden, kChoose, kOver };
  Kind kind = Kind::kOver;
  WideText<2048> notice;  // everything that was said on the way, a line each
  WideText<512> question;
  std::array<WideText<512>, kMaxChoices> labels;
  std::size_t label_count = 0;
  bool password_set = false;   // with kOver: new_password is to be signed in with
  WideText<512> new_password;  // wiped once it is packed
  ULONG authentication_package = 0;
  bool can_sign_in = false;  // the package was found
};

class ResetSession {
 public:
  // setpw: full path of the program that sets the password of an account of this computer; null for
  // an account of a directory. Null when memory is short. The caller holds one reference.
  static ResetSession* Make(std::string_view user, const wchar_t* setpw,
                            TileLanguage language) noexcept;
  void AddRef() noexcept { ++references_; }
  void Release() noexcept {
    if (--references_ == 0) delete this;
  }

  // Starts sspr-flow first if it does not run, sends the answer if there was a question, and waits
  // for the next question or the end. Not while another Advance is under way.
  void Advance(const wchar_t* program, std::string_view service, std::string_view answer,
               IQueryContinueWithStatus* query) noexcept;
  // From any thread: ends sspr-flow and any Advance, soon.
  void Abandon() noexcept;

  // After Advance.
  NextStep& next() noexcept { return next_; }

 private:
  ResetSession(std::string_view user, const wchar_t* setpw, TileLanguage language) noexcept;
  ~ResetSession() = default;

  bool Begin(const wchar_t* program, std::string_view service) noexcept;
  bool SendAnswer(std::string_view answer) noexcept;
  // True when there is something to show or the end.
  bool Take(HostStep step, IQueryContinueWithStatus* query) noexcept;
  void TakeChoices() noexcept;
  void TakeEnd() noexcept;
  void EndWith(TileText why) noexcept;
  void Say(std::string_view text) noexcept;
  bool Left(IQueryContinueWithStatus* query) noexcept;
  void Leave() noexcept;

  std::atomic<int> references_{1};
  TileLanguage language_;
  Secret user_;
  const wchar_t* const setpw_;
  HostFlow flow_;
  HelperProcess helper_;
  std::optional<HostDeadline> deadline_;
  UniqueHandle abandoned_;
  bool spoken_ = false;
  bool over_ = false;
  NextStep next_;
};

}  // namespace sspr
