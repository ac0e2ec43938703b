"""Measurement of users: what such services are told of place and person besides the events."""

from scantrail.detectors.adapters.row import Adapter, Example, Means, Place

_SHA256 = r"[\da-f]{64}"
_IP = r"[\da-fA-F.:]{7,45}"
_ID = r"[\w.:\-]{6,64}"
_HASHED = ", hashed with SHA-256, which can be searched"
_GA = "developers.google.com, Analytics Measurement Protocol parameters"
_META = "developers.facebook.com, Meta Pixel advanced matching and Conversions API parameters, read 2026-11"
_MAIL_HASH = "f1904cf1a9d73a55fa5de0ac823c4403ded71afd4c3248d00bdcd0866552bb79"
_PERSON = (
    ("em", "email", "an e-mail address"),
    ("ph", "phone_number", "a telephone number"),
    ("fn", "name", "a first name"),
    ("ln", "name", "a last name"),
    ("ct", "city", "a city"),
    ("zp", "postcode", "a postal code"),
    ("external_id", "account_id", "the account in the sender's own books"),
)

ROWS = (
    Adapter(
        "google-analytics",
        "Google Analytics",
        _GA,
        (
            Example(
                "https://www.google-analytics.com/collect?v=1&tid=UA-1-1&cid=35009a79-1a05-49d7-b876-2b884d0f825b"
                "&uip=203.0.113.7&geoid=1003334",
                tells=(
                    ("ip_address", "203.0.113.7"),
                    ("city", "1003334"),
                    ("device_id", "35009a79-1a05-49d7-b876-2b884d0f825b"),
                ),
            ),
        ),
        (Example("https://shop.test/?tid=UA-1-1&uip=203.0.113.7"), Example("https://shop.test/?v=1&cid=123456789")),
        means=(
            Means("query.uip", "ip_address", "the visitor's address", _IP),
            Means("query._uip", "ip_address", "the visitor's address", _IP),
            Means("query.geoid", "city", "the visitor's place by Google's criteria id", r"\d{4,8}"),
            Means("query.cid", "device_id", "the browser or app, by its client id", _ID),
            Means("query.uid", "account_id", "the visitor's account", _ID),
        ),
        shape=("query.tid", "query.cid", "query.v"),
        whole=True,
    ),
    Adapter(
        "google-analytics-4",
        "Google Analytics 4",
        _GA,
        (
            Example(
                body='{"client_id":"1234567890.1680000000","user_location":{"city":"Hangzhou","region_id":"CN-ZJ"},'
                '"ip_override":"203.0.113.7","events":[]}',
                tells=(
                    ("city", "Hangzhou"),
                    ("ip_address", "203.0.113.7"),
                    ("device_id", "1234567890.1680000000"),
                ),
            ),
        ),
        (Example(body='{"client_id":"1234567890.1680000000"}'),),
        means=(
            Means("user_location.city", "city", "the visitor's city"),
            Means("ip_override", "ip_address", "the visitor's address", _IP),
            Means("client_id", "device_id", "the browser, by its client id", _ID),
            Means("app_instance_id", "device_id", "the app on this phone, by its instance id", _ID),
            Means("user_id", "account_id", "the visitor's account", _ID),
        ),
        any_of=("user_location.city", "ip_override"),
    ),
    Adapter(
        "meta-pixel",
        "Meta Pixel",
        _META,
        (
            Example(
                f"https://www.facebook.com/tr/?id=1&ev=Purchase&ud[em]={_MAIL_HASH}&ud%5Bct%5D={_MAIL_HASH}",
                tells=(("email", _MAIL_HASH), ("city", _MAIL_HASH)),
            ),
        ),
        (Example("https://shop.test/?ud[em]=none"), Example(f"https://shop.test/?em={_MAIL_HASH}")),
        means=tuple(Means(f"query.ud[{key}]", kind, note + _HASHED, _SHA256) for key, kind, note in _PERSON),
        any_of=tuple(f"query.ud[{key}]" for key, _, _ in _PERSON),
        whole=True,
    ),
    Adapter(
        "hashed-matching",
        "pixel with hashed matching keys",
        _META + "; other pixels have taken the names over",
        (
            Example(
                f"https://collect.pixel.test/p?ev=Lead&em={_MAIL_HASH}&ph={_MAIL_HASH}",
                tells=(("email", _MAIL_HASH), ("phone_number", _MAIL_HASH)),
            ),
        ),
        (Example("https://shop.test/?ev=Lead&em=12px"), Example(f"https://shop.test/?em={_MAIL_HASH}")),
        means=tuple(Means(f"query.{key}", kind, note + _HASHED, _SHA256) for key, kind, note in _PERSON),
        shape=("query.ev",),
        any_of=tuple(f"query.{key}" for key, _, _ in _PERSON),
        whole=True,
    ),
    Adapter(
        "meta-conversions",
        "Meta Conversions API",
        _META,
        (
            Example(
                body=f'{{"data":[{{"event_name":"Purchase","user_data":{{"em":["{_MAIL_HASH}"],"ph":"{_MAIL_HASH}",'
                '"client_ip_address":"203.0.113.7"}}]}',
                tells=(("email", _MAIL_HASH), ("phone_number", _MAIL_HASH), ("ip_address", "203.0.113.7")),
            ),
        ),
        (Example(body=f'{{"user":{{"em":"{_MAIL_HASH}"}}}}'), Example(body='{"user_data":{"em":"px"}}')),
        means=(
            *(
                Means(f"user_data.{key}{items}", kind, note + _HASHED, _SHA256)
                for key, kind, note in _PERSON
                for items in ("", "[]")
            ),
            Means("user_data.client_ip_address", "ip_address", "the visitor's address", _IP),
        ),
        any_of=("user_data.em", "user_data.em[]", "user_data.ph", "user_data.ph[]", "user_data.client_ip_address"),
    ),
    Adapter(
        "amplitude",
        "Amplitude",
        "amplitude.com/docs, HTTP V2 API, read 2026-11",
        (
            Example(
                "https://api2.amplitude.com/2/httpapi",
                body='{"api_key":"k","events":[{"event_type":"scan","device_id":"C8F9E604-F01A-4BD9-95C6-8E5357DF265D",'
                '"location_lat":30.25,"location_lng":120.16,"city":"Hangzhou","ip":"203.0.113.7"}]}',
                tells=(
                    ("position", "30.25,120.16"),
                    ("city", "Hangzhou"),
                    ("ip_address", "203.0.113.7"),
                    ("device_id", "C8F9E604-F01A-4BD9-95C6-8E5357DF265D"),
                ),
            ),
        ),
        (Example(body='{"event_type":"scan","city":"Hangzhou"}'), Example(body='{"location_lat":30.25}')),
        means=(
            Means("city", "city", "the city of the event"),
            Means("ip", "ip_address", "the address that the event came from", _IP),
            Means("device_id", "device_id", "the app on this phone", _ID),
            Means("idfa", "device_id", "the phone's advertising id", _ID),
            Means("idfv", "device_id", "the phone, by its vendor id", _ID),
            Means("adid", "device_id", "the phone's advertising id", _ID),
            Means("android_id", "device_id", "the phone's Android id", _ID),
            Means("user_id", "account_id", "the person's account", _ID),
        ),
        places=(Place("location_lat", "wgs84", "where the event happened", longitude="location_lng"),),
        shape=("event_type",),
        any_of=("location_lat", "idfa", "idfv", "adid", "android_id", "dma"),
    ),
    Adapter(
        "mixpanel",
        "Mixpanel",
        "docs.mixpanel.com, default and geolocation properties, read 2026-11",
        (
            Example(
                body='{"event":"scan","properties":{"token":"t","distinct_id":"user-000123","$city":"Hangzhou",'
                '"$latitude":30.25,"$longitude":120.16}}',
                tells=(("city", "Hangzhou"), ("position", "30.25,120.16"), ("account_id", "user-000123")),
            ),
        ),
        (Example(body='{"distinct_id":"user-000123","city":"Hangzhou"}'),),
        means=(
            Means("$city", "city", "the city of the event"),
            Means("ip", "ip_address", "the address that the event came from", _IP),
            Means("distinct_id", "account_id", "the person, by the id that joins the events", _ID),
            Means("$device_id", "device_id", "the phone or browser", _ID),
        ),
        places=(Place("$latitude", "wgs84", "where the event happened", longitude="$longitude"),),
        shape=("distinct_id",),
        any_of=("$city", "$latitude", "$device_id", "mp_lib"),
    ),
    Adapter(
        "segment",
        "Segment",
        "twilio.com/docs/segment, Spec: common fields, read 2026-11",
        (
            Example(
                body='{"anonymousId":"507f191e810c19729de860ea","context":{"ip":"203.0.113.7","device":{"advertisingId":'
                '"7A3CBEA0-BDF5-11E4-8DFC-AA07A5B093DB"},"location":{"city":"Hangzhou","latitude":30.25,'
                '"longitude":120.16}}}',
                tells=(
                    ("position", "30.25,120.16"),
                    ("city", "Hangzhou"),
                    ("ip_address", "203.0.113.7"),
                    ("device_id", "507f191e810c19729de860ea"),
                    ("device_id", "7A3CBEA0-BDF5-11E4-8DFC-AA07A5B093DB"),
                ),
            ),
        ),
        (Example(body='{"anonymousId":"507f191e810c19729de860ea"}'), Example(body='{"context":{"ip":"203.0.113.7"}}')),
        means=(
            Means("context.location.city", "city", "the city of the event"),
            Means("context.ip", "ip_address", "the address that the event came from", _IP),
            Means("context.device.id", "device_id", "the phone", _ID),
            Means("context.device.advertisingId", "device_id", "the phone's advertising id", _ID),
            Means("anonymousId", "device_id", "the browser or app", _ID),
            Means("userId", "account_id", "the person's account", _ID),
            Means("context.traits.email", "email", "the person's e-mail address", r"[^@\s]{1,64}@[^@\s]{3,190}"),
        ),
        places=(
            Place(
                "context.location.latitude", "wgs84", "where the event happened", longitude="context.location.longitude"
            ),
        ),
        shape=("anonymousId", "context"),
    ),
)
