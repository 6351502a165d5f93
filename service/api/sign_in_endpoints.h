// SPDX-License-Identifier: Apache-2.0
// /oauth2/v2.0/*: sign-in with a password, and with the token of a finished reset.
#pragma once

#include "service/api/call.h"

namespace sspr::service {

Answer InitiateSignIn(Call& call);
Answer ChallengeSignIn(Call& call);
Answer IssueTokens(Call& call);

}  // namespace sspr::service
