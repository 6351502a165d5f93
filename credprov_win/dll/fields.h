// SPDX-License-Identifier: Apache-2.0
// The fields of the tile: one table says what each is, how it is called, and in which stages it is
// seen. Everything else asks the table.
#pragma once

#include <cstdint>
#include <span>

#include "credprov_win/dll/credential_provider.h"
#include "credprov_win/dll/texts.h"

namespace sspr {

enum class Field : DWORD {
  kLogo,
  kName,  // of the sign-in option; never drawn
  kTitle,
  kNotice,  // what was said last, rules and errors included
  kUserName,
  kQuestion,
  kChoice,
  kVisibleAnswer,
  kHiddenAnswer,
  kSubmit,
  kLink,
  kLeave,
};
inline constexpr DWORD kFieldCount = static_cast<DWORD>(Field::kLeave) + 1;

enum class Stage : std::uint8_t {
  kLink,        // nothing is under way
  kStart,       // for the account of the tile
  kStartOther,  // the person types whose password it is
  kAskVisible,
  kAskHidden,
  kChoose,
};
inline constexpr std::uint8_t kStageCount = static_cast<std::uint8_t>(Stage::kChoose) + 1;

struct FieldEntry {
  Field field;
  CREDENTIAL_PROVIDER_FIELD_TYPE type;
  TileText label;
  std::uint8_t seen_in;  // a bit for each stage
};

// In the order of the fields.
std::span<const FieldEntry> FieldTable() noexcept;
// Null when LogonUI names a field that there is not.
const FieldEntry* EntryOf(DWORD field) noexcept;

CREDENTIAL_PROVIDER_FIELD_STATE StateIn(const FieldEntry& entry, Stage stage) noexcept;
// The field that the cursor is in.
bool IsFocusedIn(Field field, Stage stage) noexcept;

// Allocated as LogonUI frees it.
HRESULT DescriptorOf(const FieldEntry& entry, TileLanguage language,
                     CREDENTIAL_PROVIDER_FIELD_DESCRIPTOR** descriptor) noexcept;

}  // namespace sspr
