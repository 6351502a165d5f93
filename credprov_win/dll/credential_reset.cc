// SPDX-License-Identifier: Apache-2.0
// The reset behind a tile: begun, asked on, and handed to LogonUI as a logon.
#include <utility>

#include "common/base/text.h"
#include "credprov_win/core/account_name.h"
#include "credprov_win/core/logon_packing.h"
#include "credprov_win/dll/com_text.h"
#include "credprov_win/dll/credential.h"
#include "credprov_win/dll/locked.h"
#include "credprov_win/dll/registry.h"

namespace sspr {
namespace {

std::u16string_view Units(std::wstring_view text) noexcept {
  static_assert(sizeof(wchar_t) == sizeof(char16_t));
  return {reinterpret_cast<const char16_t*>(text.data()), text.size()};
}

class Computer {
 public:
  Computer() noexcept {
    if (!GetComputerNameW(name_, &size_)) size_ = 0;
  }
  std::wstring_view name() const noexcept { return {name_, size_}; }

 private:
  wchar_t name_[MAX_COMPUTERNAME_LENGTH + 1] = {};
  DWORD size_ = MAX_COMPUTERNAME_LENGTH + 1;
};

}  // namespace

void Credential::ForgetTyped() noexcept {
  const Locked locked(lock_);
  typed_.Clear();
  typed_user_.Clear();
  typed_too_long_ = false;
  refusal_.Clear();
}

void Credential::Abandon() noexcept {
  ResetSession* session = nullptr;
  {
    const Locked locked(lock_);
    session = std::exchange(session_, nullptr);
    arrived_ = false;
  }
  if (session != nullptr) {
    session->Abandon();
    session->Release();
  }
  ForgetTyped();
}

void Credential::Leave() noexcept {
  Abandon();
  notice_.Clear();
  Enter(Stage::kLink);
}

std::wstring_view Credential::Account() const noexcept {
  return user_.empty() ? typed_user_.view() : user_.view();
}

void Credential::Refuse(TileText why) noexcept { refusal_.Assign(TileWords(why, language_)); }

// Under the lock. Null when there is no reset to begin; refusal_ says why.
ResetSession* Credential::BeginSession() noexcept {
  const AccountName account = SplitAccountName(Account(), Computer().name());
  const bool own = account.home == AccountHome::kComputer;
  Secret name;
  if (Account().empty()) {
    Refuse(TileText::kTypeUserName);
  } else if (account.home == AccountHome::kMicrosoft || (own && !ServesOwnAccounts())) {
    Refuse(TileText::kLocalAccount);
  } else if (account.user.empty() || !ToUtf8(own ? account.user : Account(), name) ||
             !IsCarriableUserName(name.Reveal())) {
    Refuse(TileText::kNameNotFit);
  } else if (ResetSession* made =
                 ResetSession::Make(name.Reveal(), own ? SetpwProgram() : nullptr, language_)) {
    return made;
  } else {
    Refuse(TileText::kNotAvailable);
  }
  return nullptr;
}

// Under the lock. False when there is nothing to send; refusal_ says why.
bool Credential::TakeAnswer(Secret& answer) noexcept {
  if (stage_ == Stage::kChoose) {
    const char number = static_cast<char>('1' + static_cast<int>(chosen_));
    return answer.Append({&number, 1});
  }
  const bool fits = !typed_too_long_ && ToUtf8(typed_.view(), answer) &&
                    answer.Reveal().find('\0') == std::string_view::npos;
  typed_.Clear();
  if (!fits) Refuse(TileText::kTooLong);
  return fits;
}

bool Credential::TakeOrder(Order& order) noexcept {
  const Locked locked(lock_);
  if (connecting_ || arrived_) return false;
  refusal_.Clear();
  switch (stage_) {
    case Stage::kLink:
      return false;
    case Stage::kStart:
    case Stage::kStartOther:
      if (session_ == nullptr) session_ = BeginSession();
      break;
    case Stage::kAskVisible:
    case Stage::kAskHidden:
    case Stage::kChoose:
      if (session_ != nullptr && !TakeAnswer(order.answer)) return false;
      break;
  }
  if (session_ == nullptr) return false;
  order.session = session_;
  order.session->AddRef();
  connecting_ = true;
  return true;
}

// The one place that waits. Whoever leaves the tile meanwhile ends it.
STDMETHODIMP Credential::Connect(IQueryContinueWithStatus* query) noexcept {
  Order order;
  if (!TakeOrder(order)) return S_OK;
  AddRef();
  const char* service = scenario_ == CPUS_UNLOCK_WORKSTATION ? "windows-unlock" : "windows-logon";
  order.session->Advance(HelperProgram(), service, order.answer.Reveal(), query);
  {
    const Locked locked(lock_);
    connecting_ = false;
    arrived_ = session_ == order.session;
  }
  order.session->Release();
  Release();
  return S_OK;
}

STDMETHODIMP Credential::Disconnect() noexcept { return S_OK; }

STDMETHODIMP Credential::GetSerialization(
    CREDENTIAL_PROVIDER_GET_SERIALIZATION_RESPONSE* response,
    CREDENTIAL_PROVIDER_CREDENTIAL_SERIALIZATION* serialization, LPWSTR* status_text,
    CREDENTIAL_PROVIDER_STATUS_ICON* status_icon) noexcept {
  if (response == nullptr || serialization == nullptr) return E_POINTER;
  *response = CPGSR_NO_CREDENTIAL_NOT_FINISHED;
  *serialization = {};
  if (status_text != nullptr) *status_text = nullptr;
  if (status_icon != nullptr) *status_icon = CPSI_NONE;
  ResetSession* session = nullptr;
  WideText<512> refusal;
  {
    const Locked locked(lock_);
    refusal.Assign(refusal_.view());
    refusal_.Clear();
    if (arrived_ && session_ != nullptr) {
      session = session_;
      session->AddRef();
    }
    arrived_ = false;
  }
  if (session != nullptr) {
    ShowNext(session->next(), response, serialization);
    session->Release();
  } else if (!refusal.empty()) {
    notice_.Assign(refusal.view());
    ShowFields();
  }
  return S_OK;
}

void Credential::ShowNext(NextStep& next, CREDENTIAL_PROVIDER_GET_SERIALIZATION_RESPONSE* response,
                          CREDENTIAL_PROVIDER_CREDENTIAL_SERIALIZATION* serialization) noexcept {
  notice_.Assign(next.notice.view());
  question_.Assign(next.question.view());
  label_count_ = 0;
  switch (next.kind) {
    case NextStep::Kind::kAskVisible:
      return Enter(Stage::kAskVisible);
    case NextStep::Kind::kAskHidden:
      return Enter(Stage::kAskHidden);
    case NextStep::Kind::kChoose:
      for (; label_count_ < next.label_count; ++label_count_) {
        labels_[label_count_].Assign(next.labels[label_count_].view());
      }
      return Enter(Stage::kChoose);
    case NextStep::Kind::kOver:
      break;
  }
  if (next.password_set) {
    if (Pack(next, serialization)) {
      *response = CPGSR_RETURN_CREDENTIAL_FINISHED;
    } else {
      notice_.Assign(TileWords(TileText::kPasswordSet, language_));
    }
    next.new_password.Clear();
  }
  Abandon();
  Enter(Stage::kLink);
}

bool Credential::Pack(NextStep& next,
                      CREDENTIAL_PROVIDER_CREDENTIAL_SERIALIZATION* serialization) noexcept {
  if (!next.can_sign_in) return false;
  const Computer computer;
  const AccountName account = SplitAccountName(Account(), computer.name());
  const bool own = account.home == AccountHome::kComputer;
  const LogonTexts texts{Units(own ? computer.name() : account.domain), Units(account.user),
                         Units(next.new_password.view())};
  const std::size_t bytes = PackedLogonBytes(texts);
  auto* packed = bytes > 0 ? static_cast<BYTE*>(CoTaskMemAlloc(bytes)) : nullptr;
  if (packed == nullptr) return false;
  const LogonKind kind =
      scenario_ == CPUS_UNLOCK_WORKSTATION ? LogonKind::kUnlock : LogonKind::kInteractive;
  PackLogon(kind, texts, {packed, bytes});
  *serialization = {next.authentication_package, kProviderClass, static_cast<ULONG>(bytes), packed};
  return true;
}

}  // namespace sspr
