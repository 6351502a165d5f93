// SPDX-License-Identifier: Apache-2.0
#include "service/api/risk_endpoint.h"

#include <charconv>
#include <optional>
#include <system_error>

namespace sspr::service {

Answer ReportRisk(Call& call) {
  const Form::SecretField& secret = call.form.FindSecret("client_secret");
  if (secret.state != Form::SecretState::kFits) return BadParameter("client_secret");
  RiskReport report{.username = std::string(call.form.Find("username")),
                    .level = RiskLevel::kNone,
                    .detail = std::string(call.form.Find("risk_detail")),
                    .report_id = std::string(call.form.Find("report_id"))};
  const std::string_view at = call.form.Find("occurred_at");
  const auto [end, fault] = std::from_chars(at.data(), at.data() + at.size(), report.occurred_at);
  const bool is_time =
      fault == std::errc() && end == at.data() + at.size() && report.occurred_at > 0;
  if (!at.empty() && !is_time) return BadParameter("occurred_at");
  if (report.username.empty()) return BadParameter("username");
  const std::optional<RiskLevel> level = RiskLevelOf(call.form.Find("risk_level"));
  if (!level) return BadParameter("risk_level");
  report.level = *level;
  return AnswerFrom(call.engine.ReportRisk(call.caller, secret.value, report), Area::kReset,
                    [](const RiskReply& reply) {
                      Json::Value object(Json::objectValue);
                      object["risk_level"] = std::string(Name(reply.level));
                      return object;
                    });
}

}  // namespace sspr::service
