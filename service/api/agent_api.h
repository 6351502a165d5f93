// SPDX-License-Identifier: Apache-2.0
// What agents on the premises ask: their registration, and the question for work, whose answer
// comes later. Beside the Api, for these paths alone; each request needs a proof of the agent's
// key.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "service/api/answer.h"
#include "service/api/api.h"
#include "service/api/form.h"
#include "service/devices/device_registry.h"
#include "service/http/later_body.h"

namespace sspr::service {

struct WritebackDesk;

class AgentApi {
 public:
  // devices, desk and clock outlive it. public_url: of the tenant.
  AgentApi(std::string public_url, DeviceRegistry& devices, WritebackDesk& desk, const Clock& clock,
           Api::Log log);

  // Of all its paths.
  std::string prefix() const;
  // Safe from several threads at once; never throws.
  HttpReply Handle(const HttpRequestView& request) const noexcept;

 private:
  // One of the two.
  struct Said {
    Said(Json::Value body) : now(std::move(body)) {}                   // NOLINT
    Said(WireError error) : refusal(std::move(error)) {}               // NOLINT
    Said(std::shared_ptr<LaterBody> body) : later(std::move(body)) {}  // NOLINT
    Json::Value now;
    std::optional<WireError> refusal;
    std::shared_ptr<LaterBody> later;
    int status = 200;
  };

  Said Answer(const HttpRequestView& request, const RequestIds& ids) const;
  Said Register(const HttpRequestView& request, const Form& form, const ProvenKey& key,
                const RequestIds& ids) const;
  Said Exchange(const Form& form, const ProvenKey& key) const;
  RequestIds Ids(const HttpRequestView& request) const;

  const std::string public_url_;
  const std::string path_;  // of the public URL
  DeviceRegistry& devices_;
  WritebackDesk& desk_;
  const Clock& clock_;
  const Api::Log log_;
};

}  // namespace sspr::service
