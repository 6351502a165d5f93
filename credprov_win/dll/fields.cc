// SPDX-License-Identifier: Apache-2.0
#include "credprov_win/dll/fields.h"

#include <array>

#include "credprov_win/dll/com_text.h"

namespace sspr {
namespace {

// CPFG_CREDENTIAL_PROVIDER_LOGO and _LABEL of shlguid.h.
constexpr GUID kLogoGuid = {
    0x2d837775, 0xf6cd, 0x464e, {0xa7, 0x45, 0x48, 0x2f, 0xd0, 0xb4, 0x74, 0x93}};
constexpr GUID kNameGuid = {
    0x286bbff3, 0xbad4, 0x438f, {0xb0, 0x07, 0x79, 0xb7, 0x26, 0x7c, 0x3d, 0x48}};

constexpr std::uint8_t In(Stage stage) {
  return static_cast<std::uint8_t>(1u << static_cast<unsigned>(stage));
}
constexpr std::uint8_t kAsking =
    In(Stage::kAskVisible) | In(Stage::kAskHidden) | In(Stage::kChoose);
constexpr std::uint8_t kUnderWay = In(Stage::kStart) | In(Stage::kStartOther) | kAsking;
constexpr std::uint8_t kAlways = In(Stage::kLink) | kUnderWay;

constexpr std::array<FieldEntry, kFieldCount> kTable = {{
    {Field::kLogo, CPFT_TILE_IMAGE, TileText::kLink, kAlways},
    {Field::kName, CPFT_SMALL_TEXT, TileText::kLink, 0},
    {Field::kTitle, CPFT_LARGE_TEXT, TileText::kTitle, kUnderWay},
    {Field::kNotice, CPFT_SMALL_TEXT, TileText::kTitle, kAlways},
    {Field::kUserName, CPFT_EDIT_TEXT, TileText::kUserName, In(Stage::kStartOther)},
    {Field::kQuestion, CPFT_SMALL_TEXT, TileText::kTitle, kAsking},
    {Field::kChoice, CPFT_COMBOBOX, TileText::kChoice, In(Stage::kChoose)},
    {Field::kVisibleAnswer, CPFT_EDIT_TEXT, TileText::kVisibleAnswer, In(Stage::kAskVisible)},
    {Field::kHiddenAnswer, CPFT_PASSWORD_TEXT, TileText::kHiddenAnswer, In(Stage::kAskHidden)},
    {Field::kSubmit, CPFT_SUBMIT_BUTTON, TileText::kLink, kUnderWay},
    {Field::kLink, CPFT_COMMAND_LINK, TileText::kLink, In(Stage::kLink)},
    {Field::kLeave, CPFT_COMMAND_LINK, TileText::kLeave, kUnderWay},
}};

constexpr bool InOrder() {
  for (DWORD i = 0; i < kFieldCount; ++i) {
    if (static_cast<DWORD>(kTable[i].field) != i) return false;
  }
  return true;
}
static_assert(InOrder());

}  // namespace

std::span<const FieldEntry> FieldTable() noexcept { return kTable; }

const FieldEntry* EntryOf(DWORD field) noexcept {
  return field < kFieldCount ? &kTable[field] : nullptr;
}

CREDENTIAL_PROVIDER_FIELD_STATE StateIn(const FieldEntry& entry, Stage stage) noexcept {
  if ((entry.seen_in & In(stage)) == 0) return CPFS_HIDDEN;
  return entry.field == Field::kLogo ? CPFS_DISPLAY_IN_BOTH : CPFS_DISPLAY_IN_SELECTED_TILE;
}

bool IsFocusedIn(Field field, Stage stage) noexcept {
  switch (stage) {
    case Stage::kLink:
    case Stage::kStart:
      return false;
    case Stage::kStartOther:
      return field == Field::kUserName;
    case Stage::kAskVisible:
      return field == Field::kVisibleAnswer;
    case Stage::kAskHidden:
      return field == Field::kHiddenAnswer;
    case Stage::kChoose:
      return field == Field::kChoice;
  }
  return false;
}

HRESULT DescriptorOf(const FieldEntry& entry, TileLanguage language,
                     CREDENTIAL_PROVIDER_FIELD_DESCRIPTOR** descriptor) noexcept {
  using Descriptor = CREDENTIAL_PROVIDER_FIELD_DESCRIPTOR;
  auto* made = static_cast<Descriptor*>(CoTaskMemAlloc(sizeof(Descriptor)));
  if (made == nullptr) return E_OUTOFMEMORY;
  *made = {static_cast<DWORD>(entry.field), entry.type, nullptr, {}};
  if (entry.field == Field::kLogo) made->guidFieldType = kLogoGuid;
  if (entry.field == Field::kName) made->guidFieldType = kNameGuid;
  const HRESULT copied = CopyForCom(TileWords(entry.label, language), &made->pszLabel);
  if (FAILED(copied)) {
    CoTaskMemFree(made);
    return copied;
  }
  *descriptor = made;
  return S_OK;
}

}  // namespace sspr
