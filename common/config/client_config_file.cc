// SPDX-License-Identifier: Apache-2.0
#include "common/config/client_config.h"

namespace sspr {

Result<ClientConfig> LoadClientConfig(const std::string& path) {
  Result<IniFile> file = IniFile::Load(path);
  if (!file.ok()) return file.error();
  return ReadClientConfig(*file);
}

}  // namespace sspr
