// SPDX-License-Identifier: Apache-2.0
// SOCI's SQLite, but that a session keeps the statements it compiled: the same few hundred texts
// come again and again, and to compile one costs more than to run it. Beside them SOCI's backend
// does all the work.
#pragma once

#include <soci/soci-backend.h>

namespace sspr::service {

class SqliteFactory : public soci::backend_factory {
 public:
  soci::details::session_backend* make_session(
      const soci::connection_parameters& parameters) const override;
};

}  // namespace sspr::service
