// SPDX-License-Identifier: Apache-2.0
#include "common/client/flow_session.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "common/client/kiosk_rules.h"
#include "common/client/qr_code.h"

namespace sspr {
namespace {

constexpr int kLongestSilenceSeconds = 5;  // between two kWait

template <typename... Parts>
struct Overloaded : Parts... {
  using Parts::operator()...;
};
template <typename... Parts>
Overloaded(Parts...) -> Overloaded<Parts...>;

}  // namespace

FlowSession::FlowSession(HostLink& host, ServiceClient& service, SetpwLink& setpw,
                         const Texts& texts, const Clock& clock, const MachineLog& log,
                         std::string shown_name)
    : host_(host),
      service_(service),
      setpw_(setpw),
      texts_(texts),
      clock_(clock),
      log_(log),
      shown_name_(std::move(shown_name)) {}

void FlowSession::Run(Begun begun) {
  Perform(Tell(std::move(begun)));
  while (!engine_.over()) {
    std::optional<FlowEvent> event = NextEvent();
    if (!event) return;
    Perform(Tell(std::move(*event)));
  }
}

FlowActions FlowSession::Tell(FlowEvent event) {
  FlowActions actions = engine_.On(std::move(event), clock_.Monotonic());
  host_.Watch(!engine_.past_return());
  return actions;
}

void FlowSession::Perform(FlowActions actions) {
  for (FlowAction& action : actions) {
    if (std::holds_alternative<ServiceCall>(action) || std::holds_alternative<SetpwCall>(action)) {
      open_call_ = std::move(action);
    } else {
      Do(action);
    }
  }
}

// An answer that is there already goes first: the engine may want to end, or to say that it takes a
// moment. Nothing: there is no call to make and no answer to wait for, which is the end.
std::optional<FlowEvent> FlowSession::NextEvent() {
  if (host_.gone() && engine_.question_open()) return Cancelled{};
  if (!open_call_) {
    if (engine_.question_open()) return ReadAnswer();
    log_.Fault(LogId::kInternalFault, "the flow has come to a halt");
    return std::nullopt;
  }
  if (engine_.question_open() && host_.Readable()) return ReadAnswer();
  const FlowAction call = *std::exchange(open_call_, std::nullopt);
  if (const auto* service_call = std::get_if<ServiceCall>(&call)) return CallService(*service_call);
  return setpw_.Call(std::get<SetpwCall>(call), engine_.new_password());
}

FlowEvent FlowSession::CallService(const ServiceCall& call) {
  Delay(call.delay_seconds);
  std::optional<ServiceReply> reply = service_.Call(call, engine_.code(), engine_.new_password());
  if (reply && kiosk_) RestrictToKiosk(*kiosk_, *reply);
  if (reply) return std::move(*reply);
  if (engine_.past_return()) return ServiceReply{ServiceFailure::kUnreachable};
  return Cancelled{};
}

void FlowSession::Delay(int seconds) {
  while (seconds > 0) {
    const int piece = std::min(seconds, kLongestSilenceSeconds);
    std::this_thread::sleep_for(std::chrono::seconds(piece));
    KeepHostWaiting();
    seconds -= piece;
  }
}

void FlowSession::KeepHostWaiting() {
  if (!engine_.question_open()) host_.SendText(FrameType::kWait, "");
}

FlowEvent FlowSession::ReadAnswer() {
  // The host cannot be interrupted while it asks; it finds the end when somebody answers.
  if (kiosk_ && !host_.ReadableWithin(kiosk_->idle)) {
    idle_ = true;
    log_.Info(LogId::kIdle, "nobody answered for " + std::to_string(kiosk_->idle.count()) + " s");
    return Cancelled{};
  }
  std::optional<Frame> frame = host_.Receive(std::nullopt);
  if (!frame || frame->type == FrameType::kCancel) return Cancelled{};
  FieldReader fields(frame->payload.Reveal());
  const unsigned index = fields.U16();
  std::optional<Secret> text = Secret::CopyOf(fields.Rest());
  const bool sound = frame->type == FrameType::kAnswer && fields.Complete() && text &&
                     index + 1 == questions_ && text->Reveal().find('\0') == std::string_view::npos;
  if (!sound) {
    log_.Warning(LogId::kHostBrokeProtocol, "the host of the login broke the protocol");
    return Cancelled{};
  }
  return Answered{std::move(*text)};
}

void FlowSession::Do(const FlowAction& action) {
  std::visit(Overloaded{
                 [&](const Show& show) {
                   host_.SendText(show.is_error ? FrameType::kError : FrameType::kInfo,
                                  texts_.Say(show.text));
                 },
                 [&](const Ask& ask) {
                   ++questions_;
                   host_.SendText(ask.hidden ? FrameType::kAskHidden : FrameType::kAskVisible,
                                  texts_.Say(ask.prompt));
                 },
                 [&](const Choose& choose) { SendChoose(choose); },
                 [&](const ShowCode& code) { SendCode(code); },
                 [&](const Wait& wait) { host_.SendText(FrameType::kWait, texts_.Say(wait.text)); },
                 [&](const Done& done) { SendDone(done); },
                 [](const ServiceCall&) {},
                 [](const SetpwCall&) {},
             },
             action);
}

void FlowSession::SendChoose(const Choose& choose) {
  ++questions_;
  FrameWriter frame(FrameType::kChoose);
  frame.PutString(texts_.Say(choose.text));
  frame.PutU8(static_cast<std::uint8_t>(choose.labels.size()));
  for (const Text& label : choose.labels) frame.PutString(texts_.Say(label));
  host_.Send(frame);
}

// The words were shown; without the picture the person types what they say.
void FlowSession::SendCode(const ShowCode& code) {
  const std::optional<QrCode> drawn = MakeQrCode(code.content);
  if (!drawn) return;
  FrameWriter frame(FrameType::kCode);
  frame.PutU8(drawn->side);
  frame.PutBytes(drawn->bits);
  host_.Send(frame);
}

void FlowSession::SendDone(const Done& done) {
  if (done.outcome == Outcome::kPasswordSet && before_set_) before_set_();
  FrameWriter frame(FrameType::kDone);
  frame.PutU8(static_cast<std::uint8_t>(done.outcome));
  frame.PutU16(done.answer);
  frame.PutString(texts_.Say(idle_ ? Text{TextId::kExpired} : done.text));
  host_.Send(frame);
  // In one language, for whoever reads the log; the words of an end hold nothing that was typed.
  log_.Info(LogId::kFlowEnded,
            "reset for " + shown_name_ + ": " + Texts(Language::kEnglish, "", "").Say(done.text));
}

}  // namespace sspr
