// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cerrno>

#include "common/base/frame.h"
#include "common/base/setpw_frames.h"
#include "pam_module/doctor/live_checks.h"
#include "pam_module/machine/machine_files.h"
#include "pam_module/module/flow_socket.h"

namespace sspr::doctor {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAnswerLimit{10'000};
// Never reset, whatever is configured: sspr-flow says so and asks nobody.
constexpr char kProbeUser[] = "root";
constexpr char kProbeService[] = "sspr-doctor";

std::string Begin() {
  FrameWriter frame(FrameType::kBegin);
  frame.PutU8(kFrameVersion);
  frame.PutU8(0);
  frame.PutString(kProbeService);
  frame.PutString(kProbeUser);
  frame.PutString("en");
  frame.PutString("");
  return std::string(frame.Encoded());
}

// The first frame that answers, or nothing.
std::optional<Frame> Exchange(const std::string& path, const std::string& request) {
  FlowSocket socket;
  if (!socket.Connect(path.c_str())) return std::nullopt;
  Frame frame;
  if (socket.Send(request, kAnswerLimit)) return Frame{FrameType::kCancel, {}};
  if (socket.Receive(frame, kAnswerLimit)) return Frame{FrameType::kCancel, {}};
  return frame;
}

}  // namespace

void CheckFlowSocket(const MachineView& view, const std::string& path, Report& report) {
  const std::optional<Frame> answer = Exchange(view.At(path), Begin());
  if (!answer) {
    const bool there = LookAt(view.At(path)).has_value();
    report.Add(FindingId::kFlowSocket, Level::kFault, path,
               there ? "nobody listens at the socket, or one who is neither root nor you"
                     : "the socket of sspr-flow is not there, so no reset begins",
               "systemctl enable --now sspr-flow.socket");
    return;
  }
  const bool answers = answer->type == FrameType::kDone || answer->type == FrameType::kError ||
                       answer->type == FrameType::kInfo;
  report.Add(FindingId::kFlowSocket, answers ? Level::kGood : Level::kFault, path,
             answers ? "sspr-flow answers" : "sspr-flow takes the connection and does not answer",
             answers ? "" : "read its messages: journalctl -t sspr-flow");
}

void CheckSetpwSocket(const MachineView& view, const Machine& machine, Report& report) {
  const std::string& path = machine.client.setpw_socket;
  if (geteuid() != view.administrator()) {
    report.Add(FindingId::kSetpwSocket, Level::kNote, path,
               "whether sspr-setpw answers can be seen by root alone", "run sspr-doctor as root");
    return;
  }
  FrameWriter list(FrameType::kListPending);
  std::optional<Frame> answer = Exchange(view.At(path), std::string(list.Encoded()));
  if (!answer) {
    const bool needed = LookAt(machine.PermitKeyFile()).has_value();
    report.Add(FindingId::kSetpwSocket, needed ? Level::kFault : Level::kNote, path,
               "nobody listens at the socket of sspr-setpw, so no account of this machine is reset",
               "systemctl enable --now sspr-setpw.socket");
    return;
  }
  if (answer->type != FrameType::kPending) {
    report.Add(FindingId::kSetpwSocket, Level::kFault, path,
               "sspr-setpw takes the connection and does not answer",
               "read its messages: journalctl -t sspr-setpw");
    return;
  }
  report.Add(FindingId::kSetpwSocket, Level::kGood, path, "sspr-setpw answers");
  FieldReader fields(answer->payload.Reveal());
  if (const int open = fields.U8(); open > 0) {
    report.Add(FindingId::kOpenResets, Level::kWarning, path,
               std::to_string(open) + " reset(s) were cut off and are still open",
               "sspr-flow --recover asks the service what became of them and finishes them");
  }
}

}  // namespace sspr::doctor
