"""Services that tell a phone where it is by the radio networks around it; they are told those networks."""

from scantrail.detectors.adapters.row import Adapter, Example, Means, Place

_GOOGLE = "developers.google.com, Geolocation API, requests, read 2026-11; the same at Mozilla's and Skyhook's services"
_MAC = r"(?:[\da-fA-F]{2}[:.-]?){5}[\da-fA-F]{2}"
_SHORT_MAC = r"(?:[\da-f]{1,2}:){5}[\da-f]{1,2}"

ROWS = (
    Adapter(
        "google-geolocation",
        "Google Geolocation API",
        _GOOGLE,
        (
            Example(
                body='{"considerIp":false,"wifiAccessPoints":[{"macAddress":"02:11:22:33:44:55","signalStrength":-43},'
                '{"macAddress":"02:11:22:33:44:56"}],"cellTowers":[{"cellId":170402199,"locationAreaCode":35632,'
                '"mobileCountryCode":310,"mobileNetworkCode":410}]}',
                tells=(("wifi", "02:11:22:33:44:55"), ("wifi", "02:11:22:33:44:56"), ("cell", "170402199")),
            ),
            Example(
                body='{"items":[{"position":{"latitude":30.25,"longitude":120.16,"accuracy":10.0},'
                '"wifiAccessPoints":[{"macAddress":"021122334455"}]}]}',
                tells=(("position", "30.25,120.16"), ("wifi", "021122334455")),
            ),
        ),
        (
            Example(body='{"macAddress":"02:11:22:33:44:55"}'),
            Example(body='{"cells":[{"cellId":3}]}'),
            Example(body='{"wifiAccessPoints":[]}'),
        ),
        means=(
            Means("wifiAccessPoints[].macAddress", "wifi", "a network around, by its access point's address", _MAC),
            Means("wifiAccessPoints[].ssid", "wifi", "a network around, by its name"),
            Means("bluetoothBeacons[].macAddress", "wifi", "a Bluetooth beacon around", _MAC),
            Means("cellTowers[].cellId", "cell", "a mobile cell around", r"\d{1,12}"),
            Means("cellTowers[].newRadioCellId", "cell", "a mobile cell around", r"\d{1,12}"),
        ),
        places=(
            Place(
                "position.latitude",
                "wgs84",
                "where the networks were seen",
                longitude="position.longitude",
                accuracy="position.accuracy",
            ),
        ),
        any_of=("wifiAccessPoints[].macAddress", "cellTowers[].cellId", "cellTowers[].newRadioCellId"),
    ),
    Adapter(
        "gears-geolocation",
        "Gears geolocation",
        "Google Gears Geolocation API, network protocol, 2008; also open.weibo.com location/mobile/get_location",
        (
            Example(
                body='{"version":"1.1.0","cell_towers":[{"cell_id":"4466","location_area_code":"26630"}],'
                '"wifi_towers":[{"mac_address":"02-11-22-33-44-55","signal_strength":"78"}]}',
                tells=(("wifi", "02-11-22-33-44-55"), ("cell", "4466")),
            ),
        ),
        (Example(body='{"mac_address":"02-11-22-33-44-55"}'),),
        means=(
            Means("wifi_towers[].mac_address", "wifi", "a network around, by its access point's address", _MAC),
            Means("cell_towers[].cell_id", "cell", "a mobile cell around", r"\d{1,12}"),
        ),
        any_of=("wifi_towers[].mac_address", "cell_towers[].cell_id"),
    ),
    Adapter(
        "apple-wloc",
        "Apple location service",
        "gs-loc.apple.com/clls/wloc: binary, unpublished; described by Rye and Levin, Surveilling the Masses, 2024",
        (
            Example("https://gs-loc.apple.com/clls/wloc", body="\x00\x01\x00\x05", tells=(("opaque", "4 bytes"),)),
            Example("https://x.test/clls/wloc", body='["0:1e:2:ff:9:1"]', tells=(("wifi", "0:1e:2:ff:9:1"),)),
        ),
        (Example("https://gs-loc.apple.com/other", body="\x00\x01\x00\x05"),),
        means=(
            Means("**", "wifi", "a network around, by its access point's address", _SHORT_MAC),
            Means("body", "opaque", "bytes that nobody here can read, to the service that places networks"),
        ),
        ends=("/clls/wloc",),
        shape=("body",),
    ),
)
