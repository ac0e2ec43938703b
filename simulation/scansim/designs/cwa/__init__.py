"""Event check-in of Germany's Corona-Warn-App: a negative control, for nothing leaves at a scan.

Published, and taken from there (the source of the app and its protocol buffers, 2021): a code says
`https://HOST?v=1#` and a `QRCodePayload` in base64url, which holds all that a check-in needs, and what follows `#` is
never sent; check-ins stay on the phone; `version/v1/twp/country/DE/hour` names the hours of which there are trace
warnings, `…/hour/N` (hours since 1970) is a zip with `export.bin`, a `TraceWarningPackage`, the same for everybody, and
is compared on the phone; `version/v1/app_config_android`; `version/v1/android/dat` takes the voluntary data of a day, a
`PPADataRequestAndroid` with versions and the levels of risk, of which one is that of check-ins.

Assumptions:
- hosts; where the notice is (`/privacy.json`), read when the app is set up, which is the event `sign-up`;
- a warning names its venue by 16 bytes, as the protocol's first version has it; here they are the beginning of the
  payload's SHA-256;
- packages are looked for every hour when the phone is idle or the app is opened (`show code`), from the last full hour
  before it was set up on; the list of hours spans all the time, for the server has no simulated clock;
- everybody agreed to give the day's data; they go out at the first such occasion of the next day (UTC) and leave out
  what a user may leave out (federal state, district, age) and the padding against observers; that the phone is a
  genuine one is attested by a value that is the same for all, where the real app has one of Google's for each request;
- packages are not signed, and the public key in a code is 91 bytes that belong to nobody;
- every gate has a code, and people scan it on entering and leaving;
- exposure notification and tests are left out. Nobody is warned, so that all levels of risk are low.
"""

from scansim.designs import kit
from scansim.designs.cwa.app import CwaApp
from scansim.designs.cwa.formats import HOSTS
from scansim.designs.cwa.server import server
from scansim.designs.design import Design

DESIGN = Design("cwa", (*HOSTS, kit.PLATFORM), server, CwaApp)
