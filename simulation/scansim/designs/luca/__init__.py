"""luca (Germany, spring of 2021): a pseudonym for every check-in, contact data encrypted twice.

Published, and taken from there (luca's security overview; API v3 and QR code layout of the open Android app):
- paths under `api/v3`; `users` with `data, iv, mac, publicKey, signature`; `traces/checkin` with `traceId, scannerId,
  timestamp, data, iv, mac, publicKey, deviceType`; `traces/checkout`; `traces/bulk` with `traceIds`; `scanners/{id}`;
  `locations/{id}`, whose answer has name, `lat` and `lng`; `sms/request` and `sms/verify`;
- a trace id is HMAC-SHA256 of user id and minute under a tracing secret that changes daily, cut to 16 bytes;
- ECIES over P-256 with AES-CTR and HMAC-SHA256; the 75 bytes that a check-in encrypts to the venue; deviceType 1
  (Android) and 2 (static key fob);
- the app checks out before it checks in elsewhere; check-ins are deleted after 30 days;
- the key fob: its tracing seed is printed in the QR code, and HKDF gives user id and tracing secret of all time from
  it. Whoever has a photo of it could ask for all check-ins (LucaTrack, April 2021): `fob.py`.

Assumptions:
- hosts; the venues are the places of Hangzhou (the server is made from the seed alone and knows no other city), with
  one scanner each, and the poster is scanned by the phone;
- **which ids a poll names**: those of the last five check-ins, over check-outs. The open app names the codes that it
  showed in the last six hours and forgets them at check-out. The poll stands for what a capture on loopback cannot
  show: the server sees all requests of a phone come from one address and device (Stadler et al., arXiv 2103.11958);
- the layout of the fob's QR code beyond its fields; nobody in the simulated weeks carries one;
- the server has no clock: it is as late as the last check-in or check-out that it was told;
- details of the sms challenge.
"""

from scansim.designs import kit
from scansim.designs.design import Design
from scansim.designs.luca.app import LucaApp
from scansim.designs.luca.formats import HOST
from scansim.designs.luca.server import server

DESIGN = Design("luca", (HOST, kit.PLATFORM), server, LucaApp)
