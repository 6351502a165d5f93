// SPDX-License-Identifier: Apache-2.0
#include "service/directory/try_directory.h"

#include "service/delivery/notifier_settings.h"
#include "service/directory/ldap_dialect.h"
#include "service/directory/ldap_pool.h"

namespace sspr::service {

Status TryDirectory(const LdapSettings& settings, const Clock& clock) {
  const Result<Secret> password = SecretInFile(settings.bind_password_file, "directory password");
  if (!password.ok()) return Error{Errc::kPolicy, password.error().detail};
  LdapPool pool(settings, LdapPool::Binding::kAsTheService, *password, clock);
  auto lease = pool.Take();
  if (!lease.ok()) return Error{Errc::kPolicy, "directory: " + lease.error().detail};
  std::vector<LdapEntry> found;
  const LdapAnswer answer = (*lease)->Search(
      settings.base, LdapScope::kSubtree, "(" + settings.name_attribute + "=nobody-of-this-name)",
      LdapDialect::Make(settings)->Attributes(), 2, found);
  if (answer.ok()) return Ok();
  return Error{Errc::kPolicy, "directory: below " + settings.base + ": " + answer.detail};
}

}  // namespace sspr::service
