// SPDX-License-Identifier: Apache-2.0
// Gives what the database holds sealed a new sealing key, while the service runs: old and new keys
// open all along, each batch is one transaction, and a rotation that was cut off is gone on with by
// running it again.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "common/base/result.h"
#include "service/engine/foundation.h"

namespace sspr::service {

struct RotationProgress {
  int key = 0;                  // the one that seals from now on
  bool is_new = false;          // made by this call; otherwise an earlier rotation was gone on with
  std::int64_t done = 0;        // values that have it
  std::int64_t all = 0;         // sealed values
  std::int64_t unreadable = 0;  // that no key of the file opens; they are left as they are
};

// report is called behind each batch; false from it ends the rotation there. The error of a
// rotation with values that could not be opened is kDenied; its detail says how many.
Result<RotationProgress> RotateSecrets(Foundation& foundation,
                                       const std::function<bool(const RotationProgress&)>& report);

// Makes the next key, to be copied to the other machines with the file before it is used. Its
// number.
Result<int> PrepareSecretsKey(Foundation& foundation);

struct SealKeyUse {
  SealKeyState key;
  std::int64_t values = 0;
};
Result<std::vector<SealKeyUse>> SecretsKeyUse(Foundation& foundation);

// Forgets the keys before the active one. kDenied while anything is sealed with one of them.
Status ForgetOldSecretsKeys(Foundation& foundation);

}  // namespace sspr::service
