"""The load: `wrk` where it is installed, else processes of our own, which are slower than a fast server."""

import http.client
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

SCRIPT = Path(__file__).with_name("wrk.lua")
TIMEOUT = 120
SLOWEST = 12  # a run lasts at least so many times one request, or those cut at its end would count for much
LONGEST = 15.0  # seconds, whatever the server


@dataclass(frozen=True, slots=True)
class Run:
    """What one burst of requests gave."""

    requests: int
    seconds: float
    failed: int
    mean_ms: float
    p95_ms: float

    @property
    def rate(self) -> float:
        """Requests answered a second; none counts if one failed, since an error is quick."""
        return 0.0 if self.failed else self.requests / self.seconds


def name() -> str:
    """Say which client loads the servers."""
    return "wrk" if shutil.which("wrk") else "processus Python (wrk absent : les débits élevés sont sous-estimés)"


def load(urls: Sequence[str], headers: Mapping[str, str], seconds: float, connections: int) -> Run:
    """Ask these questions over and over; a short warm-up says how long the run must be for a slow server."""
    ask = _wrk if shutil.which("wrk") else _processes
    warm_up = ask(urls, headers, max(1.0, seconds / 3), connections)
    return ask(urls, headers, max(seconds, min(LONGEST, SLOWEST * warm_up.mean_ms / 1000)), connections)


def _wrk(urls: Sequence[str], headers: Mapping[str, str], seconds: float, connections: int) -> Run:
    base = urlsplit(urls[0])
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as questions:
        questions.writelines(url.removeprefix(f"{base.scheme}://{base.netloc}") + "\n" for url in urls)
        questions.flush()
        command = ["wrk", "--threads", "1", "--connections", str(connections), "--timeout", f"{TIMEOUT}s"]
        command += ["--duration", f"{max(1, round(seconds))}s", "--script", str(SCRIPT)]
        command += [word for key, value in headers.items() for word in ("--header", f"{key}: {value}")]
        command += [f"{base.scheme}://{base.netloc}", "--", questions.name]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    said = json.loads(output.strip().splitlines()[-1].replace("nan", "0"))
    # A burst without one whole answer has no latency: say the burst's own length, so that the next is longer.
    mean = said["mean_ms"] if said["requests"] else seconds * 1000
    return Run(said["requests"], said["seconds"], said["failed"], mean, said["p95_ms"])


def _processes(urls: Sequence[str], headers: Mapping[str, str], seconds: float, connections: int) -> Run:
    with ProcessPoolExecutor(connections) as processes:
        tasks = [processes.submit(_ask, urls[n:] + urls[:n], dict(headers), seconds) for n in range(connections)]
        results = [task.result() for task in tasks]
    times = sorted(time for times, _ in results for time in times)
    mean = sum(times) / len(times) * 1000
    return Run(len(times), seconds, sum(failed for _, failed in results), mean, times[len(times) * 95 // 100] * 1000)


def _ask(urls: Sequence[str], headers: dict[str, str], seconds: float) -> tuple[list[float], int]:
    connection = http.client.HTTPConnection(urlsplit(urls[0]).netloc, timeout=TIMEOUT)
    times, failed, end = [], 0, time.monotonic() + seconds
    while (start := time.monotonic()) < end:
        parts = urlsplit(urls[len(times) % len(urls)])
        connection.request("GET", f"{parts.path}?{parts.query}", headers=headers)
        answer = connection.getresponse()
        answer.read()
        failed += answer.status >= 400
        times.append(time.monotonic() - start)
    return times, failed
