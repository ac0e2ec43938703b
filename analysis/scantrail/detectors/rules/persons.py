"""Rules for what tells a person from others: numbers, names, accounts."""

import re

from scantrail.detectors import identifiers
from scantrail.detectors.rules.row import CHINESE, LATIN, Rule
from scantrail.detectors.words import words

_PHONE_KEYS = words(
    """mobile mobileno mobilenumber mobilephone phone phoneno phonenum phonenumber cellphone tel telno
    telephone telephonenumber contact contactnumber msisdn whatsapp userphone usermobile contactphone
    contactmobile receiverphone 手机 手机号 手机号码 电话 联系电话 联系方式"""
)
_PLATE_OF_CHINA = (
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z]·?[A-HJ-NP-Z0-9]{5,6}"  # GA 36-2018
)
_REACHES = ("resident_id", "phone_number", "email", "insurance_id", "travel_document", "bank_account")

_UNSET = (1970, 1, 1)  # what an empty date is in many programs


def _is_birth_date(text: str) -> bool:
    """Whether its numbers are a day, year first or last, in some order of day and month."""
    numbers = [int(part) for part in re.findall(r"\d+", text.partition("T")[0])]
    if len(numbers) == 1 and len(digits := text.partition("T")[0]) == 8 and digits.isdecimal():
        numbers = [int(digits[:4]), int(digits[4:6]), int(digits[6:])]
    if len(numbers) != 3:
        return False
    year, low, high = (numbers[0], *sorted(numbers[1:])) if numbers[0] > 31 else (numbers[2], *sorted(numbers[:2]))
    return 1900 <= year <= 2100 and 1 <= low <= 12 and high <= 31 and (year, low, high) != _UNSET


