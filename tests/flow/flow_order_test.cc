// SPDX-License-Identifier: Apache-2.0
// Every order of events, from a generator: whatever comes in, the flow never does what it must not
// (flow_engine.h). A monitor of its own, which knows nothing of the engine's states, watches.
#include <gtest/gtest.h>

#include <functional>

#include "tests/flow/flow_samples.h"

namespace sspr {
namespace {

using namespace sample;  // NOLINT: the names are the vocabulary of this file
using Service = ServiceCall::Operation;
using Setpw = SetpwCall::Operation;

// One event and what the monitor has to know of it.
struct Step {
  const char* name;
  std::function<FlowEvent()> make;
};

std::vector<Step> Alphabet() {
  const auto service = [](const char* name, ServiceReply reply) {
    return Step{name, [reply] { return Say(reply); }};
  };
  const auto setpw = [](const char* name, SetpwReply reply) {
    return Step{name, [reply] { return Say(reply); }};
  };
  const auto type = [](const char* text) { return Step{text, [text] { return Type(text); }}; };
  Started resumed = StartedWith({Email()});
  resumed.resumed = true;
  resumed.gates->completed = 1;
  ServiceFeatures extended = Extended();
  extended.unlock_permits = true;
  SetpwReady of_directory;
  of_directory.of_directory = true;
  return {
      type(""),
      type("12345678"),
      type("n"),
      type(kGoodPassword),
      service("extended", extended),
      service("plain", ServiceFeatures{}),
      service("one method", StartedWith({Email()})),
      service("two methods", StartedWith({Email(), App()})),
      service("two gates", StartedWith({Email()}, 2)),
      service("no gates", StartedWith({Email()}, 0)),
      service("resumed past gates", resumed),
      service("mail sent", EmailChallenge()),
      service("proven", Proven()),
      service("rules", PasswordRules{}),
      service("set", Succeeded()),
      service("setting", InProgress()),
      service("polled set", PolledAs(SetState::kSucceeded)),
      service("polled failed", PolledAs(SetState::kFailed)),
      service("polled waiting", PolledAs(SetState::kInProgress)),
      service("known set", TransactionAs(SetState::kSucceeded)),
      service("known failed", TransactionAs(SetState::kFailed)),
      service("known none", TransactionAs(SetState::kNone)),
      service("wrong code", RefusedAs(Refused::Next::kTypeCodeAgain)),
      service("second gate", SecondGate({App()})),
      service("other password", RefusedAs(Refused::Next::kOtherPassword)),
      service("start again", RefusedAs(Refused::Next::kStartAgain)),
      service("failure", ServiceFailure::kTimedOut),
      setpw("nothing pending", PendingList{}),
      setpw("one pending", PendingList{{TransactionId{9}}}),
      setpw("resolved", PendingResolved{}),
      setpw("ready", SetpwReady{}),
      setpw("ready to unlock", of_directory),
      setpw("not local", SetpwRefused{RefusalReason::kNotLocal}),
      setpw("not permitted", SetpwRefused{RefusalReason::kNotPermitted}),
      setpw("proposed", SetpwProposed{}),
      setpw("rejected", SetpwRejected{RejectionReason::kTooWeak, ""}),
      setpw("committed", SetpwCommitted{}),
      setpw("commit failed", SetpwFailed{}),
      setpw("aborted", SetpwAborted{}),
      setpw("lost", SetpwLost{}),
      Step{"cancelled", [] { return Cancelled{}; }},
  };
}

// Judges actions by the events alone.
class Monitor {
 public:
  explicit Monitor(int min_gates) : min_gates_(min_gates) {}

  void BeforeEvent(const FlowEvent& event) {
    if (std::holds_alternative<Answered>(event) && open_questions_ > 0) --open_questions_;
    if (std::holds_alternative<Cancelled>(event) && !submit_unsettled_) {
      open_questions_ = 0;
      if (service_open_) call_open_ = false;
      service_open_.reset();
    }
    if (const auto* reply = std::get_if<ServiceReply>(&event)) Hear(*reply);
    if (const auto* reply = std::get_if<SetpwReply>(&event)) Hear(*reply);
  }

