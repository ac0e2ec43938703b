"""Rules for health, for visits and travel, and for labels."""

import re

from scantrail.detectors import identifiers
from scantrail.detectors.rules.row import Rule
from scantrail.detectors.words import words

_COLOURS = r"(?i:green|yellow|red|绿|黄|红|绿码|黄码|红码|绿色|黄色|红色)"
_TIME = (
    r"[12]\d{9}(?:\d{3})?(?:\.\d{1,6})?"
    r"|20\d\d[-/年]?\d{1,2}[-/月]?\d{1,2}日?(?:[T ]?\d{1,2}:?\d{2}(?::?\d{2})?(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)?"
)

_OF_MACHINES = re.compile(
    r"(?i)\b(?:network|timeout|timed out|error|slow|crash\w*|connection|server|latency|memory|battery|offline|dns)\b"
)
_POLICE = re.compile(r"(?:police|gongan|public_?security|law_?enforcement)(?![a-z])")
_TO_POLICE = re.compile(
    r"(?:^|[^a-z])(?:to|for|2)_?(?:the_)?(?:police|gongan|public_?security|law_?enforcement)(?![a-z])"
)
_TELLS = re.compile(
    r"(?:^|[^a-z])(?:report|send|upload|submit|push|notify|inform|share|sync|transfer|forward|transmit|dispatch)(?![a-z])"
)
_TELLS_IN_CHINESE = re.compile(r"上报|报送|上传|发送|推送|同步|提交|通报")
_FILE = re.compile(r".*\.(?:png|jpe?g|gif|svg|webp|ico|css|js|html?|mp[34]|pdf|woff2?|json)", re.IGNORECASE)
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def _is_for_police(text: str) -> bool:
    """Whether an operation's name has the police and that something is told, or that it goes to them.

    Games, films and pictures have the police in their names, too.
    """
    if "公安" in text:
        return bool(_TELLS_IN_CHINESE.search(text))
    name = _HUMPS.sub("_", text).lower()
    if not _POLICE.search(name) or _FILE.fullmatch(name):
        return False
    return bool(_TO_POLICE.search(name) or _TELLS.search(name))


