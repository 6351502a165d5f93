// SPDX-License-Identifier: Apache-2.0
// One tile: the link "Forgot password?", and the reset behind it.
//
// LogonUI calls all methods on one thread, but Connect on another. What both touch is guarded by
// lock_; what is on the screen belongs to LogonUI's thread alone. LogonUI is never called with the
// lock held, and never from Connect but for the status line.
#pragma once

#include <atomic>

#include "credprov_win/core/wide_text.h"
#include "credprov_win/dll/credential_provider.h"
#include "credprov_win/dll/fields.h"
#include "credprov_win/dll/module.h"
#include "credprov_win/dll/reset_session.h"

namespace sspr {

class Credential final : public ICredentialProviderCredential2,
                         public IConnectableCredentialProviderCredential {
 public:
  // user and sid are empty for "other user". Null when memory is short or they do not fit.
  static Credential* Make(std::wstring_view user, std::wstring_view sid,
                          CREDENTIAL_PROVIDER_USAGE_SCENARIO scenario,
                          TileLanguage language) noexcept;
  ICredentialProviderCredential* AsCredential() noexcept {
    return static_cast<ICredentialProviderCredential2*>(this);
  }

  STDMETHODIMP QueryInterface(REFIID iid, void** object) noexcept override;
  STDMETHODIMP_(ULONG) AddRef() noexcept override;
  STDMETHODIMP_(ULONG) Release() noexcept override;

  STDMETHODIMP Advise(ICredentialProviderCredentialEvents* events) noexcept override;
  STDMETHODIMP UnAdvise() noexcept override;
  STDMETHODIMP SetSelected(BOOL* auto_logon) noexcept override;
  STDMETHODIMP SetDeselected() noexcept override;
  STDMETHODIMP GetFieldState(
      DWORD field, CREDENTIAL_PROVIDER_FIELD_STATE* state,
      CREDENTIAL_PROVIDER_FIELD_INTERACTIVE_STATE* interactive) noexcept override;
  STDMETHODIMP GetStringValue(DWORD field, LPWSTR* text) noexcept override;
  STDMETHODIMP GetBitmapValue(DWORD field, HBITMAP* bitmap) noexcept override;
  STDMETHODIMP GetCheckboxValue(DWORD field, BOOL* checked, LPWSTR* label) noexcept override;
  STDMETHODIMP GetSubmitButtonValue(DWORD field, DWORD* adjacent_to) noexcept override;
  STDMETHODIMP GetComboBoxValueCount(DWORD field, DWORD* items, DWORD* selected) noexcept override;
  STDMETHODIMP GetComboBoxValueAt(DWORD field, DWORD item, LPWSTR* text) noexcept override;
  STDMETHODIMP SetStringValue(DWORD field, LPCWSTR text) noexcept override;
  STDMETHODIMP SetCheckboxValue(DWORD field, BOOL checked) noexcept override;
  STDMETHODIMP SetComboBoxSelectedValue(DWORD field, DWORD selected) noexcept override;
  STDMETHODIMP CommandLinkClicked(DWORD field) noexcept override;
  STDMETHODIMP GetSerialization(CREDENTIAL_PROVIDER_GET_SERIALIZATION_RESPONSE* response,
                                CREDENTIAL_PROVIDER_CREDENTIAL_SERIALIZATION* serialization,
                                LPWSTR* status_text,
                                CREDENTIAL_PROVIDER_STATUS_ICON* status_icon) noexcept override;
  STDMETHODIMP ReportResult(NTSTATUS status, NTSTATUS substatus, LPWSTR* status_text,
                            CREDENTIAL_PROVIDER_STATUS_ICON* status_icon) noexcept override;
  STDMETHODIMP GetUserSid(LPWSTR* sid) noexcept override;
  STDMETHODIMP Connect(IQueryContinueWithStatus* query) noexcept override;
  STDMETHODIMP Disconnect() noexcept override;

 private:
  // Longest that is taken of what is typed; what is longer is refused by name, never cut.
  static constexpr std::size_t kTyped = 512;

  Credential(CREDENTIAL_PROVIDER_USAGE_SCENARIO scenario, TileLanguage language) noexcept;
  ~Credential();

  // What Connect has to do, taken over under the lock.
  struct Order {
    ResetSession* session = nullptr;  // with a reference
    Secret answer;
  };
  bool TakeOrder(Order& order) noexcept;
  bool TakeAnswer(Secret& answer) noexcept;
  ResetSession* BeginSession() noexcept;
  void Refuse(TileText why) noexcept;

  void Abandon() noexcept;
  void Leave() noexcept;
  void ForgetTyped() noexcept;
  void Enter(Stage stage) noexcept;
  void ShowFields() noexcept;
  void ShowField(const FieldEntry& entry) noexcept;
  void RefillChoices() noexcept;
  std::wstring_view WordsOf(Field field) const noexcept;
  void ShowNext(NextStep& next, CREDENTIAL_PROVIDER_GET_SERIALIZATION_RESPONSE* response,
                CREDENTIAL_PROVIDER_CREDENTIAL_SERIALIZATION* serialization) noexcept;
  bool Pack(NextStep& next, CREDENTIAL_PROVIDER_CREDENTIAL_SERIALIZATION* serialization) noexcept;
  std::wstring_view Account() const noexcept;

  const ModuleLock module_;
  std::atomic<ULONG> references_{1};
  const CREDENTIAL_PROVIDER_USAGE_SCENARIO scenario_;
  const TileLanguage language_;
  WideText<kTyped> user_;  // empty: "other user"
  WideText<256> sid_;

  // LogonUI's thread alone.
  ICredentialProviderCredentialEvents* events_ = nullptr;
  ICredentialProviderCredentialEvents2* batch_ = nullptr;
  WideText<2048> notice_;
  WideText<512> question_;
  std::array<WideText<512>, kMaxChoices> labels_;
  DWORD label_count_ = 0;
  DWORD choices_shown_ = 0;

  // Under lock_.
  SRWLOCK lock_ = SRWLOCK_INIT;
  Stage stage_ = Stage::kLink;
  WideText<kTyped> typed_user_;
  WideText<kTyped> typed_;
  bool typed_too_long_ = false;
  DWORD chosen_ = 0;
  ResetSession* session_ = nullptr;
  bool connecting_ = false;
  bool arrived_ = false;   // Advance has come back and was not shown yet
  WideText<512> refusal_;  // what is to be said without having asked sspr-flow
};

}  // namespace sspr
