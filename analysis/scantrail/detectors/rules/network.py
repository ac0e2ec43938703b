"""Rules for the network around a phone: access points, mobile cells, addresses."""

from scantrail.detectors import identifiers
from scantrail.detectors.reading import Reading
from scantrail.detectors.rules.row import Rule
from scantrail.detectors.words import words

_MAC = r"(?:[0-9A-Fa-f]{2}[:\-]){5}[0-9A-Fa-f]{2}|[0-9A-Fa-f]{12}"


def _access_point(text: str) -> Reading | None:
    return Reading(text) if identifiers.is_mac(text) else None


def _access_points(text: str) -> Reading | None:
    """The first address of each entry of a list `mac,signal,ssid|…` must be one."""
    macs = [entry.split(",")[0].split(";")[0] for entry in text.split("|") if entry]
    known = [mac for mac in macs if identifiers.is_mac(mac)]
    return Reading(text, f"{len(known)} access points") if known and len(known) * 2 >= len(macs) else None


def _own_candidate(text: str) -> Reading | None:
    """The address of a candidate of the phone's own: not of a relay, and not hidden behind an mDNS name."""
    parts = text.split()
    return identifiers.ip_address(parts[4]) if len(parts) > 7 and parts[7] in ("host", "srflx", "prflx") else None