  // Whether the event is one that the engine waits for. Replies that nobody waits for all lead to
  // the same place, so that one of them stands for all further on.
  bool Expects(const FlowEvent& event) const {
    if (const auto* reply = std::get_if<ServiceReply>(&event)) {
      return service_open_ && Fits(*reply, *service_open_);
    }
    if (const auto* reply = std::get_if<SetpwReply>(&event)) {
      return setpw_open_ && Fits(*reply, *setpw_open_);
    }
    if (std::holds_alternative<Answered>(event)) return open_questions_ > 0;
    return true;
  }

  // Empty when every action is allowed.
  std::string Judge(const FlowActions& actions, const FlowEngine& engine) {
    std::string fault;
    for (std::size_t i = 0; i < actions.size() && fault.empty(); ++i) {
      if (done_) return "an action after Done";
      const bool last = i + 1 == actions.size();
      fault = std::visit([&](const auto& action) { return See(action, last); }, actions[i]);
    }
    if (fault.empty() && engine.over() != done_) return "over without Done, or Done without over";
    const bool stuck = !done_ && open_questions_ == 0 && !call_open_;
    if (fault.empty() && stuck) return "nothing is asked and nothing is called";
    return fault;
  }

 private:
  static bool Fits(const ServiceReply& reply, Service operation) {
    static constexpr Service kAnswers[] = {
        Service::kFeatures, Service::kStart,  Service::kChallenge, Service::kContinue,
        Service::kRules,    Service::kSubmit, Service::kPoll,      Service::kTransaction};
    return reply.index() >= std::size(kAnswers) || kAnswers[reply.index()] == operation;
  }
  static bool Fits(const SetpwReply& reply, Setpw operation) {
    static constexpr Setpw kAnswers[] = {
        Setpw::kListPending, Setpw::kResolve, Setpw::kPrepare, Setpw::kPrepare, Setpw::kRemember,
        Setpw::kPropose,     Setpw::kPropose, Setpw::kCommit,  Setpw::kCommit,  Setpw::kAbort};
    return reply.index() >= std::size(kAnswers) || kAnswers[reply.index()] == operation;
  }

  void Hear(const ServiceReply& reply) {
    if (!service_open_) return;
    const Service operation = *service_open_;
    service_open_.reset();
    call_open_ = false;
    if (const auto* started = std::get_if<Started>(&reply);
        started && operation == Service::kStart) {
      if (started->gates) {
        required_ = started->gates->required;
        passed_ = started->gates->completed;
      }
    }
    const auto* refused = std::get_if<Refused>(&reply);
    if (operation == Service::kContinue) {
      if (std::holds_alternative<Continued>(reply)) ++passed_;
      if (refused && refused->next == Refused::Next::kPassSecondGate) {
        ++passed_;
        required_ = std::max(required_, refused->gates->required);
      }
    }
    if (operation == Service::kSubmit) {
      if (const auto* set = std::get_if<Submitted>(&reply))
        succeeded_ |= set->state == SetState::kSucceeded;
      if (refused) submit_unsettled_ = false;
    }
    if (operation == Service::kPoll) {
      if (const auto* polled = std::get_if<Polled>(&reply)) Settle(polled->state);
      if (refused && refused->next == Refused::Next::kOtherPassword) submit_unsettled_ = false;
    }
    if (operation == Service::kTransaction && submit_unsettled_) {
      if (const auto* known = std::get_if<TransactionState>(&reply)) Settle(known->state);
    }
  }

  void Settle(SetState state) {
    if (state == SetState::kSucceeded) succeeded_ = true;
    if (state == SetState::kFailed) submit_unsettled_ = false;
  }

  void Hear(const SetpwReply& reply) {
    if (!setpw_open_) return;
    const Setpw operation = *setpw_open_;
    setpw_open_.reset();
    call_open_ = false;
    if (operation == Setpw::kPrepare) {
      const auto* ready = std::get_if<SetpwReady>(&reply);
      local_ = ready != nullptr && !ready->of_directory;
    }
    if (operation == Setpw::kPropose) proposed_ = std::holds_alternative<SetpwProposed>(reply);
    if (operation == Setpw::kCommit) committed_ = std::holds_alternative<SetpwCommitted>(reply);
  }

