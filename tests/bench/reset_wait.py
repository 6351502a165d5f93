# SPDX-License-Identifier: Apache-2.0
"""A scripted reset: what a person waits after each Enter, and what they wait for."""

import pathlib
import threading
import time
from dataclasses import asdict, dataclass

import frames

# A person reads and types for longer than this before each Enter; what can be fetched meanwhile is.
PAUSE_SECONDS = 1.5
MAIL_SECONDS = 30


@dataclass
class Step:
    """From one Enter to the next question."""
    answered: str       # the question that the Enter was for
    waited_ms: float    # until the next question, or the end of the flow
    network_ms: float   # of that: bytes were under way, in either direction
    service_ms: float   # of that: the service was at work
    exchanges: int      # round trips that touched the wait


def _overlap(spans, start, end):
    """Milliseconds of [start, end] that the spans cover; where two overlap they count once."""
    covered, reached = 0.0, start
    for begin, finish in sorted(spans):
        begin, finish = max(begin, reached), min(finish, end)
        if finish > begin:
            covered += finish - begin
            reached = finish
    return covered * 1000


def _step(label, exchanges, start, end):
    """Splits the wait after one Enter. What went on before or after it does not count."""
    whole = [e for e in exchanges if e.delivered and e.delivered > start and e.sent < end]
    under_way = [span for e in whole
                 for span in ((e.sent, e.forwarded), (e.answered, e.delivered))]
    at_work = [(e.forwarded, e.answered) for e in whole]
    return Step(label, (end - start) * 1000, _overlap(under_way, start, end),
                _overlap(at_work, start, end), len(whole))


def _answer_for(frame, person, codes):
    """What the person types, and what the step is called in the table."""
    label = frame.text().splitlines()[-1] if frame.kind != frames.CHOOSE else "method"
    if frame.kind == frames.CHOOSE:
        for line in frame.text().splitlines()[1:]:
            if "@" in line or "mail" in line.lower():
                return line.split()[0], label
        raise AssertionError(f"no e-mail among {frame.text()!r}")
    if frame.kind == frames.ASK_HIDDEN:
        return person.new_password, label
    for source, code in codes.items():
        if label.lower().startswith("code") and source in label.lower():
            return code(), label
    return "", label


def reset(socket_path, person, proxy, codes):
    """Plays one reset to its end. `codes` gives the passcode of each source that a prompt names."""
    host = frames.Host(socket_path, person.name)
    connected = time.monotonic()
    steps, said, answered_at, label = [], [], None, ""
    first_question = None
    while True:
        frame = host.next_frame()
        now = time.monotonic()
        if frame is None:
            raise AssertionError(f"sspr-flow ended without a word; it had said {said}")
        said.append(frame.text())
        if frame.kind == frames.ERROR:
            raise AssertionError(f"the script expected no refusal; sspr-flow said {said}")
        if frame.kind not in (*frames.QUESTIONS, frames.DONE):
            continue
        if answered_at is not None:
            time.sleep(0.005)  # the exchange that brought the question is written down by now
            steps.append(_step(label, proxy.exchanges(), answered_at, now))
        else:
            first_question = now
        if frame.kind == frames.DONE:
            break
        time.sleep(PAUSE_SECONDS)
        answer, label = _answer_for(frame, person, codes)
        answered_at = time.monotonic()
        host.answer(answer)
    host.close()
    if frame.outcome() != frames.PASSWORD_SET:
        raise AssertionError(f"the reset did not succeed; it said {said}")
    behind = [e for e in proxy.exchanges() if first_question is not None
              and e.delivered and e.sent < first_question + PAUSE_SECONDS]
    return {
        "steps": [asdict(step) for step in steps],
        "first_question_ms": (first_question - connected) * 1000,
        "exchanges_behind_first_question": len(behind),
        "ready_behind_first_question_ms":
            (max((e.delivered for e in behind), default=first_question) - first_question) * 1000,
        "connections": proxy.connections(),
    }


class MemoryWatch:
    """The largest resident size of each of our processes, read every few milliseconds."""

    NAMES = ("sspr-flow", "sspr-setpw")

    def __init__(self):
        self._peak, self._rest = {}, {}
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self._thread.join()

    def results(self):
        """kB: peak of each program, of a child that it forked, and what is held while it waits."""
        figures = {}
        for (name, is_child), peak in self._peak.items():
            figures[f"{name}{' (child)' if is_child else ''} peak"] = peak
        for name, rest in self._rest.items():
            figures[f"{name} at rest"] = rest
        return figures

    def _watch(self):
        while not self._end.wait(0.003):
            seen = {}
            for process in pathlib.Path("/proc").glob("[0-9]*"):
                fields = _status(process)
                if fields.get("Name") in self.NAMES and "VmHWM" in fields:
                    seen[fields["Pid"]] = fields
            for fields in seen.values():
                parent = seen.get(fields["PPid"])
                is_child = parent is not None and parent["Name"] == fields["Name"]
                key = (fields["Name"], is_child)
                self._peak[key] = max(self._peak.get(key, 0), _kilobytes(fields["VmHWM"]))
                if not is_child and fields["State"].startswith("S"):
                    self._rest[fields["Name"]] = _kilobytes(fields["VmRSS"])


def _kilobytes(text):
    return int(text.split()[0])


def _status(process):
    try:
        lines = (process / "status").read_text().splitlines()
    except OSError:
        return {}
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
