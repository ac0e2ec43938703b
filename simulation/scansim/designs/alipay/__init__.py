"""The Alipay Health Code as the Times described it on 1 March 2020 (docs/facts.md §1).

Reported: on consent a routine labelled `reportInfoAndLocationToPolice` sends location, city name and an identifying
code number to a server (T1); each scan sends the current location (T2); the notice does not mention the police (T4);
rules and reasons are not shown (T5); three colours, seven and fourteen days (T6); sign-up asks name, national id,
contact and recent travel (T7).

Published, and taken from there (docs/facts.md §2, [P]): the mPaaS gateway's headers, `_requestBody` and GET form; the
mtop form and its `x-location`; the strings of `my.getLocation`; deep links with an area code under percent-encoding;
the numbers of `healthStatus`; the UTDID's layout.

Assumptions, since neither paths nor parameters of the real system are public:
- hosts, paths, operation names around the reported label, and the names of fields that no source gives;
- which format carries what: sign-up, consent and showing the code go through the gateway, a scan is a form;
- `Sign` is an HMAC with a secret of the seed; bodies are signed and readable;
- the code number is `HZ` and 14 digits, a function of the resident id;
- posters hang in stations, malls and parks and are scanned by the person; elsewhere a guard scans the person's code,
  and the server tells the person's phone which gate it was;
- showing the code also asks for the local weather; `ext` carries device id, model and network;
- one connection of the super-app is pinned, before any user action;
- colours follow `scansim.colours`; guards let everyone in whatever the colour, and the answer's `pass` says who should.
"""

from scansim.designs import superapp
from scansim.designs.alipay import pages
from scansim.designs.alipay.app import AlipayApp
from scansim.designs.alipay.browser import AlipayPage
from scansim.designs.alipay.formats import HEALTHCODE
from scansim.designs.alipay.server import server
from scansim.designs.design import Design, Pages

DESIGN = Design(
    "alipay",
    (HEALTHCODE, *superapp.HOSTS),
    server,
    AlipayApp,
    Pages(pages.HOME, AlipayPage, pages.act, pages.form),
)
