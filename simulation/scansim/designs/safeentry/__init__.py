"""SafeEntry (Singapore, 2020): national id, phone number and venue at every check-in and check-out.

Published, and taken from there (docs/facts.md §5; the web page's API as open clients used it in 2020):
- a venue's QR code is a link with its `client_id`: `PROD-`, business number, branch, name, `-SE`;
- `GET api/v2/building?client_id=…` tells what the venue is;
- `POST api/v2/person`, a form: `mobileno` (base64, `mobilenoEncoded=true`), `client_id`, `subentity`, `hostname`,
  `systemType`, `sub` (the NRIC), `actionType` (`checkin` or `checkout`), `subType=uinfin`, `rememberMe`; the answer has
  a `transactionId`;
- the NRIC's check letter; data are kept 25 days (the simulated server keeps nothing but its log).

Assumptions:
- hosts; the app's start; that details are kept on the phone and first sent with the first check-in;
- the pass is shown from the phone, without a request;
- people check in where the code is scanned on entering and check out where it is scanned on leaving, so often not;
- business numbers are made up, and people keep the phone numbers of the simulated city.
"""

from scansim.designs import kit
from scansim.designs.design import Design
from scansim.designs.safeentry.app import SafeEntryApp
from scansim.designs.safeentry.formats import BACKEND, PAGE
from scansim.designs.safeentry.server import server

DESIGN = Design("safeentry", (PAGE, BACKEND, kit.PLATFORM), server, SafeEntryApp)
