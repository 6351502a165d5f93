// SPDX-License-Identifier: Apache-2.0
// The fixture of tests that run the real program on the scratch machine.
#pragma once

#include <gtest/gtest.h>

#include "tests/setpw/scratch_machine.h"
#include "tests/setpw/setpw_process.h"

namespace sspr::test {

inline TransactionId TransactionNumber(char number) {
  TransactionId made;
  made.fill(number);
  return made;
}

// Made by main(), which has checked for root.
extern ScratchMachine* the_machine;

class ProgramTest : public ::testing::Test {
 protected:
  void SetUp() override { machine().Reset(); }
  static ScratchMachine& machine() { return *the_machine; }

  // Prepare and Propose, which must succeed.
  struct Proposal {
    Nonce nonce{};
    Commitment commitment{};
    TransactionId transaction{};
  };
  static Proposal ProposeFor(SetpwProcess& setpw, std::string_view account = "alice",
                             char transaction = 't', const char* password = kNewPassword) {
    Proposal made;
    made.transaction = TransactionNumber(transaction);
    const auto ready = setpw.Prepare(account);
    if (!ready || ready->type != FrameType::kReady || ready->payload.size() != 66) {
      throw std::runtime_error("not ready");
    }
    made.nonce = *FixedBytesFrom<kNonceBytes>(std::string_view(ready->payload).substr(32, 32));
    const auto proposed = setpw.Propose(made.transaction, password);
    if (!proposed || proposed->type != FrameType::kProposed) {
      throw std::runtime_error("not proposed");
    }
    made.commitment = FixedBytesFrom<kCommitmentBytes>(proposed->payload).value();
    return made;
  }
  static Permit PermitFor(const Proposal& proposal, std::string_view account = "alice") {
    return machine().PermitFor(account, proposal.nonce, proposal.commitment, proposal.transaction);
  }
  static std::string SignedFor(const Proposal& proposal, std::string_view account = "alice") {
    return machine().Signed(PermitFor(proposal, account));
  }
};

}  // namespace sspr::test