RULES = (
    Rule(
        "resident-id",
        "resident_id",
        r"\d(?<![0-9A-Za-z]\d)\d{16}[\dXx](?![0-9A-Za-z])",  # it begins with a digit, so that the search is quick
        "18 characters with a valid region, birth date and ISO 7064 MOD 11-2 check character",
        (
            ("idCardNo", "330106184905120015"),
            ("anything", "11010519491231002X"),
            ("note", "id: 330106184905120015, ok"),
        ),
        (
            ("idCardNo", "330106184905120016"),
            ("orderNo", "990106184905120012"),
            ("orderNo", "330106184913120018"),
            ("orderNo", "9330106184905120015"),
        ),
        hint="0" * 17,
        reads=identifiers.resident_id,
    ),
    Rule(
        "resident-id-15",
        "resident_id",
        r"\d{15}",
        "15 digits with a valid region and birth date under a key that names a resident id: the form before 1999",
        (("idCard", "330106490512001"), ("身份证号", "110105491231002")),
        (("idCard", "990106490512001"), ("idCard", "330106491312001"), ("orderNo", "330106490512001")),
        keys=words(
            """idcard idcardno idcardnum idcardnumber idno idnumber identityno identitycard certno sfz sfzh 身份证
            身份证号 身份证号码"""
        ),
        reads=identifiers.resident_id_15,
    ),
    Rule(
        "permit",
        "travel_document",
        r"[HM]\d{8}(?:\d{2})?|\d{8}|[A-Z]{1,2}\d{6}\(?[0-9A]\)?",
        "the shape of a permit or identity card of Hong Kong, Macau or Taiwan under a key that names one",
        (("hkmPermit", "H12345678"), ("回乡证", "M1234567801"), ("hkid", "A123456(3)"), ("taiwanPermitNo", "12345678")),
        (("permit", "12345678"), ("hkid", "none"), ("orderNo", "H12345678")),
        keys=words(
            """hkid hkidno hkmpermit hkmpermitno hometurnpermit homereturnpermit taiwanpermit taiwanpermitno mtp
            回乡证 台胞证 通行证 港澳通行证"""
        ),
    ),
    Rule(
        "passport",
        "travel_document",
        r"[A-Z]{0,2}\d{6,9}[A-Z]?\d?",
        "a passport number under a key that names a passport",
        (("passportNo", "E12345678"), ("护照号", "EA1234567")),
        (("passport", "true"), ("passportId", "login"), ("docNo", "E12345678")),
        keys=words("passport passportno passportnum passportnumber 护照 护照号 护照号码"),
        check=identifiers.is_token,
    ),
    Rule(
        "phone-number",
        "phone_number",
        r"(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}",
        "11 digits beginning with 13 to 19 under a key that names a telephone",
        (("mobile", "15400012345"), ("contact_phone", "+8615400012345"), ("tel", "15400012345")),
        (("orderNo", "15400012345"), ("mobile", "12345678901"), ("mobileSdk", "15.4.0")),
        keys=_PHONE_KEYS,
    ),
    Rule(
        "phone-number-dialled",
        "phone_number",
        r"\+?\(?\d[\d \-()./]{6,20}",
        "a number that exists by the numbering plan of its country (or of China) under a key that names a telephone",
        (
            ("phone", "+49 151 23456789"),
            ("phone", "49 151 23456789"),
            ("tel", "0571-88886666"),
            ("phone", "0049 151 23456789"),
        ),
        (("phone", "20200217"), ("phone", "1581847860000"), ("tel", "00000000000"), ("contact", "2020-02-17 10:00")),
        keys=_PHONE_KEYS,
        reads=identifiers.phone_number,
    ),
    Rule(
        "phone-number-international",
        "phone_number",
        r"\+(?<![\w+]\+)[1-9][\d \-()./]{7,19}\d(?![\w])",
        "a + and a number that exists by the numbering plan of its country",
        (("text", "call +49 151 23456789 please"), ("anything", "+44 20 7946 0958")),
        (
            ("offset", "+0800"),
            ("diff", "+123456789012345"),
            ("time", "2020-02-17T00:00:00+08:00"),
            ("n", "1+1234567890"),
        ),
        hint="+0",
        reads=identifiers.phone_number,
    ),
    Rule(
        "email",
        "email",
        r"(?<![\w.%+\-/])[A-Za-z0-9][\w.%+\-]{0,63}@[A-Za-z0-9][A-Za-z0-9.\-]{2,250}",
        "an e-mail address under a top-level domain that exists",
        (
            ("email", "jane.test@example.com"),
            ("message", '42["identify",{"visitor":{"email":"jane.test@example.com"}}]'),
            ("u", "someone@mail.example.co.uk"),
        ),
        (
            ("icon", "icon@2x.png"),
            ("src", "npm/lodash@4.17.21"),
            ("dsn", "https://0123456789abcdef@o1.ingest.sentry.example/2"),
            ("remote", "git@github.com:owner/name.git"),
            ("user", "user@localhost"),
            ("at", "me@home"),
            ("asset", "logo@3x.zip"),
        ),
        hint="@",
        reads=identifiers.email,
    ),
    Rule(
        "iban",
        "bank_account",
        r"[A-Z](?<![0-9A-Za-z][A-Z])[A-Z]\d{2} ?(?:[0-9A-Z]{4} ?){2,7}[0-9A-Z]{0,4}(?![0-9A-Za-z])",
        "an IBAN of a country that has them, of the right length and with valid check digits (ISO 13616)",
        (("iban", "DE89370400440532013000"), ("account", "GB82 WEST 1234 5698 7654 32")),
        (("iban", "DE89370400440532013001"), ("sku", "AB12345678901234"), ("iban", "DE00")),
        hint="AA00",
        reads=identifiers.iban,
    ),
    Rule(
        "bank-account",
        "bank_account",
        r"\d[\d ]{9,22}\d",
        "10 to 24 digits under a key that names a bank account or card",
        (
            ("bankAccount", "6222020200012345678"),
            ("bank_card_no", "6222 0202 0001 2345 678"),
            ("银行卡号", "6222020200012345678"),
        ),
        (("account", "6222020200012345678"), ("bankCode", "102100099996"), ("bankCard", "0000000000000000")),
        keys=words(
            """bankaccount bankaccountno bankaccountnumber bankcard bankcardno bankcardnumber
            银行卡 银行卡号 银行账号"""
        ),
        check=identifiers.is_token,
    ),
    Rule(
        "full-name",
        "name",
        rf"{CHINESE}|{LATIN}",
        "a name of a person under a key that names one",
        (("full_name", "Jane Test"), ("realName", "王小明"), ("patient_name", "Jane Test"), ("姓名", "李强")),
        (
            ("full_name", "owner/name"),
            ("full_name", "Default"),
            ("realName", "x1"),
            ("name", "Jane Test"),
            ("fullName", "ActivityThread"),
        ),
        keys=words(
            """fullname realname truename legalname patientname passengername guestname cardholdername 姓名 真实姓名"""
        ),
        check=identifiers.is_full_name,
    ),
    Rule(
        "name-beside",
        "name",
        rf"{CHINESE}|{LATIN}",
        "a name in the same object as a number or address of a person",
        (("name", "王小明"), ("contact_name", "Wang Xiaoming"), ("userName", "李强")),
        (
            ("name", "12"),
            ("fileName", "report.pdf"),
            ("name", "default"),
            ("appName", "Alipay"),
            ("name", "TIMED_WAITING"),
        ),
        keys=words("""name realname username contactname customername nickname personname certname"""),
        whole_key=True,
        check=identifiers.is_name,
        beside=_REACHES,
    ),
    Rule(
        "alipay-user",
        "account_id",
        r"2088\d{12}",
        "16 digits beginning with 2088, as Alipay numbers its accounts, under a key that names a user",
        (("alipayUserId", "2088102146225135"), ("buyer_id", "2088102146225135"), ("uid", "2088102146225135")),
        (("orderId", "2088102146225135"), ("uid", "208810214622513")),
        keys=words("""uid userid alipayuserid alipayid buyerid buyeruserid payerid partnerid logonid publicid"""),
    ),
    Rule(
        "account-id",
        "account_id",
        r"[A-Za-z0-9][\w:.|@+/=\-]{4,127}",
        "a token of 5 characters or more under a key that names a user or an account",
        (
            ("uid", "Lm-9qVlU"),
            ("userId", "7d5a6fd0d53a566b"),
            ("openid", "oLVPpjqs9BhvzwPj5A-vTYAX3GLc"),
            ("user.id", "100017"),
            ("memberNo", "A100017"),
        ),
        (
            ("userId", "0"),
            ("uid", "${TM_USER_ID}"),
            ("account_id", "11016"),
            ("openid.mode", "checkid_setup"),
            ("userIdType", "openid1234"),
            ("uid", "1000"),
            ("uid", "0000000000"),
        ),
        keys=words(
            """uid userid useruid useruuid userguid puserid partneruid partneruserid memberid memberno customerid
            loginid openid unionid accountuid enduserid optimizelyenduserid"""
        ),
        check=identifiers.is_token,
    ),
    Rule(
        "account-number",
        "account_id",
        r"[A-Za-z0-9][\w:.|@+/=\-]{7,127}",
        "a token of 8 characters or more under a key that names an account: shorter ones are a publisher's",
        (("accountId", "7d5a6fd0d53a566b"), ("account.no", "1000171234")),
        (("account_id", "11016"), ("accountType", "personal1"), ("accountId", "unknown_account")),
        keys=words("accountid accountno accountnumber acctid acctno accountname loginname"),
        check=identifiers.is_token,
    ),
    Rule(
        "licence-plate",
        "vehicle",
        rf"{_PLATE_OF_CHINA}|[A-Z0-9ÄÖÜ]{{1,4}}[- ]?[A-Z0-9]{{1,4}}[- ]?[A-Z0-9]{{2,5}}",
        "the shape of a licence plate under a key that names one",
        (("plateNo", "浙A12345"), ("licensePlate", "B-AB 1234"), ("车牌号", "浙AD12345")),
        (("plate", "none"), ("carNo", "12"), ("template", "浙A12345"), ("licensePlate", "UNKNOWN")),
        keys=words(
            """plate plateno platenum platenumber carplate carno licenceplate licenseplate vehicleplate 车牌 车牌号
            车牌号码"""
        ),
        check=identifiers.is_token,
    ),
    Rule(
        "birth-date",
        "birth_date",
        r"\d{4}[-/.年]?\d{1,2}[-/.月]?\d{1,2}日?(?:T00:00:00(?:\.0+)?(?:Z|[+-]\d\d:?\d\d)?)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}",
        "a date of a person's lifetime under a key that names the date of birth",
        (
            ("birthday", "1990-05-17"),
            ("dob", "05/17/1990"),
            ("date_of_birth", "19900517"),
            ("geburtsdatum", "17.05.1990"),
        ),
        (
            ("birthday", "0000-00-00"),
            ("birthday", "1970-01-01"),
            ("dob", "1990"),
            ("date", "1990-05-17"),
            ("birthday", "2990-05-17"),
            ("birthday", "1990-35-47"),
        ),
        keys=words("birthday birthdate dateofbirth dob birth bday geburtsdatum geburtstag 出生日期 生日"),
        check=_is_birth_date,
    ),
)
