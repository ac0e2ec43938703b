"""Start the real mitmdump with our addons. Nothing of mitmproxy is imported: it is an extra, and runs as a process."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any, Self

_START_LIMIT_S = 30.0
_STOP_LIMIT_S = 5.0
_IN_USE = re.compile(r"failed to listen on \S*?:(\d+) with .*in use")
_REASONS = (  # the surest first
    re.compile(r"(?:mitmproxy\.exceptions\.OptionsError: )?((?:record|loopback|disclose): .*)"),
    re.compile(r"mitmproxy\.exceptions\.\w+: (.*)"),
    re.compile(r"\[\d\d:\d\d:\d\d\.\d+\] (.*)"),
    re.compile(r"(.*)"),
)


class ProxyError(RuntimeError):
    """The proxy cannot be started, or died. The message says why and what to do."""


def addon(name: str) -> Path:
    """Find an addon script by name: inside the package in a wheel, in `addons/` of a checkout."""
    package = Path(str(files("scantrail")))
    for folder in (package / "addons", package.parents[1] / "addons"):
        if (script := folder / f"{name}.py").is_file():
            return script
    raise ProxyError(f"the addon {name}.py is not in this installation: install scantrail again")


def mitmdump() -> str:
    """Where mitmdump is: beside the Python that runs us, else on the PATH."""
    beside = Path(sys.executable).with_name("mitmdump")
    found = str(beside) if beside.exists() else shutil.which("mitmdump")
    if found is None:
        raise ProxyError("mitmdump is not installed: pip install 'scantrail[record]'")
    return found


@dataclass
class Proxy:
    """A running mitmdump that records to a log. As a context manager it is stopped at the end.

    `started` is the recorder's `start` line; `echo` gets each line that mitmdump prints.
    """

    process: subprocess.Popen[str]
    echo: Callable[[str], None]
    started: dict[str, Any] = field(default_factory=dict)
    said: deque[str] = field(default_factory=lambda: deque(maxlen=200))
    _listener: Thread = field(init=False)

    def __post_init__(self) -> None:
        self._listener = Thread(target=self._listen, daemon=True)
        self._listener.start()

    @classmethod
    def start(
        cls,
        log: Path,
        *,
        addons: Sequence[str] = ("record",),
        settings: Mapping[str, str | Sequence[str]] | None = None,
        options: Sequence[str] = (),
        echo: Callable[[str], None] = lambda _: None,
    ) -> Self:
        """Start it and wait until it listens.

        Args:
            log: where the recorder writes; what is there is kept.
            addons: names of scripts in `addons/`, in order.
            settings: mitmproxy options (`--set`), a sequence being given item by item.
            options: further words of mitmdump's command line.
            echo: called with each line that mitmdump prints.

        Raises:
            ProxyError: it did not come up; the message says why.

        """
        scripts = [word for name in addons for word in ("-s", str(addon(name)))]
        pairs = [
            (key, one)
            for key, value in {"record_log": str(log), **(settings or {})}.items()
            for one in ([value] if isinstance(value, str) else value)
        ]
        sets = [word for key, value in pairs for word in ("--set", f"{key}={value}")]
        begin = log.stat().st_size if log.exists() else 0
        process = subprocess.Popen(  # noqa: S603 - our own command line
            [mitmdump(), *scripts, *sets, *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        proxy = cls(process, echo)
        try:
            proxy.started = proxy._wait(log, begin)
        except BaseException:
            proxy.stop()
            raise
        return proxy

    @classmethod
    def simulated(
        cls, log: Path, *, confdir: Path, ports: Mapping[str, int], upstream_ca: Path, options: Sequence[str] = ()
    ) -> Self:
        """Start one for a simulation: on a free loopback port, reaching nothing but the simulated servers.

        Args:
            log: where the recorder writes.
            confdir: a folder for its certificate authority, which the simulated phones trust.
            ports: the loopback port of each simulated `host:port`.
            upstream_ca: the certificate authority of the simulated servers, in place of the system's.
            options: further words of mitmdump's command line.

        """
        settings = {
            "confdir": str(confdir),
            "listen_host": "127.0.0.1",
            "listen_port": "0",
            "ssl_verify_upstream_trusted_ca": str(upstream_ca),
            "loopback": [f"{name}={port}" for name, port in ports.items()],
        }
        return cls.start(log, addons=("loopback", "record"), settings=settings, options=["-q", *options])

    @property
    def port(self) -> int:
        """The port on which it listens."""
        return int(self.started["listen"][0][1])

    def check(self) -> None:
        """Raise ProxyError if the proxy has ended."""
        if (code := self.process.poll()) is not None:
            self._listener.join(_STOP_LIMIT_S)
            raise ProxyError(f"mitmdump ended with exit code {code}: {self._why()}")

    def stop(self) -> None:
        """End it in good order, or by force after five seconds."""
        with suppress(ProcessLookupError):
            self.process.terminate()
        try:
            self.process.wait(_STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._listener.join(_STOP_LIMIT_S)
        if self.process.stdout:
            self.process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _listen(self) -> None:
        for line in self.process.stdout or ():
            self.said.append(line.rstrip("\n"))
            self.echo(line)

    def _wait(self, log: Path, begin: int) -> dict[str, Any]:
        """The recorder's `start` line: the log itself says when the proxy is ready."""
        deadline = time.monotonic() + _START_LIMIT_S
        while time.monotonic() < deadline:
            self.check()
            if log.exists():
                with log.open("rb") as lines:
                    lines.seek(begin)
                    for line in lines:
                        if line.endswith(b"\n") and line.strip() and (event := json.loads(line))["type"] == "start":
                            return dict(event)
            time.sleep(0.02)
        raise ProxyError(f"mitmdump did not listen within {_START_LIMIT_S:.0f} s: {self._why()}")

    def _why(self) -> str:
        """The one line of what mitmdump said that tells why it ended."""
        said = [line for line in self.said if line.strip() and not line.startswith("Error logged during startup")]
        for line in said:
            if match := _IN_USE.search(line):
                return f"port {match[1]} is in use. Choose another with -p PORT, or end what listens there"
        return next(
            (match[1] for reason in _REASONS for line in said if (match := reason.match(line))), "it said nothing"
        )
