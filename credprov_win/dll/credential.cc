// SPDX-License-Identifier: Apache-2.0
// What LogonUI asks of a tile and tells it.
#include "credprov_win/dll/credential.h"

#include <new>
#include <utility>

#include "credprov_win/dll/com_text.h"
#include "credprov_win/dll/locked.h"
#include "credprov_win/dll/registry.h"
#include "credprov_win/dll/tile_image.h"

namespace sspr {

Credential* Credential::Make(std::wstring_view user, std::wstring_view sid,
                             CREDENTIAL_PROVIDER_USAGE_SCENARIO scenario,
                             TileLanguage language) noexcept {
  auto* made = new (std::nothrow) Credential(scenario, language);
  if (made == nullptr) return nullptr;
  if (made->user_.Assign(user) && made->sid_.Assign(sid)) return made;
  made->Release();
  return nullptr;
}

Credential::Credential(CREDENTIAL_PROVIDER_USAGE_SCENARIO scenario, TileLanguage language) noexcept
    : scenario_(scenario), language_(language) {}

Credential::~Credential() {
  Abandon();
  UnAdvise();
}

STDMETHODIMP Credential::QueryInterface(REFIID iid, void** object) noexcept {
  if (object == nullptr) return E_POINTER;
  *object = nullptr;
  if (iid == IID_IUnknown || iid == __uuidof(ICredentialProviderCredential) ||
      iid == __uuidof(ICredentialProviderCredential2)) {
    *object = static_cast<ICredentialProviderCredential2*>(this);
  } else if (iid == __uuidof(IConnectableCredentialProviderCredential)) {
    *object = static_cast<IConnectableCredentialProviderCredential*>(this);
  } else {
    return E_NOINTERFACE;
  }
  AddRef();
  return S_OK;
}

STDMETHODIMP_(ULONG) Credential::AddRef() noexcept { return ++references_; }

STDMETHODIMP_(ULONG) Credential::Release() noexcept {
  const ULONG left = --references_;
  if (left == 0) delete this;
  return left;
}

STDMETHODIMP Credential::Advise(ICredentialProviderCredentialEvents* events) noexcept {
  if (events == nullptr) return E_INVALIDARG;
  UnAdvise();
  events_ = events;
  events_->AddRef();
  void* batch = nullptr;
  if (SUCCEEDED(events->QueryInterface(__uuidof(ICredentialProviderCredentialEvents2), &batch))) {
    batch_ = static_cast<ICredentialProviderCredentialEvents2*>(batch);
  }
  return S_OK;
}

STDMETHODIMP Credential::UnAdvise() noexcept {
  if (auto* batch = std::exchange(batch_, nullptr)) batch->Release();
  if (auto* events = std::exchange(events_, nullptr)) events->Release();
  return S_OK;
}

STDMETHODIMP Credential::SetSelected(BOOL* auto_logon) noexcept {
  if (auto_logon == nullptr) return E_POINTER;
  *auto_logon = FALSE;
  StartFinished();
  return S_OK;
}

// The tile is left: whatever was under way ends, and nothing that was typed stays.
STDMETHODIMP Credential::SetDeselected() noexcept {
  Leave();
  return S_OK;
}

STDMETHODIMP Credential::GetFieldState(
    DWORD field, CREDENTIAL_PROVIDER_FIELD_STATE* state,
    CREDENTIAL_PROVIDER_FIELD_INTERACTIVE_STATE* interactive) noexcept {
  const FieldEntry* entry = EntryOf(field);
  if (entry == nullptr || state == nullptr || interactive == nullptr) return E_INVALIDARG;
  const Locked locked(lock_);
  *state = StateIn(*entry, stage_);
  *interactive = IsFocusedIn(entry->field, stage_) ? CPFIS_FOCUSED : CPFIS_NONE;
  if (field + 1 == kFieldCount) StartFinished();
  return S_OK;
}

std::wstring_view Credential::WordsOf(Field field) const noexcept {
  switch (field) {
    case Field::kName:
    case Field::kTitle:
    case Field::kLink:
    case Field::kLeave:
      return TileWords(EntryOf(static_cast<DWORD>(field))->label, language_);
    case Field::kNotice:
      return notice_.view();
    case Field::kQuestion:
      return question_.view();
    case Field::kLogo:
    case Field::kUserName:
    case Field::kChoice:
    case Field::kVisibleAnswer:
    case Field::kHiddenAnswer:
    case Field::kSubmit:
      return {};
  }
  return {};
}

STDMETHODIMP Credential::GetStringValue(DWORD field, LPWSTR* text) noexcept {
  const FieldEntry* entry = EntryOf(field);
  if (text == nullptr) return E_POINTER;
  *text = nullptr;
  if (entry == nullptr) return E_INVALIDARG;
  return CopyForCom(WordsOf(entry->field), text);
}

STDMETHODIMP Credential::GetBitmapValue(DWORD field, HBITMAP* bitmap) noexcept {
  if (bitmap == nullptr) return E_POINTER;
  *bitmap = nullptr;
  if (field != static_cast<DWORD>(Field::kLogo)) return E_INVALIDARG;
  *bitmap = MakeTileImage();
  return *bitmap != nullptr ? S_OK : E_OUTOFMEMORY;
}

STDMETHODIMP Credential::GetCheckboxValue(DWORD, BOOL* checked, LPWSTR* label) noexcept {
  if (checked != nullptr) *checked = FALSE;
  if (label != nullptr) *label = nullptr;
  return E_NOTIMPL;
}

STDMETHODIMP Credential::GetSubmitButtonValue(DWORD field, DWORD* adjacent_to) noexcept {
  if (adjacent_to == nullptr) return E_POINTER;
  if (field != static_cast<DWORD>(Field::kSubmit)) return E_INVALIDARG;
  const Locked locked(lock_);
  *adjacent_to = static_cast<DWORD>(Field::kNotice);
  for (DWORD i = 0; i < kFieldCount; ++i) {
    if (IsFocusedIn(static_cast<Field>(i), stage_)) *adjacent_to = i;
  }
  return S_OK;
}

STDMETHODIMP Credential::GetComboBoxValueCount(DWORD field, DWORD* items,
                                               DWORD* selected) noexcept {
  if (items == nullptr || selected == nullptr) return E_POINTER;
  if (field != static_cast<DWORD>(Field::kChoice)) return E_INVALIDARG;
  *items = label_count_;
  *selected = 0;
  return S_OK;
}

STDMETHODIMP Credential::GetComboBoxValueAt(DWORD field, DWORD item, LPWSTR* text) noexcept {
  if (text == nullptr) return E_POINTER;
  *text = nullptr;
  if (field != static_cast<DWORD>(Field::kChoice) || item >= label_count_) return E_INVALIDARG;
  return CopyForCom(labels_[item].view(), text);
}

STDMETHODIMP Credential::SetStringValue(DWORD field, LPCWSTR text) noexcept {
  const FieldEntry* entry = EntryOf(field);
  if (entry == nullptr || text == nullptr) return E_INVALIDARG;
  const Locked locked(lock_);
  if (entry->field == Field::kUserName) {
    typed_too_long_ = !typed_user_.Assign(text);
    return S_OK;
  }
  const bool asked = (entry->field == Field::kVisibleAnswer && stage_ == Stage::kAskVisible) ||
                     (entry->field == Field::kHiddenAnswer && stage_ == Stage::kAskHidden);
  if (!asked) {
    // LogonUI may tell what a hidden field holds; only text of a field that is none is wrong.
    return entry->type == CPFT_EDIT_TEXT || entry->type == CPFT_PASSWORD_TEXT ? S_OK : E_INVALIDARG;
  }
  typed_too_long_ = !typed_.Assign(text);
  return S_OK;
}

STDMETHODIMP Credential::SetCheckboxValue(DWORD, BOOL) noexcept { return E_NOTIMPL; }

STDMETHODIMP Credential::SetComboBoxSelectedValue(DWORD field, DWORD selected) noexcept {
  if (field != static_cast<DWORD>(Field::kChoice) || selected >= label_count_) return E_INVALIDARG;
  const Locked locked(lock_);
  chosen_ = selected;
  return S_OK;
}

STDMETHODIMP Credential::CommandLinkClicked(DWORD field) noexcept {
  if (field == static_cast<DWORD>(Field::kLeave)) {
    Leave();
    return S_OK;
  }
  if (field != static_cast<DWORD>(Field::kLink)) return E_INVALIDARG;
  Abandon();
  const bool other = user_.empty();
  notice_.Assign(TileWords(other ? TileText::kStartOther : TileText::kStart, language_));
  Enter(other ? Stage::kStartOther : Stage::kStart);
  return S_OK;
}

STDMETHODIMP Credential::GetUserSid(LPWSTR* sid) noexcept {
  if (sid == nullptr) return E_POINTER;
  *sid = nullptr;
  if (sid_.empty()) return S_FALSE;  // the tile of "other user"
  return CopyForCom(sid_.view(), sid);
}

STDMETHODIMP Credential::ReportResult(NTSTATUS status, NTSTATUS, LPWSTR* status_text,
                                      CREDENTIAL_PROVIDER_STATUS_ICON* status_icon) noexcept {
  if (status_text == nullptr || status_icon == nullptr) return E_POINTER;
  *status_text = nullptr;
  *status_icon = CPSI_NONE;
  if (status >= 0) return S_OK;
  const wchar_t* words = TileWords(TileText::kLogonRefused, language_);
  notice_.Assign(words);
  Enter(Stage::kLink);
  *status_icon = CPSI_WARNING;
  return CopyForCom(words, status_text);
}

}  // namespace sspr
