// SPDX-License-Identifier: Apache-2.0
// Kept connections to the directory, at most so many. Who finds none free waits for as long as an
// operation may take; a server that cannot be reached is not tried again for a moment, so that a
// directory that is down does not hold up everybody.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/secret.h"
#include "service/directory/ldap_connection.h"

namespace sspr::service {

class LdapPool {
 public:
  // A connection for one piece of work. It goes back when it still is good.
  class Lease {
   public:
    Lease(LdapPool& pool, std::unique_ptr<LdapConnection> connection)
        : pool_(&pool), connection_(std::move(connection)) {}
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Lease(Lease&& other) noexcept = default;
    ~Lease() {
      if (connection_) pool_->Return(std::move(connection_));
    }
    LdapConnection* operator->() { return connection_.get(); }
    LdapConnection& operator*() { return *connection_; }

   private:
    LdapPool* pool_;
    std::unique_ptr<LdapConnection> connection_;
  };

  enum class Binding { kAsTheService, kNone };

  // settings and clock outlive it. The password is the service's own.
  LdapPool(const LdapSettings& settings, Binding binding, const Secret& password,
           const Clock& clock);

  // kTimedOut, kUnreachable, kDenied (the service's own account), kInternal.
  Result<Lease> Take();

 private:
  Result<std::unique_ptr<LdapConnection>> Open();
  void Return(std::unique_ptr<LdapConnection> connection);

  const LdapSettings& settings_;
  const Binding binding_;
  const Secret& password_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<std::unique_ptr<LdapConnection>> idle_;  // the one used last at the end
  unsigned out_ = 0;
  std::optional<std::chrono::milliseconds> failed_at_;
  Error failure_{Errc::kUnreachable, ""};
};

}  // namespace sspr::service
