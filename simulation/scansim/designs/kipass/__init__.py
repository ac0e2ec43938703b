"""KI-Pass (Korea, 2020): identity at the issuer of the QR code, visits elsewhere, joined on demand (docs/facts.md §5).

Reported: the QR code lives 15 seconds and comes from a private issuer, which knows the person; the venue's device scans
it and reports it with the venue to a public server, which does not know whose it is; the two are joined in the case of
an infection, and all is destroyed after 4 weeks.

Assumptions, since formats are not public:
- hosts, paths and the names of fields; two hosts of two organisations that share nothing but a key;
- a code is a random-looking token that is used once, the time of issue, and an HMAC with the shared key;
- the issuer recognises the person by the phone number that was verified at sign-up, and takes the time from the phone;
- the terminal belongs to the venue: it has connections of its own, new for each visit, and tells nothing of the phone;
- whoever leaves through a gate with a terminal is scanned like who enters; the direction is not told.

A capture of both (a proxy in front of phones and terminals) holds what neither server has: the token of each visit
beside the phone number that it was issued to.
"""

from scansim.designs import kit
from scansim.designs.design import Design
from scansim.designs.kipass.app import KiPassApp
from scansim.designs.kipass.formats import ISSUER, VISITS
from scansim.designs.kipass.server import server

DESIGN = Design("kipass", (ISSUER, VISITS, kit.PLATFORM), server, KiPassApp)
