// SPDX-License-Identifier: Apache-2.0
// The rows of enrolled devices. Identifiers and digests are lower-case hexadecimal text.
#pragma once

#include <cstdint>
#include <string>

#include "common/base/clock.h"

namespace sspr::service {

struct DeviceRecord {
  std::string id;          // hexadecimal: the SHA-256 thumbprint of its key (RFC 7638)
  std::string public_key;  // JWK, in the form that is digested for the thumbprint
  std::string name;
  std::string os;
  std::string versions;
  std::string group;
  std::string enrolment;  // the id of the token that enrolled it
  UnixSeconds enrolled_at = 0;
  UnixSeconds last_seen = 0;
  std::int64_t sequence = 0;     // of its last heartbeat; 0: none that counts
  UnixSeconds suspected_at = 0;  // a heartbeat's number went back: two machines have one key
  UnixSeconds revoked_at = 0;    // 0: it is not
  std::string revoked_because;
};

struct EnrolmentTokenRecord {
  std::string id;
  std::string digest;  // SHA-256 of the token
  std::string group;   // of the devices that it enrols
  int uses = 1;
  int uses_left = 1;
  std::string issued_by;
  UnixSeconds issued_at = 0;
  UnixSeconds expires_at = 0;
};

}  // namespace sspr::service
