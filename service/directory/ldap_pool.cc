// SPDX-License-Identifier: Apache-2.0
#include "service/directory/ldap_pool.h"

namespace sspr::service {
namespace {

constexpr std::chrono::milliseconds kPauseAfterFailure{1'000};

}  // namespace

LdapPool::LdapPool(const LdapSettings& settings, Binding binding, const Secret& password,
                   const Clock& clock)
    : settings_(settings), binding_(binding), password_(password), clock_(clock) {}

Result<LdapPool::Lease> LdapPool::Take() {
  {
    std::unique_lock lock(mutex_);
    if (!freed_.wait_for(lock, settings_.timeout,
                         [this] { return out_ < settings_.connections; })) {
      return Error{Errc::kTimedOut, "all connections to the directory are in use"};
    }
    while (!idle_.empty()) {
      std::unique_ptr<LdapConnection> kept = std::move(idle_.back());
      idle_.pop_back();
      if (kept->IsBroken()) continue;
      ++out_;
      return Lease(*this, std::move(kept));
    }
    if (failed_at_ && clock_.Monotonic() - *failed_at_ < kPauseAfterFailure) return failure_;
    ++out_;
  }
  Result<std::unique_ptr<LdapConnection>> opened = Open();
  if (opened.ok()) return Lease(*this, std::move(*opened));
  const std::lock_guard lock(mutex_);
  --out_;
  freed_.notify_one();
  failed_at_ = clock_.Monotonic();
  failure_ = opened.error();
  return opened.error();
}

Result<std::unique_ptr<LdapConnection>> LdapPool::Open() {
  auto opened = LdapConnection::Open(settings_);
  if (!opened.ok() || binding_ == Binding::kNone) return opened;
  const LdapAnswer bound = (*opened)->Bind(settings_.bind_dn, password_);
  if (bound.ok()) return opened;
  return Error{bound.is_answered ? Errc::kDenied : Errc::kUnreachable,
               settings_.url + ": " + bound.detail};
}

void LdapPool::Return(std::unique_ptr<LdapConnection> connection) {
  const bool is_good = !connection->IsBroken();
  const std::lock_guard lock(mutex_);
  --out_;
  failed_at_.reset();
  if (is_good) idle_.push_back(std::move(connection));
  freed_.notify_one();
}

}  // namespace sspr::service
