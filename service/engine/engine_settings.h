// SPDX-License-Identifier: Apache-2.0
// Where the parts of the service find their files, and what they are given. foundation.h opens
// them; sspr-service and ssprctl may run at once on the same files.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "service/breach/range_service.h"
#include "service/delivery/delivery_queue.h"
#include "service/directory/ldap_settings.h"
#include "service/entra/entra_settings.h"
#include "service/followers/follower_settings.h"
#include "service/graph/graph_settings.h"

namespace sspr::service {

struct EngineSettings {
  // Path of the SQLite file, made when missing, mode 0600; or a PostgreSQL server
  // (store/database_target.h), with the file of its password or none.
  std::string database;
  std::string database_password_file;
  std::string audit_file;        // JSON lines, appended; made when missing, mode 0600
  std::string secrets_key_file;  // see CreateSecretsKey
  std::string permit_key_file;   // Ed25519 private key, PEM; empty: no permits are signed
  std::uint16_t permit_key_id = 1;
  std::string issuer = "SSPR Login";  // the name that an authenticator app shows
  std::string breach_filter_file;     // of ssprctl breached build; empty: none
  RangeServiceSettings breach_range;  // without a url: none
  // Where the passwords are; nothing: in the database. With entra: where those of the people are
  // whom Entra ID has from there.
  std::optional<LdapSettings> ldap;
  std::optional<EntraSettings> entra;  // the passwords are in Entra ID
  // Directories that get each new password behind that one.
  std::vector<FollowerSettings> followers = {};
  std::string public_url = {};  // https://host[:port]/tenant; empty: no passkeys
  GraphSettings graph;          // without a tenant: Microsoft Graph is not asked for anything
  unsigned connections = 4;     // to the database; one per worker thread is enough
  unsigned hashes_at_once = 2;  // 19 MiB each
};

struct EngineDependencies {
  const Clock* clock = nullptr;  // outlives the engine
  // Puts a message on the queue; false means that it was dropped. Must not block.
  std::function<bool(Delivery)> deliver;
  // One line for the service's log, without secrets or unknown user names. Any thread.
  std::function<void(std::string_view)> log;
};

// Writes 32 random bytes to a new file of mode 0600. kDenied when it exists: the secrets in a
// database can be read only with the key that they were written with.
Status CreateSecretsKey(const std::string& path);

}  // namespace sspr::service
