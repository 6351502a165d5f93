// SPDX-License-Identifier: Apache-2.0
// Work in a short-lived child process: what crypt(3) and libpwquality leave in memory dies with it,
// and a fault or an endless dictionary cannot take sspr-setpw along.
#pragma once

#include <chrono>
#include <functional>

#include "common/base/frame.h"
#include "common/base/result.h"

namespace sspr::setpw {

// The child's whole answer; it may hold a hash.
using ChildAnswer = FramePayload;

// Forks, runs work in the child and hands back what it returned. The process must have one thread.
// kTimedOut when the limit passed (the child is killed), kInternal when it died or work returned an
// empty answer.
Result<ChildAnswer> RunInChild(const std::function<ChildAnswer()>& work,
                               std::chrono::milliseconds limit);

}  // namespace sspr::setpw
