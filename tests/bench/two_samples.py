# SPDX-License-Identifier: Apache-2.0
"""Two samples of times: can anybody tell them apart? Mann-Whitney for a shift, Kolmogorov-Smirnov for any
other difference, and how large the difference is; no numeric library needed."""
import math


def mann_whitney(first, second):
    """(p of two sides, share of pairs in which the second is larger: 0.5 means no difference)."""
    n, m = len(first), len(second)
    pooled = sorted([(value, 0) for value in first] + [(value, 1) for value in second])
    rank_sum = 0.0
    ties = 0
    start = 0
    while start < len(pooled):
        end = start
        while end < len(pooled) and pooled[end][0] == pooled[start][0]:
            end += 1
        count = end - start
        ties += count ** 3 - count
        rank = (start + 1 + end) / 2
        rank_sum += rank * sum(owner for _, owner in pooled[start:end])
        start = end
    larger = rank_sum - m * (m + 1) / 2
    total = n + m
    variance = n * m / 12 * (total + 1 - ties / (total * (total - 1)))
    if variance <= 0:
        return 1.0, 0.5
    z = (abs(larger - n * m / 2) - 0.5) / math.sqrt(variance)
    return math.erfc(max(z, 0) / math.sqrt(2)), larger / (n * m)


def kolmogorov_smirnov(first, second):
    """(p, largest distance of the distributions)."""
    first, second = sorted(first), sorted(second)
    n, m = len(first), len(second)
    i = j = 0
    distance = 0.0
    while i < n and j < m:
        value = min(first[i], second[j])
        while i < n and first[i] == value:
            i += 1
        while j < m and second[j] == value:
            j += 1
        distance = max(distance, abs(i / n - j / m))
    root = math.sqrt(n * m / (n + m))
    scaled = (root + 0.12 + 0.11 / root) * distance
    if scaled < 0.3:
        return 1.0, distance
    p = 2 * sum((-1) ** (k - 1) * math.exp(-2 * (k * scaled) ** 2) for k in range(1, 101))
    return min(max(p, 0.0), 1.0), distance


def holm(p_values):
    """The same corrected for their number (Holm), in the same order."""
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    corrected = [0.0] * len(p_values)
    highest = 0.0
    for position, index in enumerate(order):
        highest = max(highest, min(1.0, (len(order) - position) * p_values[index]))
        corrected[index] = highest
    return corrected