  std::string Frame() const {
    return open_questions_ > 0 ? "a frame while a question is open" : "";
  }

  std::string See(const Show&, bool) { return Frame(); }
  std::string See(const ShowCode&, bool) { return Frame(); }
  std::string See(const Wait&, bool) { return Frame(); }
  std::string See(const Ask& ask, bool) {
    const std::string fault = Frame();
    ++open_questions_;
    ++asked_;
    last_hidden_ = ask.hidden;
    return fault;
  }
  std::string See(const Choose&, bool) {
    const std::string fault = Frame();
    ++open_questions_;
    ++asked_;
    last_hidden_ = false;
    return fault;
  }
  std::string See(const Done& done, bool) {
    const std::string fault = Frame();
    done_ = true;
    if (done.outcome == Outcome::kPasswordSet) {
      if (!succeeded_) return "set without the service's word";
      if (local_ && !committed_) return "set, but not on this machine";
      if (done.answer + 1 != asked_ || !last_hidden_) return "another answer than the last one";
    } else if (done.answer != kNoAnswer) {
      return "an answer with nothing set";
    }
    return fault;
  }
  std::string See(const ServiceCall& call, bool last) {
    if (call_open_ || !last) return "a call that is not the last action";
    call_open_ = true;
    service_open_ = call.operation;
    if (call.operation != Service::kSubmit) return "";
    if (submit_unsettled_) return "submitted again before the first one was settled";
    if (passed_ < required_ || passed_ < min_gates_) return "submitted before the proofs";
    if (local_ && !proposed_) return "submitted before it was journaled";
    if (local_ && !call.commitment) return "submitted without the commitment";
    submit_unsettled_ = true;
    proposed_ = false;
    return "";
  }
  std::string See(const SetpwCall& call, bool last) {
    if (call_open_ || !last) return "a call that is not the last action";
    call_open_ = true;
    setpw_open_ = call.operation;
    const bool acts = call.operation == Setpw::kCommit || call.operation == Setpw::kUnlock;
    if (acts && (!succeeded_ || !call.permit)) {
      return "committed or unlocked without the service's word";
    }
    if (call.operation == Setpw::kAbort && submit_unsettled_) return "aborted after the submit";
    return "";
  }

  int min_gates_;
  int open_questions_ = 0;
  int asked_ = 0;
  bool last_hidden_ = false;
  bool call_open_ = false;
  std::optional<Service> service_open_;
  std::optional<Setpw> setpw_open_;
  int required_ = 1;
  int passed_ = 0;
  bool local_ = false;
  bool proposed_ = false;
  bool succeeded_ = false;
  bool committed_ = false;
  bool submit_unsettled_ = false;
  bool done_ = false;
};

class Explorer {
 public:
  Explorer(std::vector<std::string> prefix, bool in_local_files)
      : alphabet_(Alphabet()), in_local_files_(in_local_files) {
    for (const std::string& name : prefix) path_.push_back(Find(name));
  }

  void Explore(int depth) {
    ASSERT_EQ(Replay(), Verdict::kGoesOn) << "the prefix: " << Told();
    Deeper(depth);
  }
  std::size_t orders() const { return orders_; }

 private:
  enum class Verdict { kGoesOn, kOver, kFault };

  std::size_t Find(const std::string& name) const {
    for (std::size_t i = 0; i < alphabet_.size(); ++i) {
      if (name == alphabet_[i].name) return i;
    }
    ADD_FAILURE() << name;
    return 0;
  }

