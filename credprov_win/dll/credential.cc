// SPDX-License-Identifier: Apache-2.0
#include "credprov_win/dll/credential.h"

#include <new>
#include <utility>

#include "common/base/text.h"
#include "credprov_win/core/account_name.h"
#include "credprov_win/core/logon_packing.h"
#include "credprov_win/dll/com_text.h"
#include "credprov_win/dll/registry.h"
#include "credprov_win/dll/tile_image.h"

namespace sspr {
namespace {

class Locked {
 public:
  explicit Locked(SRWLOCK& lock) noexcept : lock_(lock) { AcquireSRWLockExclusive(&lock_); }
  ~Locked() { ReleaseSRWLockExclusive(&lock_); }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

 private:
  SRWLOCK& lock_;
};

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

// ---- a reset

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

// ---- the screen

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
