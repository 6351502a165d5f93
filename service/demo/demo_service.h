// SPDX-License-Identifier: Apache-2.0
// A service that starts from nothing in a folder of its own: certificate authority, keys, database,
// one user. For people who try the product and for tests; the folder is private to its owner.
//
// DIR holds ca.pem and permit.pub (for the machines), server.pem, server.key, secrets.key,
// permit.key, token.key, sspr.db, audit.jsonl, and sspr-service.conf, which ssprctl --config takes.
#pragma once

#include <string>

#include "common/base/result.h"
#include "service/config/service_config.h"
#include "service/engine/admin_service.h"

namespace sspr::service {

inline constexpr char kDemoUser[] = "alice@example.org";
inline constexpr char kDemoClient[] = "sspr-login";

struct DemoOptions {
  std::string folder;  // absolute
  ListenAddress listen{"127.0.0.1", 8443};
  std::string smtp_url = "smtp://127.0.0.1:2525";
};

// Makes what is missing and gives the configuration; public_url is still to be set, since the port
// may not be known yet. A second call with the same folder changes nothing but the certificate,
// should that be about to expire.
Result<ServiceConfig> PrepareDemo(const DemoOptions& options);

// Writes DIR/sspr-service.conf.
Status WriteDemoConfig(const DemoOptions& options, const ServiceConfig& config);

// Makes the demo user and client unless they are there: password from DIR/initial-password or a
// random one, e-mail address, authenticator app. Prints to standard output, once, what the person
// who tries the product has to know.
Status FillDemoDirectory(const DemoOptions& options, AdminService& admin);

}  // namespace sspr::service
