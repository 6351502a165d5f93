// SPDX-License-Identifier: Apache-2.0
// What the API answers machines with, beside the engine.
#pragma once

namespace sspr::service {

class Campaign;
class DeviceRegistry;
class SignInRisk;

// What answers the machines beside the engine. A part that is null has no endpoints.
struct MachineServices {
  DeviceRegistry* devices = nullptr;
  Campaign* campaign = nullptr;
  SignInRisk* risk = nullptr;
};

}  // namespace sspr::service
