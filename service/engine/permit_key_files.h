// SPDX-License-Identifier: Apache-2.0
// The permit key and its successors on the disk: beside permit.key with number N the files
// permit.N+1.key, .pub and .succession, and so on. The newest one signs; all are published.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"

namespace sspr::service {

struct PermitKeyFile {
  std::uint16_t id = 1;
  std::string key_file;
  std::string public_key;  // 32 bytes
  std::string succession;  // by which the one before made it its successor; of the first: empty
};

// The oldest first. first_id is the number of the key in first_file. Errors name a file that is
// missing, damaged, or not signed by the key before.
Result<std::vector<PermitKeyFile>> ListPermitKeys(const std::string& first_file,
                                                  std::uint16_t first_id);

// What machines are given: readable for all, written anew each time.
Status WritePublicFile(const std::string& path, std::string_view bytes);

// Makes the next key and signs it with the newest one. It is in use, and published, from the next
// start of the service on.
Result<PermitKeyFile> AddPermitSuccessor(const std::string& first_file, std::uint16_t first_id,
                                         UnixSeconds now);

}  // namespace sspr::service
