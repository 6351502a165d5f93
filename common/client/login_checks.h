// SPDX-License-Identifier: Apache-2.0
// What a login asks of the service outside of a reset: whether somebody who has shown a password
// may go on with it, whether the service keeps that password, whether there is something to remind
// of. The service answers enrolled devices only.
#pragma once

#include <string>

#include "common/base/frame.h"
#include "common/client/machine_log.h"
#include "common/client/service_client.h"
#include "common/flow/text_id.h"

namespace sspr {

struct CheckAnswer {
  CheckFinding finding = CheckFinding::kUnknown;
  Text text = {};
};

class LoginChecks {
 public:
  // log outlives this.
  LoginChecks(ServiceClient::OpenTransport open, std::string client_id, DeviceProver prover,
              const MachineLog& log);

  // kUnknown where there is no sound answer; the log then says why.
  CheckAnswer Ask(CheckPurpose purpose, const std::string& username);
  // The reminder was shown: the next one comes when the policy says.
  void PutOff(const std::string& username);

 private:
  CheckAnswer AskAboutRisk(const std::string& username);
  CheckAnswer AskAboutRegistration(CheckPurpose purpose, const std::string& username);
  // The body of an answer of HTTP 200; kUnreachable and kProtocol else.
  Result<std::string> Post(const char* path, Result<SecretBody> form);
  CheckAnswer Unknown(const char* path, const Error& error);

  ServiceClient::OpenTransport open_;
  const std::string client_id_;
  DeviceProver prover_;
  const MachineLog& log_;
  std::unique_ptr<HttpTransport> transport_;
};

}  // namespace sspr
