// SPDX-License-Identifier: Apache-2.0
#include "service/operators/pages/hour_chart.h"

#include <algorithm>

namespace sspr::service {
namespace {

constexpr int kWidth = 480;
constexpr int kHeight = 120;
constexpr int kLeft = 34;
constexpr int kBottom = 18;
constexpr int kTop = 12;
constexpr int kLabelEvery = 6;  // hours
constexpr UnixSeconds kHour = 3600;
constexpr int kHoursOfDay = 24;

std::string Rect(const char* style, long long x, long long y, long long width, long long height) {
  return std::string("<rect class=\"") + style + "\" x=\"" + std::to_string(x) + "\" y=\"" +
         std::to_string(y) + "\" width=\"" + std::to_string(width) + "\" height=\"" +
         std::to_string(height) + "\"/>";
}

std::string Label(int x, int y, const char* anchor, const std::string& text) {
  return "<text x=\"" + std::to_string(x) + "\" y=\"" + std::to_string(y) + "\" text-anchor=\"" +
         anchor + "\">" + text + "</text>";
}

// At least one pixel, so that what happened is seen.
long long Length(long long count, long long most) {
  if (count <= 0) return 0;
  return std::max(1LL, count * (kHeight - kTop - kBottom) / most);
}

}  // namespace

std::string HourChart(const std::vector<HourBar>& bars) {
  long long most = 1;
  for (const HourBar& bar : bars) most = std::max(most, bar.good + bar.bad);
  std::string svg = "<svg viewBox=\"0 0 " + std::to_string(kWidth) + " " + std::to_string(kHeight) +
                    "\" aria-hidden=\"true\" focusable=\"false\">";
  const int count = std::max(1, static_cast<int>(bars.size()));
  const int step = (kWidth - kLeft) / count;
  const int floor = kHeight - kBottom;
  for (int i = 0; i < static_cast<int>(bars.size()); ++i) {
    const HourBar& bar = bars[static_cast<std::size_t>(i)];
    const int x = kLeft + i * step;
    const long long good = Length(bar.good, most);
    const long long bad = Length(bar.bad, most);
    if (good > 0) svg += Rect("bar", x + 1, floor - good, step - 3, good);
    if (bad > 0) svg += Rect("bar-bad", x + 1, floor - good - bad, step - 3, bad);
    const auto hour = static_cast<int>(bar.hour / kHour % kHoursOfDay);
    if (hour % kLabelEvery == 0) {
      svg += Label(x + step / 2, kHeight - 4, "middle",
                   (hour < 10 ? "0" : "") + std::to_string(hour) + ":00");
    }
  }
  svg += "<path class=\"axis\" d=\"M" + std::to_string(kLeft) + " " + std::to_string(floor) +
         ".5H" + std::to_string(kWidth) + "\"/>";
  svg += Label(kLeft - 5, kTop + 4, "end", std::to_string(most));
  svg += Label(kLeft - 5, floor, "end", "0");
  return svg + "</svg>";
}

}  // namespace sspr::service
