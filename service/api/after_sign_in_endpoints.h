// SPDX-License-Identifier: Apache-2.0
// What login clients ask once somebody is signed in: /register/v1.0/state and /snooze, and before
// the account phase is over /risk/v1.0/signin. Enrolled devices are answered about any account; a
// bearer of a token about the own one. Others learn nothing.
#pragma once

#include "service/api/call.h"

namespace sspr::service {

Answer ShowRegistrationState(Call& call);
Answer SnoozeRegistration(Call& call);
Answer JudgeSignIn(Call& call);

}  // namespace sspr::service
