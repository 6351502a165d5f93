// SPDX-License-Identifier: Apache-2.0
// What a tile shows: its fields, told to LogonUI anew with each stage.
#include <utility>

#include "credprov_win/dll/credential.h"
#include "credprov_win/dll/locked.h"

namespace sspr {

void Credential::Enter(Stage stage) noexcept {
  {
    const Locked locked(lock_);
    stage_ = stage;
    chosen_ = 0;
    typed_.Clear();
    typed_too_long_ = false;
  }
  ShowFields();
}

void Credential::ShowFields() noexcept {
  // LogonUI may call back, even UnAdvise and Release, while it is told.
  auto* events = events_;
  auto* batch = batch_;
  if (events == nullptr) return;
  AddRef();
  events->AddRef();
  if (batch != nullptr) {
    batch->AddRef();
    batch->BeginFieldUpdates();
  }
  for (const FieldEntry& entry : FieldTable()) ShowField(entry);
  if (batch != nullptr) {
    batch->EndFieldUpdates();
    batch->Release();
  }
  events->Release();
  Release();
}

void Credential::ShowField(const FieldEntry& entry) noexcept {
  const auto field = static_cast<DWORD>(entry.field);
  CREDENTIAL_PROVIDER_FIELD_STATE state = CPFS_HIDDEN;
  CREDENTIAL_PROVIDER_FIELD_INTERACTIVE_STATE interactive = CPFIS_NONE;
  GetFieldState(field, &state, &interactive);
  ICredentialProviderCredential* self = AsCredential();
  if (entry.field == Field::kChoice) RefillChoices();
  const bool text = entry.type == CPFT_SMALL_TEXT || entry.type == CPFT_LARGE_TEXT ||
                    entry.type == CPFT_EDIT_TEXT || entry.type == CPFT_PASSWORD_TEXT;
  if (text && events_ != nullptr) {
    WideText<2048> words;
    words.Assign(WordsOf(entry.field));
    // What is typed stays on the screen as long as it is kept: the user name at the start.
    const bool kept = entry.field == Field::kUserName && state != CPFS_HIDDEN;
    if (!kept) events_->SetFieldString(self, field, words.c_str());
  }
  if (entry.field == Field::kSubmit && events_ != nullptr) {
    DWORD adjacent_to = 0;
    GetSubmitButtonValue(field, &adjacent_to);
    events_->SetFieldSubmitButton(self, field, adjacent_to);
  }
  if (events_ != nullptr) events_->SetFieldState(self, field, state);
  if (events_ != nullptr && interactive == CPFIS_FOCUSED) {
    events_->SetFieldInteractiveState(self, field, interactive);
  }
}

void Credential::RefillChoices() noexcept {
  const auto field = static_cast<DWORD>(Field::kChoice);
  ICredentialProviderCredential* self = AsCredential();
  for (DWORD i = std::exchange(choices_shown_, 0); i > 0 && events_ != nullptr; --i) {
    events_->DeleteFieldComboBoxItem(self, field, i - 1);
  }
  for (DWORD i = 0; i < label_count_ && events_ != nullptr; ++i) {
    events_->AppendFieldComboBoxItem(self, field, labels_[i].c_str());
    choices_shown_ = i + 1;
  }
  if (label_count_ > 0 && events_ != nullptr) {
    events_->SetFieldComboBoxSelectedItem(self, field, 0);
  }
}

}  // namespace sspr
