"""Rules for what tells a phone from others: hardware numbers, identifiers of systems, advertising and analytics."""

from scantrail.detectors import identifiers
from scantrail.detectors.rules.row import OPAQUE, UUID, Rule
from scantrail.detectors.words import words

_ADVERTISING = words(
    """idfa idfv gaid aaid oaid vaid adid advid advertisingid advertiserid googleadvertisingid
    androidadvertisingid androidadid appleidfa iosidfa ifa rdid huaweioaid"""
)

RULES = (
    Rule(
        "utdid",
        "device_id",
        r"\A[A-Za-z0-9+/]{24}\Z",
        "24 base64 characters whose 18 bytes have the UTDID layout (creation time, random, 0300, two hashes)",
        (("did", "XlDyAAAAAAEDAAAAAGQAAADI"),),
        (("did", "AAAAAAAAAAAAAAAAAAAAAAAA"), ("sign", "abcdefghijklmnopqrstuvwx")),
        hint="AAA",  # `DAA` to `DAP`: the bytes 03 00, the ninth and tenth
        check=identifiers.is_utdid,
    ),
    Rule(
        "imei",
        "device_id",
        r"\d{15}|\d{14}|\d{16}",
        "15 digits with a valid Luhn check digit (or 14, or the 16 of an IMEISV) under a key that names an IMEI",
        (("imei", "001010123456780"), ("deviceImei", "001010123456780"), ("imei2", "001010123456780")),
        (("imei", "001010123456789"), ("orderNo", "001010123456780"), ("imei", "000000000000000")),
        keys=words("imei imei1 imei2 imeisv deviceimei phoneimei"),
        check=identifiers.is_imei,
    ),
    Rule(
        "meid",
        "device_id",
        r"[A-F0-9]{14}|[a-f0-9]{14}",
        "14 hexadecimal digits beginning with A to F under a key that names a MEID",
        (("meid", "A0000049259B16"),),
        (("meid", "00000000000000"), ("meid", "10000049259B16"), ("token", "A0000049259B16")),
        keys=words("meid meid1 meid2 devicemeid"),
        check=lambda text: text[0] in "ABCDEFabcdef" and identifiers.is_token(text),
    ),
    Rule(
        "imsi",
        "device_id",
        r"\d{14,15}",
        "14 or 15 digits that begin with a mobile country code (ITU-T E.212) under a key that names an IMSI",
        (("imsi", "460001234567890"),),
        (("imsi", "000000000000000"), ("imsi", "990001234567890"), ("orderNo", "460001234567890")),
        keys=words("imsi imsi1 imsi2 subscriberid"),
        check=lambda text: text[0] in "234567" and identifiers.is_token(text),
    ),
    Rule(
        "iccid",
        "device_id",
        r"89\d{16,17}[0-9A-Fa-f]?",
        "18 to 20 digits beginning with 89 (ITU-T E.118) under a key that names a SIM card",
        (("iccid", "89860012345678901234"),),
        (("iccid", "12860012345678901234"), ("orderNo", "89860012345678901234")),
        keys=words("iccid iccid1 iccid2 simserial simserialnumber simid"),
        check=identifiers.is_token,
    ),
    Rule(
        "advertising-id",
        "device_id",
        UUID,
        "a UUID, not all zeros, under a key that names an advertising identifier",
        (
            ("advertiser_id", "8a7f0c1e-5b1d-4c55-9a0e-3f2b1c0d9e8f"),
            ("google_advertising_id", "8a7f0c1e-5b1d-4c55-9a0e-3f2b1c0d9e8f"),
            ("oaid", "f8b0a1c2-1111-2222-3333-444455556666"),
        ),
        (("idfa", "00000000-0000-0000-0000-000000000000"), ("requestId", "8a7f0c1e-5b1d-4c55-9a0e-3f2b1c0d9e8f")),
        keys=_ADVERTISING,
        check=identifiers.is_token,
    ),
    Rule(
        "android-id",
        "device_id",
        r"[0-9a-f]{15,16}",
        "16 hexadecimal digits under a key that names an Android id",
        (("android_id", "9774d56d682e549d"), ("androidId", "8f14e45fceea167a")),
        (("android_id", "0000000000000000"), ("traceId", "8f14e45fceea167a"), ("androidVersion", "13")),
        keys=words("androidid ssaid aid deviceaid androiddeviceid"),
        check=identifiers.is_token,
    ),
    Rule(
        "device-id",
        "device_id",
        r"[A-Za-z0-9+/=:_\-]{8,128}",
        "a token of 8 to 128 characters under a key that names a device",
        (
            ("deviceId", "8f14e45fceea167a"),
            ("device.id", "ad2140b6-25f1-42d7-b45c-4c0e224ca64f"),
            ("hardware_id", "048f96ec-220f-4860-95c4-62b2565dbbd3"),
            ("ad-id", "A6qKsg97Iklcha_8zf2rQQA"),
            ("udid", "8a7f0c1e5b1d4c559a0e3f2b1c0d9e8f00001111"),
        ),
        (
            ("deviceType", "smartphone1"),
            ("did", "3"),
            ("deviceIdleTime", "123456789"),
            ("deviceId", "unknown"),
            ("deviceId", "00000000-0000-0000-0000-000000000000"),
        ),
        keys=_ADVERTISING
        | words(
            """did utdid udid deviceid deviceuuid deviceuid deviceguid clientdeviceid devicefingerprint
            devicefingerprintid fingerprintid hardwareid identityid anonid anonymousid installid
            installationid appinstanceid umid umidtoken apdid apdidtoken smid cuid androidid"""
        ),
        check=identifiers.is_token,
    ),
    Rule(
        "device-mac",
        "device_id",
        r"(?i)(?:[0-9a-f]{2}[:\-]){5}[0-9a-f]{2}|[0-9a-f]{12}",
        "a hardware address under a key that names the phone's own",
        (("mac", "8c:53:c3:00:11:22"), ("wlanMac", "8C-53-C3-00-11-22"), ("mac_address", "8c53c3001122")),
        (
            ("mac", "02:00:00:00:00:00"),
            ("mac", "00:00:00:00:00:00"),
            ("mac", "ff:ff:ff:ff:ff:ff"),
            ("hmac", "8c53c3001122"),
            ("mac", "macintosh123"),
        ),
        keys=words("""mac macaddr macaddress devicemac wlanmac smac localmac bluetoothmac btmac ethmac"""),
        check=identifiers.is_mac,
    ),
    Rule(
        "serial-number",
        "device_id",
        r"[A-Z0-9]{8,20}",
        "letters and digits, and not hexadecimal as a certificate's, under a key that names a serial number",
        (("serialNumber", "R58M12ABCDE"), ("deviceSn", "HT7A1B0C2D3E")),
        (
            ("serialNumber", "12345678"),
            ("serialNumber", "UNKNOWNSERIAL"),
            ("serialNumber", "0A1B2C3D4E5F6071"),
            ("sn", "R58M12ABCDE"),
        ),
        keys=words("""serial serialno serialnumber deviceserial deviceserialno devicesn buildserial hardwareserial"""),
        check=lambda text: identifiers.is_token(text) and bool(text.strip("0123456789ABCDEF")),
    ),
    Rule(
        "analytics-client",
        "device_id",
        r"(?:GA1\.\d\.|amp-|fb\.\d\.)?\d{6,13}\.\d{8,12}",
        "a browser's lasting number under the cookie of Google Analytics or Meta (kept two years and 90 days)",
        (("_ga", "GA1.2.1281782721.1612375473"), ("_fbp", "fb.1.1596403881668.1116446470")),
        (("_gid", "GA1.2.1281782721.1612375473"), ("ratio", "1281782721.1612375473"), ("_ga", "GA1.2")),
        keys=words("ga fbp"),
        whole_key=True,
    ),
    Rule(
        "push-token",
        "device_id",
        OPAQUE,
        "a long token under a key that names the address for push messages, which is one phone's",
        (("deviceToken", "740f4707bebcf74f9b7c25d48e3358945f6aa01da5ddb387462c7eaf61bb78ad"),),
        (("deviceToken", "none"), ("csrfToken", "740f4707bebcf74f9b7c25d48e3358945f6aa01da5ddb387462c7eaf61bb78ad")),
        keys=words(
            """devicetoken pushtoken fcmtoken apnstoken pushregistrationid jpushregistrationid registrationid"""
        ),
        check=lambda text: len(text) >= 18 and identifiers.is_token(text),
    ),
)
