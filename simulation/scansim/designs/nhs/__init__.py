"""The venue check-in of the UK's NHS COVID-19 app: a negative control, for nothing leaves at a scan.

Published, and taken from there (the app's and its server's source and API contracts, 2020 and 2021): a poster says
`UKC19TRACING:1:` and a JSON web token (ES256) with `id`, `opn`, `vt`, `pc`; the phone keeps visits for 21 days;
`distribution/risky-venues` is the same list for everybody, with the venue's id, a window and a message type, and is
compared on the phone; `distribution/availability-android`; `submission/mobile-analytics` once a day with the phone's
model, a postal district and counts, of which `checkedIn` is one.

Assumptions:
- hosts; where the notice is (`/privacy-notice.json`), read when the app is set up, which is the event `sign-up`;
- people of Hangzhou have postal districts: one for each district of the city, that of the home. `localAuthority`, which
  may be left out, is left out;
- lists are looked for every two hours when the phone is idle or the app is opened (`show code`); the day's counts go
  out at the first such occasion of the next day (UTC), only those that the API demands;
- the bearer token of submissions is one for all phones, and its value is invented;
- answers are not signed, and a poster's signature is 64 bytes that no key made: the app here checks neither;
- every gate has a poster, and people scan it on entering; nobody scans on leaving;
- exposure notification, symptoms and tests are left out, and the counts that speak of them are nought.
"""

from scansim.designs import kit
from scansim.designs.design import Design
from scansim.designs.nhs.app import NhsApp
from scansim.designs.nhs.formats import HOSTS
from scansim.designs.nhs.server import server

DESIGN = Design("nhs", (*HOSTS, kit.PLATFORM), server, NhsApp)
