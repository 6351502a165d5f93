// SPDX-License-Identifier: Apache-2.0
// The body of a request to a gateway, with marks in it: {to}, {to_digits} (without the plus sign),
// {text}, {language}, {id} (another one for each message). What stands for a mark is escaped as the
// body's media type needs it, so that no text can become structure.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/base/secret.h"
#include "service/delivery/notifier.h"

namespace sspr::service {

enum class BodyFormat { kForm, kJson };

using GatewayBody = SecretBuffer<32 * 1024>;

// kPolicy, with a sentence for the administrator, when the template has an unknown mark, lacks {to}
// (or {to_digits}) or {text}, or is no JSON where it must be.
Status CheckGatewayTemplate(std::string_view body, BodyFormat format);

// kPolicy when it does not fit.
Status FillGatewayTemplate(std::string_view body, BodyFormat format, const Message& message,
                           std::string_view id, GatewayBody& out);

}  // namespace sspr::service
