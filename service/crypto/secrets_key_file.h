// SPDX-License-Identifier: Apache-2.0
// The secrets key file as it lies on the disk: 32 bytes, or, once it was rotated, text:
//
//   sspr-secrets 2
//   digest HEX
//   seal 1 active HEX
//   seal 2 prepared HEX
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "service/crypto/random.h"

namespace sspr::service {

class SecretsKeyFile {
 public:
  struct SealKey {
    int id = 1;
    bool is_active = true;
    std::string master;  // 32 bytes
  };

  SecretsKeyFile() = default;
  SecretsKeyFile(SecretsKeyFile&&) noexcept = default;
  SecretsKeyFile& operator=(SecretsKeyFile&& other) noexcept;
  SecretsKeyFile(const SecretsKeyFile&) = delete;
  SecretsKeyFile& operator=(const SecretsKeyFile&) = delete;
  ~SecretsKeyFile() { WipeAll(); }

  // kInternal when it cannot be read, others may read it, or it is damaged.
  static Result<SecretsKeyFile> Load(const std::string& path);
  // A new one of mode 0600; kDenied when there is one.
  static Status Create(const std::string& path, Random& random);
  // Reads, changes and replaces it, while no other process does. What change refuses is not
  // written.
  static Status Change(const std::string& path,
                       const std::function<Status(SecretsKeyFile&)>& change);

  const std::string& digest_master() const { return digest_master_; }
  const std::vector<SealKey>& seal_keys() const { return seal_keys_; }  // by number, never empty
  int ActiveId() const;

  int Add(Random& random, bool active);
  Status Activate(int id);
  void ForgetOld();

 private:
  static Result<SecretsKeyFile> Parse(const std::string& path, std::string_view text);
  std::string Text() const;
  void WipeAll();

  std::string digest_master_;
  std::vector<SealKey> seal_keys_;
};

}  // namespace sspr::service
