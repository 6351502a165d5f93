// SPDX-License-Identifier: Apache-2.0
// Bodies for HTTP gateways: a template that is taken stays the JSON or the form that it was,
// whatever the message says.
#include <json/json.h>

#include <algorithm>

#include "common/base/text.h"
#include "common/protocol/json_fields.h"
#include "service/delivery/gateway_template.h"
#include "tests/fuzz/fuzz_target.h"

namespace {

using namespace sspr;           // NOLINT(google-build-using-namespace)
using namespace sspr::service;  // NOLINT(google-build-using-namespace)
using fuzz::Must;

Message Say(std::string_view text) {
  Message message;
  message.to = "+49301234567";
  message.channel = Channel::kSms;
  message.language = "en";
  (void)message.text.Append(text.substr(0, 1000));
  return message;
}

void CheckFilled(std::string_view body, BodyFormat format, std::string_view text) {
  GatewayBody plain;
  GatewayBody hostile;
  if (!FillGatewayTemplate(body, format, Say("x"), "id", plain).ok()) return;
  if (!FillGatewayTemplate(body, format, Say(text), "id", hostile).ok()) return;
  if (format == BodyFormat::kForm) {
    for (const char c : {'&', '=', '\n', ' '}) {
      Must(std::ranges::count(plain.Reveal(), c) == std::ranges::count(hostile.Reveal(), c),
           "a message adds nothing to the form");
    }
    return;
  }
  Json::CharReaderBuilder builder;
  Json::CharReaderBuilder::strictMode(&builder.settings_);
  const std::unique_ptr<Json::CharReader> reader(builder.newCharReader());
  Json::Value one;
  Json::Value other;
  const std::string_view bytes = hostile.Reveal();
  Must(reader->parse(plain.Reveal().data(), plain.Reveal().data() + plain.size(), &one, nullptr) &&
           reader->parse(bytes.data(), bytes.data() + bytes.size(), &other, nullptr),
       "a template that is taken makes JSON");
  Must(one.type() == other.type() && one.size() == other.size(), "a message is no structure");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::string_view body = input.Field();
  const std::string_view text = input.Rest();
  if (!IsUtf8(body) || !IsUtf8(text)) return 0;  // as the configuration and the texts are
  for (const BodyFormat format : {BodyFormat::kForm, BodyFormat::kJson}) {
    if (CheckGatewayTemplate(body, format).ok()) CheckFilled(body, format, text);
  }
  return 0;
}
