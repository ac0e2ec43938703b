"""privacy-flow-inspector by its Python API, with the known values as personas. It runs in the tool's environment.

It keeps three pieces of evidence a finding; here it keeps all, so that every request that it judged can be counted.
"""

import json
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from privacy_flow_inspector import engine
from privacy_flow_inspector.har import Limits, load_har
from privacy_flow_inspector.policy import load_config

_SHORTEST = 5  # characters of a persona's value, by the tool's own rule


def config(known: dict[str, list[str]]) -> str:
    """A configuration like that of the tool's demo."""
    lines = ['version = 1\n[first_party]\ndomains = ["own.test"]']
    for name, values in known.items():
        for number, value in enumerate(value for value in values if len(value) >= _SHORTEST):
            label, text = json.dumps(f"{name} {number}"), json.dumps(value, ensure_ascii=False)
            lines.append(f'[[persona]]\nlabel = {label}\nvalue = {text}\ncategory = "contact"')
    return "\n".join(lines)


def main() -> None:
    """Load once to time it, then inspect."""
    har, known = map(Path, sys.argv[1:])
    with TemporaryDirectory() as folder:
        file = Path(folder) / "pfi.toml"
        file.write_text(config(json.loads(known.read_text())))
        settings = load_config(file)
    engine.MAX_EVIDENCE = sys.maxsize
    begin = time.process_time()
    load_har(har, har.name, Limits())
    loaded = time.process_time()
    report = engine.inspect([har], settings).report
    done = time.process_time()
    found = [
        (evidence.entry, finding.title.split(" sent to ")[0].rsplit(" ", 1)[0] if persona else finding.rule_id)
        for finding in report.findings
        for persona in [finding.rule_id == "PFI-PERSONA"]
        for evidence in finding.evidence
    ]
    load_s = loaded - begin
    print(json.dumps({"load_s": load_s, "work_s": done - loaded - load_s, "found": found}), flush=True)
    sys.stdin.read()  # until it ends


if __name__ == "__main__":
    main()
