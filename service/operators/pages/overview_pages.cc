// SPDX-License-Identifier: Apache-2.0
// What an operator sees first: what waits, and the figures of the last day.
#include <algorithm>
#include <array>

#include "service/operators/pages/admin_site.h"
#include "service/operators/pages/hour_chart.h"

namespace sspr::service {
namespace {

constexpr int kHours = 24;

struct ChartOf {
  const char* key;
  long long HourFigures::*good;
  long long HourFigures::*bad;
};

constexpr auto kCharts = std::to_array<ChartOf>({
    {"overview.resets", &HourFigures::resets_succeeded, &HourFigures::resets_failed},
    {"overview.started", &HourFigures::resets_started, nullptr},
    {"overview.proofs", &HourFigures::proofs_passed, &HourFigures::proofs_failed},
    {"overview.sign_ins", &HourFigures::sign_ins, &HourFigures::sign_ins_failed},
    {"overview.changes", &HourFigures::admin_changes, &HourFigures::limits_hit},
});

PageData ChartData(AdminHost& admin, const AdminVisit& visit, const ChartOf& chart,
                   const std::vector<HourFigures>& hours) {
  std::vector<HourBar> bars;
  long long good = 0;
  long long bad = 0;
  for (const HourFigures& hour : hours) {
    const HourBar bar{.hour = hour.hour,
                      .good = hour.*chart.good,
                      .bad = chart.bad != nullptr ? hour.*chart.bad : 0};
    good += bar.good;
    bad += bar.bad;
    bars.push_back(bar);
  }
  PageData data = MakeObject();
  data.set("label", admin.Text(visit, chart.key));
  data.set("good", std::to_string(good));
  data.set("bad", std::to_string(bad));
  data.set("two", chart.bad != nullptr);
  data.set("svg", HourChart(bars));
  return data;
}

HttpReply ShowOverview(AdminHost& admin, AdminVisit& visit, Figures& figures) {
  PageData data = MakeObject();
  const auto requests = visit.desk.Requests();
  if (!requests.ok()) return admin.Fault(visit, requests.error());
  const auto hours = figures.LastHours(kHours);
  if (!hours.ok()) return admin.Fault(visit, hours.error());
  const auto waiting =
      std::ranges::count_if(*requests, [&admin](const OperatorRequestRecord& request) {
        return request.state == OperatorRequestState::kOpen &&
               admin.Now() - request.asked_at < kRequestLifeSeconds;
      });
  data.set("waiting", std::to_string(waiting));
  PageData charts = MakeList();
  for (const ChartOf& chart : kCharts) charts << ChartData(admin, visit, chart, *hours);
  data.set("charts", charts);
  return admin.Page(visit, "overview", std::move(data));
}

}  // namespace

void AddOverviewPages(AdminHost& admin, Figures& figures) {
  admin.OnGet("", OperatorAction::kSeeFigures, [&admin, &figures](AdminVisit& visit) {
    return ShowOverview(admin, visit, figures);
  });
}

}  // namespace sspr::service
