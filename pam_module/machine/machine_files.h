// SPDX-License-Identifier: Apache-2.0
// Small files of a machine: read whole, looked at, replaced at once or not at all.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace sspr {

// kUnreachable when the file is not there; kDenied when it may not be read; kInternal else.
Result<std::string> ReadFileOf(const std::string& path, std::size_t most_bytes);

struct FileFacts {
  uid_t owner = 0;
  mode_t mode = 0;  // with the bits of its kind
};
// Nothing when it is not there. Links are followed.
std::optional<FileFacts> LookAt(const std::string& path);

struct Ownership {
  mode_t mode = 0644;
  std::optional<uid_t> owner;  // nothing: who runs this
};
// A new file that is on disk before it takes the old one's place. kInternal, with the reason.
Status ReplaceFile(const std::string& path, std::string_view bytes, const Ownership& ownership);
// kInternal when it is there and cannot be removed.
Status RemoveFile(const std::string& path);
// Renames, and has the folder on disk. Both are in one folder.
Status RenameFile(const std::string& from, const std::string& to);

}  // namespace sspr
