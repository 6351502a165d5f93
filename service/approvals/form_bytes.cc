// SPDX-License-Identifier: Apache-2.0
#include "service/approvals/form_bytes.h"

#include "common/protocol/base64url.h"

namespace sspr::service {

std::string ToBase64Url(std::string_view bytes) {
  return Base64Url({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()});
}

std::string FromBase64UrlText(std::string_view text) {
  std::string bytes(text.size() * 6 / 8, '\0');
  const bool read =
      FromBase64Url(text, {reinterpret_cast<unsigned char*>(bytes.data()), bytes.size()});
  return read ? bytes : std::string();
}

}  // namespace sspr::service