  void Deeper(int depth) {
    if (depth == 0) return;
    bool stranger_followed[3] = {false, false, false};
    for (std::size_t i = 0; i < alphabet_.size(); ++i) {
      path_.push_back(i);
      ++orders_;
      const Verdict verdict = Replay();
      ASSERT_NE(verdict, Verdict::kFault) << fault_ << " after " << Told();
      bool follow = verdict == Verdict::kGoesOn;
      if (!expected_) {
        bool& followed = stranger_followed[last_index_ % 3];
        follow = follow && !followed;
        followed = followed || follow;
      }
      if (follow) Deeper(depth - 1);
      if (::testing::Test::HasFatalFailure()) return;
      path_.pop_back();
    }
  }

  Verdict Replay() {
    FlowEngine engine;
    Monitor monitor(1);
    std::chrono::milliseconds now{0};
    fault_ = monitor.Judge(engine.On(Begun{"alice", "alice", in_local_files_, 1}, now), engine);
    for (const std::size_t step : path_) {
      FlowEvent event = alphabet_[step].make();
      expected_ = monitor.Expects(event);
      last_index_ = event.index();
      monitor.BeforeEvent(event);
      now += std::chrono::milliseconds(400);
      fault_ = monitor.Judge(engine.On(std::move(event), now), engine);
      if (!fault_.empty()) return Verdict::kFault;
    }
    return engine.over() ? Verdict::kOver : Verdict::kGoesOn;
  }

  std::string Told() const {
    std::string told = in_local_files_ ? "[local] " : "[directory] ";
    for (const std::size_t step : path_) told += std::string("\"") + alphabet_[step].name + "\" ";
    return told;
  }

  std::vector<Step> alphabet_;
  bool in_local_files_;
  std::vector<std::size_t> path_;
  std::size_t orders_ = 0;
  bool expected_ = true;  // of the last step that was replayed
  std::size_t last_index_ = 0;
  std::string fault_;
};

struct Beginning {
  const char* name;
  int depth;
  std::vector<std::string> prefix;
};

const std::vector<std::string> kOpenLocal = {"nothing pending", "ready", "extended"};
const std::vector<std::string> kOpenDirectory = {"nothing pending", "not local", "extended"};
const std::vector<std::string> kOpenToUnlock = {"nothing pending", "ready to unlock", "extended"};

std::vector<std::string> Join(std::vector<std::string> first,
                              const std::vector<std::string>& rest) {
  first.insert(first.end(), rest.begin(), rest.end());
  return first;
}

const std::vector<std::string> kToPassword = {"one method", "", "mail sent", "12345678", "proven"};
const std::vector<std::string> kToSubmit =
    Join(kToPassword, {kGoodPassword, kGoodPassword, "proposed"});

class FlowOrder : public ::testing::TestWithParam<Beginning> {};

TEST_P(FlowOrder, KeepsItsPromisesInEveryOrderOfEvents) {
  for (const bool local : {true, false}) {
    Explorer explorer(GetParam().prefix, local);
    // A directory account has fewer things to go wrong in the same states.
    explorer.Explore(local ? GetParam().depth : GetParam().depth - 1);
    if (HasFatalFailure()) return;
    RecordProperty(local ? "orders_local" : "orders_directory",
                   static_cast<int>(explorer.orders()));
    EXPECT_GT(explorer.orders(), 100u);
  }
}

INSTANTIATE_TEST_SUITE_P(
    From, FlowOrder,
    ::testing::Values(
        Beginning{"TheBeginning", 6, {}}, Beginning{"Started", 5, kOpenLocal},
        Beginning{"SecondGate", 5,
                  Join(kOpenDirectory, {"two gates", "", "mail sent", "12345678", "second gate"})},
        Beginning{"NewPassword", 4, Join(kOpenLocal, kToPassword)},
        Beginning{"Submitted", 3, Join(kOpenLocal, kToSubmit)},
        Beginning{"SubmittedOfDirectory", 3,
                  Join(kOpenToUnlock, Join(kToPassword, {kGoodPassword, kGoodPassword}))},
        Beginning{"Polling", 3, Join(kOpenLocal, Join(kToSubmit, {"setting"}))},
        Beginning{"LostAnswer", 3, Join(kOpenLocal, Join(kToSubmit, {"failure"}))}),
    [](const auto& parameter) { return std::string(parameter.param.name); });

}  // namespace
}  // namespace sspr
