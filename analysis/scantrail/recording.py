"""Record a real phone: the proxy, the folder, and what the person at the phone has to do."""

import json
import re
import signal
import socket
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scantrail.proxy import Proxy
from scantrail.readers import ABOUT, LOG, zone

RECORDING = ("record",)
SHOWING = ("record", "disclose")  # in this order: what is slow or fails is in the log by then
_COMES_AND_GOES = re.compile(r"\[[\d:.]+\]\[\S+\] (client|server) (dis)?connect\b")
_PHONE = """\
Recording to {folder}. Point the phone at this machine:

  1. Same network. Wi-Fi settings, proxy: manual, host {host}, port {port}.
  2. Open http://mitm.it on the phone and install the certificate it offers
     (iOS: also trust it under General, About, Certificate Trust Settings;
     Android: as a CA certificate. Apps that do not accept it show up as "unread").
  3. Use the app. Note down when you open it, consent and scan: lines in {moments}
     such as {{"at": "{now}", "name": "scan"}}.

Without a proxy setting on the phone: start again with --mode wireguard and import
what it prints into the WireGuard app. Ctrl-C ends the recording.
The folder will hold everything the phone sends, passwords included: keep it safe.
"""
_WIREGUARD = """\
Recording to {folder}. Import the WireGuard configuration above into the WireGuard app on
the phone, switch it on, then open http://mitm.it there and install the certificate.
Note down when you open the app, consent and scan: lines in {moments}
such as {{"at": "{now}", "name": "scan"}}. Ctrl-C ends the recording.
The folder will hold everything the phone sends, passwords included: keep it safe.
"""


def record(
    folder: Path,
    *,
    tz: str,
    shows: bool = False,
    known: Path | None = None,
    options: Sequence[str] = (),
    echo: Callable[[str], None] = lambda _: None,
    started: Callable[[dict[str, Any]], None] = lambda _: None,
) -> int:
    """Run mitmdump with the recorder until it ends or is interrupted.

    Args:
        folder: the capture folder; made if absent, continued if there.
        tz: IANA zone in which the phone lives.
        shows: have mitmdump say what each request discloses, in place of its own lines.
        known: the file of known values and positions to look for then (docs/known.md).
        options: further words of mitmdump's command line.
        echo: called with each line that mitmdump prints.
        started: called with the recorder's `start` line once the proxy listens.

    Returns:
        mitmdump's exit code.

    Raises:
        ProxyError: the proxy did not start.
        CaptureError: `tz` is no zone.

    """
    about = {"v": 1, "made_by": "scantrail record", "tz": zone(tz).key}
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (folder / ABOUT).exists():
        (folder / ABOUT).write_text(json.dumps(about) + "\n", "utf-8")
    addons, settings = (SHOWING, {"flow_detail": "0"}) if shows else (RECORDING, {})
    if known:
        settings["scantrail_known"] = str(known)

    def tell(line: str) -> None:
        if not (shows and _COMES_AND_GOES.match(line)):
            echo(line)

    with Proxy.start(folder / LOG, addons=addons, settings=settings, options=options, echo=tell) as proxy:
        started(proxy.started)
        before = signal.signal(signal.SIGTERM, lambda *_: proxy.process.terminate())
        try:
            return proxy.process.wait()
        except KeyboardInterrupt:
            return proxy.process.wait()
        finally:
            signal.signal(signal.SIGTERM, before)


def instructions(folder: Path, started: dict[str, Any]) -> str:
    """What the person has to do, given the recorder's `start` line."""
    modes, listen = started["modes"], started["listen"]
    text = _WIREGUARD if any(mode.startswith("wireguard") for mode in modes) else _PHONE
    host, port = listen[0] if listen else ("", 0)
    return text.format(
        folder=folder,
        host=host if host not in ("", "0.0.0.0", "::") else own_address(),  # noqa: S104 - compared, not bound
        port=port,
        moments=folder / "moments.jsonl",
        now=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )


def own_address() -> str:
    """This machine's address on its network. Connecting a UDP socket sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # TEST-NET-1, RFC 5737
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])
