// SPDX-License-Identifier: Apache-2.0
// Sets of a password that were written down in a step of the caller's, before the directory is
// asked. Safe from several threads at once.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "service/directory/directory.h"
#include "service/store/directory_claims.h"

namespace sspr::service {

class AnnouncedTransactions {
 public:
  // claims and clock outlive it. patience: of one operation of the directory.
  AnnouncedTransactions(DirectoryClaims& claims, const Clock& clock,
                        std::chrono::milliseconds patience)
      : claims_(claims), clock_(clock), patience_(patience) {}

  // See Directory::Announce. Throws StoreFailure, also when the transaction was claimed before.
  void Announce(std::string_view transaction_id, const DirectoryUser& user);
  // Once. One that was announced long ago may have been settled since, by this process or by
  // another: false.
  bool Take(const std::string& transaction_id);

 private:
  DirectoryClaims& claims_;
  const Clock& clock_;
  const std::chrono::milliseconds patience_;
  std::mutex mutex_;
  std::map<std::string, std::chrono::milliseconds> announced_;  // when
};

}  // namespace sspr::service
