// SPDX-License-Identifier: Apache-2.0
// New texts for the password files, made from the old ones. Pure: nothing is read or written here.
// This is the one place where bytes of ours become bytes of /etc/shadow.
#pragma once

#include <cstdint>
#include <string_view>

#include "common/base/result.h"
#include "pam_module/setpw/wiped_text.h"

namespace sspr::setpw {

// The same text with the hash and the day of the last change of exactly one line replaced; every
// other byte stays, also a missing newline at the end. day: days since 1970-01-01; a later day that
// stands there already is kept. kInternal unless the account has exactly one well-formed line and
// the hash is one that a field can hold.
Result<WipedText> ShadowWithNewHash(std::string_view shadow, std::string_view account,
                                    std::string_view hash, std::int64_t day);

// The hash of the account in a shadow text; empty unless there is exactly one line.
std::string_view HashIn(std::string_view shadow, std::string_view account);

// opasswd as pam_pwhistory keeps it (name:uid:count:hash,hash...): the same text with hash as the
// newest of at most `remember`. The same text when it is the newest already.
WipedText HistoryWithHash(std::string_view opasswd, std::string_view account, std::uint32_t uid,
                          std::string_view hash, std::size_t remember);

}  // namespace sspr::setpw
