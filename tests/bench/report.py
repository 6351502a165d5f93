# SPDX-License-Identifier: Apache-2.0
"""Tables and goals, as text for people and as values for results.json."""


def table(headings, rows):
    """Columns as wide as their widest cell; the first to the left, figures to the right."""
    cells = [headings] + [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headings))]
    lines = []
    for row in cells:
        lines.append("  ".join(cell.ljust(width) if column == 0 else cell.rjust(width)
                               for column, (cell, width) in enumerate(zip(row, widths))).rstrip())
    lines.insert(1, "-" * max(len(line) for line in lines))
    return "\n".join(lines)


def millions(instructions):
    return f"{instructions / 1e6:.3f} M"


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _figure(value):
    if isinstance(value, int):
        return str(value)
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"


class Goals:
    """What was promised beside what was seen; bench.py ends with them."""

    def __init__(self):
        self.rows = []

    def at_most(self, name, goal, seen, unit=""):
        self._add(name, f"<= {goal:g}{unit}", f"{_figure(seen)}{unit}", seen <= goal)

    def at_least(self, name, goal, seen, unit=""):
        self._add(name, f">= {goal:g}{unit}", f"{_figure(seen)}{unit}", seen >= goal)

    def exactly(self, name, goal, seen):
        self._add(name, str(goal), str(seen), goal == seen)

    def about(self, name, goal, tolerance, seen, unit):
        self._add(name, f"{goal:g}{unit}", f"{_figure(seen)}{unit}", abs(seen - goal) <= tolerance)

    def not_measured(self, name, goal, reason):
        self._add(name, goal, reason, False)

    def _add(self, name, goal, seen, reached):
        self.rows.append({"goal": name, "wanted": goal, "seen": seen, "reached": reached})

    def text(self):
        return table(["goal", "wanted", "seen", ""],
                     [[row["goal"], row["wanted"], row["seen"],
                       "ok" if row["reached"] else "MISSED"] for row in self.rows])

    def missed(self):
        return [row["goal"] for row in self.rows if not row["reached"]]
