// SPDX-License-Identifier: Apache-2.0
// /resetpassword/v1.0/*: forms to engine calls, replies to V1 JSON and the extension's members.
#pragma once

#include "service/api/call.h"

namespace sspr::service {

Answer StartReset(Call& call);
Answer IntrospectReset(Call& call);
Answer ChallengeReset(Call& call);
Answer ContinueReset(Call& call);
Answer OfferHandOff(Call& call);
Answer SubmitPassword(Call& call);
Answer UnlockAccount(Call& call);
Answer PollReset(Call& call);
Answer ShowPolicy(Call& call);
Answer ShowTransaction(Call& call);

}  // namespace sspr::service