RULES = (
    Rule(
        "bssid",
        "wifi",
        _MAC,
        "six bytes in hexadecimal under a key that names a Wi-Fi access point",
        (("bssid", "8c:53:c3:00:11:22"), ("wifi_mac", "8C-53-C3-00-11-22"), ("connectedBssid", "8c53c3001122")),
        (("bssid", "none"), ("bssid", "02:00:00:00:00:00"), ("colour", "8c:53:c3:00:11:22")),
        keys=words("""bssid wifibssid wifimac wifimacaddress apmac mmac routermac gatewaymac hotspotmac"""),
        reads=_access_point,
    ),
    Rule(
        "wifi-list",
        "wifi",
        rf"(?:(?:{_MAC})[,;][^|]{{0,80}}\|?){{1,64}}|(?:(?:{_MAC})\|){{1,64}}(?:{_MAC})?",
        "a list of access points, each with its address (and signal and name)",
        (
            ("macs", "8c:53:c3:00:11:22,-65,Home|8c:53:c3:00:11:23,-70,Cafe"),
            ("wifi", "8c53c3001122;65;|8c53c3001123;70;"),
            ("mmac", "8c:53:c3:00:11:22,-65,Home"),
        ),
        (("macs", "a|b"), ("wifi", "true"), ("colours", "8c:53:c3:00:11:22,-65,Home")),
        keys=words(
            """macs mmac wifi wifis wifilist wifiinfo wifiscan wificanresult wifiscanresult aplist wf hotspots
            bssids"""
        ),
        reads=_access_points,
    ),
    Rule(
        "ssid",
        "wifi",
        r"\"?[^\"<>{}]{2,32}\"?",
        "a name under a key that names the wireless network",
        (("wifiSsid", "Coffee Corner"), ("wifi_name", "TP-LINK_5G"), ("wifi.ssid", '"Home"')),
        (("SSID", "A_mrp5cpjfkd72x04"), ("wifiName", "<unknown ssid>"), ("wifiSsid", "unknown"), ("wifi", "true")),
        keys=words("wifissid wifiname connectedssid currentssid networkssid apssid"),
        check=lambda text: not identifiers.is_placeholder(text),
    ),
    Rule(
        "ssid-alone",
        "wifi",
        r"\"?[^\"<>{}=]{2,32}\"?",
        "a name under the key SSID; not Google's cookie of that name, which is 17 random characters",
        (("ssid", "Coffee Corner"), ("SSID", "TP-LINK_5G_A1")),
        (("SSID", "A_mrp5cpjfkd72x04"), ("ssid", "<unknown ssid>"), ("bssid", "Coffee Corner"), ("ssid", "0x")),
        keys=words("ssid"),
        whole_key=True,
        check=lambda text: (
            not identifiers.is_placeholder(text) and (len(text) < 17 or " " in text or "-" in text) and text != "0x"
        ),
    ),
    Rule(
        "cell-list",
        "cell",
        r"\d{3},\d{1,3},\d{1,8},\d{1,11}(?:,-?\d{1,4})*(?:\|\d{3},\d{1,3},\d{1,8},\d{1,11}(?:,-?\d{1,4})*)*",
        "mobile country code, network, area and cell (and signal) under a key that names mobile cells",
        (
            ("bts", "460,00,22234,104734855,-65"),
            ("nearbts", "460,00,22234,104734855,-65|460,00,22234,104734856,-70"),
            ("cell", "460,01,4301,20986"),
        ),
        (("bts", "1,2,3,4"), ("rgba", "255,255,255,1"), ("cell", "120,80,10,20,30"), ("bts", "000,00,1,1")),
        keys=words(
            """bts nearbts cell cells celltower celltowers cellinfo cellid celllist basestation nearcell
            neighborcell cl"""
        ),
        check=lambda text: text[0] in "234567",
    ),
    Rule(
        "ip-address",
        "ip_address",
        r"[0-9A-Fa-f.:]{3,45}",
        "an address under a key that names the phone's own",
        (
            ("ip", "203.0.113.9"),
            ("local_ip", "10.0.0.1"),
            ("client-ip", "2001:db8::1"),
            ("x-real-ip", "203.0.113.9"),
        ),
        (
            ("version", "1.2.3.4"),
            ("ip", "127.0.0.1"),
            ("ip", "0.0.0.0"),  # noqa: S104 - an example, nothing is bound
            ("ip", "::"),
            ("serverIp", "203.0.113.9"),
            ("zip", "1.2.3.4"),
            ("ip", "1.2.3"),
        ),
        keys=words(
            """ip ipaddr ipaddress ipv4 ipv6 localip localipaddress lanip privateip wanip publicip externalip
            clientip userip deviceip myip remoteip sourceip xrealip xclientip trueclientip cfconnectingip
            xforwardedip wifiip 客户端ip"""
        ),
        whole_key=True,
        reads=identifiers.ip_address,
    ),
    Rule(
        "forwarded-for",
        "ip_address",
        r"[0-9A-Za-z.:, \[\]\"=;_\-]{3,200}",
        "the first address under X-Forwarded-For or Forwarded (RFC 7239), which is the phone's",
        (
            ("x-forwarded-for", "203.0.113.9, 198.51.100.17"),
            ("forwarded", "for=203.0.113.9;proto=http"),
            ("forwarded", 'for="[2001:db8::1]:4711"'),
        ),
        (("x-forwarded-for", "unknown"), ("x-forwarded-proto", "https"), ("forwarded", "yes")),
        keys=words("xforwardedfor forwarded forwardedfor xoriginalforwardedfor"),
        whole_key=True,
        reads=identifiers.forwarded_for,
    ),
    Rule(
        "ice-candidate",
        "ip_address",
        r"(?:a=)?candidate:.{10,300}",
        "the address in an ICE candidate (RFC 8839), with which WebRTC says where the phone is on the network",
        (
            (
                "candidate",
                "candidate:842163049 1 udp 1677729535 203.0.113.9 46154 typ srflx raddr 10.0.0.7 rport 46154",
            ),
            ("candidate", "candidate:1 1 UDP 2122252543 2001:db8::7 54609 typ host"),
        ),
        (
            ("candidate", "candidate:1 1 UDP 2122252543 9b36eaac-bb2e-49bb-bb78-21c41c499900.local 54609 typ host"),
            ("candidate", "candidate:3 1 udp 41885439 203.0.113.9 3478 typ relay"),
            ("candidate", "jane"),
        ),
        keys=words("candidate icecandidate"),
        reads=_own_candidate,
    ),
)
