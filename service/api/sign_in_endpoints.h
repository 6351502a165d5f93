// SPDX-License-Identifier: Apache-2.0
// /oauth2/v2.0/* and /register/v1.0/*: sign-in with a password or the token of a finished reset,
// the second proof, a new method on the way in, refresh tokens.
#pragma once

#include "service/api/call.h"

namespace sspr::service {

Answer InitiateSignIn(Call& call);
Answer ChallengeSignIn(Call& call);
Answer ListSecondFactors(Call& call);
Answer IssueTokens(Call& call);

Answer ListRegistrable(Call& call);
Answer ChallengeRegistration(Call& call);
Answer ContinueRegistration(Call& call);

}  // namespace sspr::service
