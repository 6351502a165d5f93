// SPDX-License-Identifier: Apache-2.0
// The flow of a reset, from the first question to the last frame: events in, actions out. Pure: no
// sockets, no clock, no operating system, so that every order of events can be tried.
//
// What it holds to, whatever comes in: nothing is submitted before every proof was given and, for a
// local account, sspr-setpw journaled the new password; the local password is committed only after
// the service said "succeeded" and gave a permit; one Done, and it is the last action; no frame to
// the host while a question is open. docs/frames.md is the host's side of it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>

#include "common/base/secret.h"
#include "common/flow/flow_io.h"
#include "common/flow/service_values.h"
#include "common/flow/text_id.h"

namespace sspr {

class FlowEngine {
 public:
  // The actions that follow, to be done in order. now is monotonic and never goes back.
  FlowActions On(FlowEvent event, std::chrono::milliseconds now);

  // The code of an open kContinue; the password of an open kPropose or kSubmit, the old one of an
  // open kRemember.
  const Secret& code() const noexcept { return code_; }
  const Secret& new_password() const noexcept { return password_; }

  // A question was asked and not answered yet.
  bool question_open() const noexcept { return question_open_; }
  // The new password is on its way: from here on the flow is finished even if the host goes away.
  bool past_return() const noexcept { return submitted_; }
  bool over() const noexcept { return state_ == State::kOver; }

 private:
  enum class State {
    kIdle,
    kConfirm,
    kChoosing,
    kOfferSend,  // asked whether to send the second code
    kSending,    // the code is being sent, nothing is asked
    kCode,
    kChecking,
    kApproving,    // asked to press Enter when the number is typed on the phone
    kHandingOff,   // the same, when the proofs are given there
    kPhoneWaited,  // nothing is asked: the phone is waited for
    kConsent,      // asked whether to go on although a home stays closed
    kOldPassword,  // asked for the one that was forgotten, should it come to mind
    kNewPassword,
    kRepeat,
    kUnlockOrReset,  // asked which of the two
    kRestarting,     // a flow of the chosen kind is begun
    kSetting,        // proposed, submitted, polled, committed
    kUnlocking,
    kAborting,
    kOver,
  };
  using OpenCall = std::variant<std::monostate, ServiceCall::Operation, SetpwCall::Operation>;

  // flow_engine.cc
  void Take(Begun event);
  void Take(Answered event);
  void Take(ServiceReply event);
  void Take(SetpwReply event);
  void Take(Cancelled event);
  void Answer(const Secret& text);
  void AnswerStashed();
  void AskFor(Ask ask);
  void AskFor(Choose choose);
  bool MayAsk();
  void Call(ServiceCall call);
  void Call(SetpwCall call);
  void Stop(Text why);
  void End(Done done);
  void OnAborted();

  // opening_steps.cc: everything that happens behind the first question
  void OnPending(PendingList list);
  void OnPendingVerdict(const TransactionState& state);
  void NextPending();
  void Prepare();
  void OnReady(const SetpwReady& ready);
  void OnNotPrepared(RefusalReason reason);
  void OnSetpwMissing();
  void OnFeatures(const ServiceFeatures& features);
  void Start();
  void OnStarted(Started started);
  void OnRules(PasswordRules rules);
  void Confirmed(const Secret& text);
  void Proceed();
  void AskConfirm();

  // unlock_steps.cc
  bool OffersUnlock() const;
  void AskUnlockOrReset();
  void UnlockOrReset(const Secret& text);
  void UnlockWanted();
  void Restart();
  void Unlock();
  void OnUnlockState(SetState state, const std::optional<PermitBytes>& permit);
  void Unlocked();
  std::optional<LocalSet> WantedPermit() const;
  void ClearLockout(const PermitBytes& permit);
  void OnLockoutCleared(bool cleared);