RULES = (
    Rule(
        "code-number",
        "code_number",
        r"[A-Za-z0-9\-]{6,64}",
        "a token under a key that names a health-code number",
        (("codeNo", "HZ20200217000001"), ("healthCodeId", "3301-0000-0001"), ("certValue", "HZ20200217000001")),
        (("codeType", "QR_CODE"), ("zipCode", "310000"), ("statusCode", "200200"), ("postCodeNo", "310000")),
        keys=words(
            """codeno codenumber codeid healthcode healthcodeno healthcodenumber healthcodeid qrcodeid certvalue
            acid"""
        ),
        whole_key=True,
        check=identifiers.is_token,
    ),
    Rule(
        "health-status-colour",
        "health_status",
        _COLOURS,
        "a colour under a key that names the person's health status",
        (("healthStatus", "GREEN"), ("codeColor", "yellow"), ("health_code_colour", "红"), ("健康码", "绿码")),
        (("color", "green"), ("backgroundColor", "red"), ("healthStatus", "ok"), ("qrCodeColorTheme", "red")),
        keys=words(
            """healthstatus healthcolor healthcolour healthcodecolor healthcodecolour healthcodestatus codecolor
            codecolour codestatus acidstatus healthlevel 健康码 健康码状态 码色"""
        ),
    ),
    Rule(
        "health-status-number",
        "health_status",
        r"[1-7]",
        "a number from 1 to 7 under healthStatus, as in a published gate record (1 green, 2 yellow, 3 red, …)",
        (("healthStatus", "1"),),
        (("healthStatus", "0"), ("status", "1")),
        keys=words("healthstatus"),
    ),
    Rule(
        "kvnr",
        "insurance_id",
        r"[A-Z]\d{9}",
        "a letter and nine digits with the check digit of a German health insurance number (section 290 SGB V)",
        (("kvnr", "A123456780"), ("versichertennummer", "A123456780"), ("insurance_number", "A123456780")),
        (("kvnr", "A123456789"), ("sku", "A123456780")),
        keys=words(
            """kvnr kvnummer krankenversicherungsnummer krankenversichertennummer versichertennummer
            versichertennr versichertenid egk egknr insuranceid insuranceno insurancenumber healthinsurance
            healthinsuranceid healthinsurancenumber policynumber"""
        ),
        check=identifiers.is_kvnr,
    ),
    Rule(
        "insurance-number",
        "insurance_id",
        r"[A-Za-z0-9][A-Za-z0-9 \-]{5,24}",
        "a token under a key that names a health insurance or its card",
        (
            ("insuranceNumber", "1234-567-890"),
            ("socialSecurityNo", "330106001234"),
            ("medicare_number", "2123 45670 1"),
            ("医保卡号", "33010600123"),
        ),
        (
            ("insurance", "1234-567-890"),
            ("insuranceType", "private1"),
            ("insuranceNumber", "none"),
            ("policyId", "12345678"),
        ),
        keys=words(
            """healthinsuranceid healthinsurancenumber insuranceno insurancenumber insurancecardno medicareno
            medicarenumber nhsnumber socialsecurityno socialsecuritynumber ssn 医保号 医保卡号 社保号 社保卡号"""
        ),
        check=identifiers.is_token,
    ),
    Rule(
        "diagnosis-icd",
        "diagnosis",
        r"[A-TV-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?[+*!]?",
        "a code of ICD-10 under a key that names a diagnosis",
        (("diagnosis", "J45.9"), ("icd10", "B34.2"), ("diagnosis_code", "F32")),
        (("size", "J45.9"), ("diagnosis", "1.2.3"), ("diagnosis", "j45")),
        keys=words(
            """diagnosis diagnoses diagnosiscode diagnose icd icd10 icdcode icd10code disease diseasecode
            诊断 诊断编码"""
        ),
    ),
    Rule(
        "diagnosis-words",
        "diagnosis",
        r"[A-Za-z\u00c0-\u024f\u3400-\u9fff][A-Za-z\u00c0-\u024f\u3400-\u9fff0-9 ,，、;'()\-]{1,200}",
        "words under a key that names a diagnosis or symptoms",
        (("diagnosis", "asthma"), ("symptoms", "fever, dry cough"), ("症状", "发热"), ("medicalHistory", "diabetes")),
        (
            ("diagnosis", "none"),
            ("symptoms", "无"),
            ("diagnostics", "asthma"),
            ("symptoms", "false"),
            ("symptomCount", "fever"),
            ("diagnosis", "network timeout"),
            ("symptom", "slow"),
        ),
        keys=words(
            """diagnosis diagnose disease symptom symptoms symptomlist medicalcondition medicalhistory
            pastillness allergy allergies medication 诊断 症状 病史 疾病"""
        ),
        check=lambda text: identifiers.is_name(text) and not _OF_MACHINES.search(text),
    ),
    Rule(
        "test-result",
        "health_record",
        r"(?i:negative|positive|阴性?|阳性?|neg|pos|detected|not detected|未检出|negativ|positiv)",
        "a result under a key that names a test for an infection",
        (
            ("nucleicAcidResult", "阴性"),
            ("pcr_result", "negative"),
            ("covidResult", "positive"),
            ("核酸检测结果", "阴性"),
        ),
        (("result", "positive"), ("testResult", "negative"), ("nucleicAcidResult", "0"), ("sentiment", "negative")),
        keys=words(
            """nucleicacidresult nucleicacid nucleicresult pcrresult covidresult covid19result coronaresult
            antigenresult hesuanresult hesuan 核酸检测结果 核酸结果 核酸 抗原结果"""
        ),
    ),
    Rule(
        "vaccine",
        "health_record",
        r"[A-Za-z0-9\u3400-\u9fff][A-Za-z0-9\u3400-\u9fff /()\-]{1,60}",
        "what stands under a key that names a vaccination",
        (("vaccineName", "BNT162b2"), ("vaccinationDate", "2021-05-01"), ("疫苗名称", "科兴")),
        (("vaccine", "faq"), ("vaccineName", "none"), ("vaccinationDate", "0"), ("vaccinesEnabled", "true")),
        keys=words(
            """vaccinename vaccinetype vaccinebrand vaccinemanufacturer vaccineproduct vaccinationdate
            vaccinedate impfstoff impfdatum 疫苗名称 接种日期"""
        ),
        check=identifiers.is_name,
    ),
    Rule(
        "travel-history",
        "travel",
        r"(?s).{2,400}",
        "what stands under a key that names recent travel",
        (("recentTravel", "武汉市"), ("travel_history", "2020-02-01 Wuhan"), ("旅居史", "武汉")),
        (("travelMode", "metro"), ("recentTravel", "0"), ("travelHistory", "none"), ("travelHistory", "false")),
        keys=words(
            """recenttravel recenttravels travelhistory travelrecord travelrecords recenttrips recentitinerary
            visitedcities visitedplaces 旅居史 旅行史 行程"""
        ),
        check=identifiers.is_name,
    ),
    Rule(
        "visit-time",
        "visit_time",
        _TIME,
        "a time under a key that tells when a person was somewhere",
        (
            ("scanTime", "1581897600000"),
            ("check_in_time", "2020-02-17T08:00:00+08:00"),
            ("visitTime", "2020-02-17 08:00"),
        ),
        (
            ("timestamp", "1581897600000"),
            ("scanTime", "17"),
            ("scanTimeout", "1581897600"),
            ("ts", "1581897600"),
            ("visitTime", "12.5"),
        ),
        keys=words(
            """scantime scannedat checkintime checkinat checkouttime visittime visitedat entrytime entertime
            leavetime arrivaltime passtime 扫码时间 到访时间"""
        ),
    ),
    Rule(
        "visit-time-of-event",
        "visit_time",
        _TIME,
        "the time of an event that names a place or a health status beside it",
        (("eventTime", "1581897600000"),),
        (("eventTime", "3"), ("eventTimeout", "1581897600000")),
        keys=words("eventtime eventat"),
        beside=("place_id", "health_status", "code_number"),
    ),
    Rule(
        "label-police",
        "label",
        r"[^\s]{6,200}|[\u3400-\u9fff]{4,40}",
        "an operation name that says whom the data is for; a label, not proof of who received it",
        (
            ("Operation-Type", "healthcode.reportInfoAndLocationToPolice"),
            ("method", "uploadToGongan"),
            ("api", "police.report.location"),
            ("action", "SEND_LOCATION_TO_POLICE"),
            ("operationType", "上报公安"),
        ),
        (
            ("Operation-Type", "healthcode.scan.report"),
            ("note", "call the police"),
            ("method", "acceptPolicy"),
            ("path", "police-car.png"),
            ("action", "police_academy"),
            ("method", "playPoliceAcademy"),
            ("operation", "getPoliceCheckProductList"),
            ("path", "report-on-police.html"),
        ),
        check=_is_for_police,
        keys=words("""operationtype operation opname method api apiname action routine event service path"""),
    ),
)
