"""Place codes, as in Shanghai (Suishenma) and Zhengzhou: the person scans a venue's poster (docs/facts.md §2, §5).

Published: the person scans the poster and gets a one-time pass; what is told is the person's token and the place. No
position is sent, so the server cannot tell who stands at the gate from who scans a picture of the poster that somebody
sent: in Zhengzhou, June 2022, 871 of 1,317 people who were turned red were not in the city.

Assumptions, since formats are not public:
- hosts, paths and the names of fields;
- sign-up asks what health codes asked (T7) and gives the token: `PC` and 16 digits, a function of the resident id;
- posters hang at every gate, and are scanned alike by who enters and who leaves;
- a scan states its time by the phone's clock;
- a picture of a poster is scanned by the same code and so sends the same bytes: the app has no way to know.
"""

from scansim.designs import kit
from scansim.designs.design import Design
from scansim.designs.place_code.app import PlaceCodeApp
from scansim.designs.place_code.formats import HOST
from scansim.designs.place_code.server import server

DESIGN = Design("place-code", (HOST, kit.PLATFORM), server, PlaceCodeApp)