  // gate_steps.cc
  void BeginGate(bool after_code);
  void ChooseMethod();
  void MethodChosen(const Secret& text);
  void BeginMethod(const Method& method);
  void SendCode();
  void OnChallenge(Challenge challenge);
  void AskCode();
  void CodeTyped(const Secret& text);
  void Resend();
  void OtherWay();
  void OnContinued(Continued continued);
  void OnWrongCode(const Refused& refused);
  void OnSecondGate(const Refused& refused);
  bool HasOtherWay() const;

  // phone_steps.cc
  bool CanHandOff() const;
  void AskApproved();
  void BeginHandOff();
  void OnHandOff(HandOffOffer offer);
  void AskHandedOff();
  void DoneOnPhone(const Secret& text);
  void AskPhone(int delay_seconds);
  void OnPhoneWait(bool slower);
  void OnPhoneSaidNo(bool silent);
  void OfferOtherWays();

  // old_secret_steps.cc
  void BeginOldSecrets();
  void AskOldPassword();
  void OldPasswordTyped(const Secret& text);
  void OnRemembered(const SetpwRemembered& remembered);
  void AskConsent();
  void ConsentTyped(const Secret& text);
  void LeaveOldSecrets();
  Text FarewellFor(const SettledSecrets& settled) const;

  // password_steps.cc
  void BeginPassword();
  void AskPassword();
  void PasswordTyped(const Secret& text);
  void PasswordRepeated(const Secret& text);
  void PasswordRefused(Text why);
  void OnProposed(const SetpwProposed& proposed);
  void OnRejected(const SetpwRejected& rejected);
  void Submit();
  void OnSubmitted(Submitted submitted);
  void OnPolled(const Polled& polled);
  void OnTransaction(const TransactionState& state);
  void OnSetRefused(const Refused& refused);
  void OnSetFailure();
  void Poll();
  void AskTransaction(int delay_seconds);
  void Unknown();
  void Succeeded(const std::optional<PermitBytes>& permit);
  void OnCommitFailed(FailureReason reason);
  void NotSet(Text why);

  State state_ = State::kIdle;
  FlowActions out_;
  std::chrono::milliseconds now_{0};
  OpenCall call_;
  bool question_open_ = false;
  int questions_ = 0;
  std::optional<Answered> stash_;  // an answer that came before the call behind it was done
  std::optional<Done> deferred_;   // an end that waits for the open question to be answered

  Begun begun_;
  std::vector<TransactionId> pending_;
  std::optional<ServiceFeatures> features_;
  std::optional<LocalSet> local_;
  // Of an account of the directory: what a permit to forget its failed logins here names.
  std::optional<LocalSet> lockout_;
  bool locked_out_ = false;  // by failed logins at this machine
  bool unlock_ = false;      // what the person chose
  bool started_ = false;     // the service has answered /start
  std::string token_;
  std::optional<TransactionId> transaction_;

  std::vector<Method> methods_;
  std::optional<Method> method_;  // absent on a plain V1 server
  int required_ = 1;
  int completed_ = 0;
  Challenge challenge_;
  bool challenge_is_live_ = false;  // a resumed flow's: no new code is needed
  std::chrono::milliseconds sent_at_{0};
  Secret code_;
  HandOffOffer hand_off_;
  bool handed_off_ = false;  // waited for is a hand-off, not an approval
  int phone_poll_seconds_ = 1;
  int phone_waited_seconds_ = 0;

  unsigned secrets_ = kNoSecrets;  // OldSecrets that nothing will open but the old password
  bool secrets_told_ = false;
  bool consented_ = false;
  bool gave_up_old_ = false;  // the consent was asked for behind the old password
  int old_tries_ = 0;

  PasswordRules rules_;
  Secret first_;
  Secret password_;
  std::uint16_t password_answer_ = kNoAnswer;
  std::optional<std::array<unsigned char, kCommitmentBytes>> commitment_;
  std::string poll_token_;
  int poll_seconds_ = 1;
  int waited_seconds_ = 0;
  int transaction_tries_ = 0;
  bool journal_open_ = false;  // sspr-setpw holds an entry of this flow
  bool submitted_ = false;     // the service may have set the password
  Text final_text_;            // of an end that waits for kAborted
};

}  // namespace sspr
