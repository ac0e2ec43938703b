"""Rules for where a phone is, in words and numbers of administration: cities, districts, codes, postcodes, places."""

from scantrail.detectors import place_names
from scantrail.detectors.opened import NOT_ASCII
from scantrail.detectors.rules.row import Rule
from scantrail.detectors.words import words

_CITY_KEYS = words(
    """city cityname citynm town townname municipality locality cityen citycn cityzh ipcity geocity usercity homecity
    currentcity curcity localcity livecity loccity gpscity 城市 城市名 城市名称 所在城市 当前城市 市"""
)
_PLACE_KEYS = words(
    """geo geodata geoinfo geoip geolocation loc location locationname locinfo region regionname area areaname
    place placename position address 所在地 地区 位置 地址"""
)
_DISTRICT_KEYS = words("district districtname county countyname borough subcity 区县 区 县")
_REGION_KEYS = words(
    """province provincename provincecode state statecode statename region regionname regioncode subdivision
    isosubdivision iso31662 省 省份"""
)
_ADDRESS_KEYS = words(
    """address addr addressline1 addressline fulladdress formattedaddress formattedaddr streetaddress homeaddress
    street addressdetail detailaddress locationname poiname 地址 详细地址 住址 家庭住址"""
)
_CODE_KEYS = words(
    """adcode areacode citycode districtcode countycode regioncode provincecode divisioncode admincode cityadcode
    districtadcode provinceadcode cityid areaid regionid streetcode towncode villagecode xzqh xzqhdm xzqdm
    xzqhbm 行政区划代码"""
)

RULES = (
    Rule(
        "city-name",
        "city",
        r"[^\W\d_][^\d_=<>{}\[\]:]{1,40}",
        "a name under a key that names a city",
        (
            ("city", "杭州市"),
            ("city", "杭州"),
            ("cityName", "Hangzhou"),
            ("current_city", "New York"),
            ("geo_city", "plovdiv"),
            ("user.city", "hang zhou shi"),
            ("city", "Kleinkleckersdorf"),
        ),
        (
            ("city", "330100"),
            ("cityId", "17"),
            ("city", "true"),
            ("city", "unknown"),
            ("capacity", "Large"),
            ("city", "default"),
            ("city_test", "A"),
            ("experiment_city", "Hangzhou"),
            ("event", "city_selected"),
            ("arrivalCity", "Hangzhou"),
            ("birth_city", "Hangzhou"),
            ("city", "BG"),
            ("city", "city_selected"),
            ("city", "Enter city"),
            ("city", "name"),
            ("city", "green"),
        ),
        keys=_CITY_KEYS,
        reads=place_names.city,
    ),
    Rule(
        "city-of-place",
        "city",
        r"[^\W\d_][^\d_=<>{}\[\]:]{1,40}",
        "the name of a city under a key that speaks of a place",
        (("location", "Hangzhou"), ("region", "杭州市"), ("geo", "plovdiv"), ("loc", "杭州")),
        (
            ("location", "Top"),
            ("region", "Central"),
            ("area", "Reading"),
            ("location", "mobile"),
            ("location", "name"),
            ("area", "sale"),
            ("location", "AT"),
            ("title", "Hangzhou"),
            ("region", "EU"),
            ("position", "bottom"),
        ),
        keys=_PLACE_KEYS,
        reads=place_names.city_of_place,
    ),
    Rule(
        "city-in-list",
        "city",
        r"[^=<>{}\[\]]{5,160}",
        "a city in a list that names its country or province too, under a key that speaks of a place",
        (
            ("geoData", "plovdiv|16|4000|BG|EU"),
            ("geoData", "kleinkleckersdorf|16|4000|BG|EU"),
            ("GeoIP", "DE:BE:Berlin:52.52:13.41:v4"),
            ("location", "Hangzhou,Zhejiang,CN"),
            ("loc", "San Francisco, CA, US"),
            ("city", "Hangzhou, Zhejiang"),
            ("region", "中国|浙江|杭州"),
            ("address", "Hauptstraße 5, 10115 Berlin, Germany"),
            ("formattedAddress", "1600 Amphitheatre Parkway, Mountain View, CA 94043, USA"),
        ),
        (
            ("geoData", "|||"),
            ("location", "left,top"),
            ("geoData", "a|16|4000|BG|EU"),
            ("layout", "plovdiv|16|4000|BG|EU"),
            ("location", "header,main,US"),
            ("accept", "de-DE,de,en-US"),
        ),
        keys=_CITY_KEYS | _PLACE_KEYS | _ADDRESS_KEYS,
        reads=place_names.city_in_list,
    ),
    Rule(
        "city-in-pairs",
        "city",
        r"(?<![a-z]city=)(?<=city=)[^,;&|=<>{}\"'\d]{2,40}",
        "the name of a city after `city=` in a list of pairs",
        (("x-akamai-edgescape", "georegion=246,country_code=US,city=CAMBRIDGE"), ("t", "lang=de;geo_city=Berlin;v=1")),
        (
            ("t", "lang=de;capacity=Berlin"),
            ("t", "lang=de;city=1;v=2"),
            ("t", "a=1;city=selected"),
            ("t", "lang=de;city="),
        ),
        hint="city=",
        reads=place_names.city,
    ),
    Rule(
        "city-in-address",
        "city",
        r"[^\x00-\x7f][^=<>{}]{1,120}",
        "a name of GB/T 2260 or an address that begins with one",
        (
            ("anything", "杭州市"),
            ("anything", "浙江省杭州市"),
            ("q", "浙江省杭州市西湖区文三路90号"),
            ("q", "杭州市西湖区"),
        ),
        (
            ("title", "杭州市民中心开放"),
            ("title", "杭州"),
            ("tag", "西湖区"),
            ("title", "城市"),
            ("text", "我在杭州市"),
            ("recentTravel", "杭州市"),
        ),
        hint=NOT_ASCII,
        longest=120,
        reads=place_names.city_in_address,
    ),
    Rule(
        "district-in-address",
        "district",
        r"[^\x00-\x7f][^=<>{}]{1,120}",
        "a district of GB/T 2260 after its city",
        (("anything", "杭州市西湖区"), ("q", "浙江省杭州市西湖区文三路90号")),
        (("anything", "杭州市"), ("title", "西湖区")),
        hint=NOT_ASCII,
        longest=120,
        reads=place_names.district_in_address,
    ),
    Rule(
        "address-chinese",
        "address",
        r"[^\x00-\x7f][^=<>{}]{1,120}",
        "an address: a city of GB/T 2260 and a street or number",
        (("q", "浙江省杭州市西湖区文三路90号"), ("formattedAddress", "杭州市西湖区文三路")),
        (("q", "杭州市西湖区"), ("title", "杭州市民中心开放")),
        hint=NOT_ASCII,
        longest=120,
        reads=place_names.chinese_address,
    ),
    Rule(
        "address",
        "address",
        r"[^=<>{}@]{6,160}",
        "words and a number under a key that names an address",
        (
            ("address", "1600 Amphitheatre Parkway"),
            ("street_address", "Hauptstraße 5, 10115 Berlin"),
            ("详细地址", "文三路90号3幢"),
        ),
        (
            ("address", "0x52908400098527886E0F7030069857D2E4169EE7"),
            ("address", "10.0.0.1:8080"),
            ("address", "8c:53:c3:00:11:22"),
            ("address", "none"),
            ("address", "Level 3 heading"),
        ),
        keys=_ADDRESS_KEYS,
        check=place_names.is_address,
    ),
    Rule(
        "district-name",
        "district",
        r"[^\W\d_][^\d_=<>{}\[\]:]{1,40}",
        "a name under a key that names a district",
        (("district", "西湖区"), ("districtName", "Xihu"), ("county", "西湖")),
        (("district", "330106"), ("districtId", "6"), ("district", "default"), ("discount", "Xihu")),
        keys=_DISTRICT_KEYS,
        reads=place_names.district,
    ),
    Rule(
        "region-name",
        "region",
        r"[^\W\d_][^\d_=<>{}\[\]:]{1,40}",
        "a province, state or ISO 3166-2 code that exists under a key that names one",
        (
            ("province", "浙江省"),
            ("province", "浙江"),
            ("region", "CN-ZJ"),
            ("state", "California"),
            ("regionCode", "US-CA"),
        ),
        (
            ("state", "WAITING"),
            ("state", "on"),
            ("region", "EU"),
            ("state", "CA"),
            ("region", "us-east"),
            ("locale", "zh-CN"),
            ("region", "en-US"),
        ),
        keys=_REGION_KEYS,
        reads=place_names.region,
    ),
    Rule(
        "adcode",
        "adcode",
        r"\d{6}|\d{9}|\d{12}",
        "a GB/T 2260 code (or its township or village) under a key that names an area code",
        (
            ("cityAdcode", "330100"),
            ("adcode", "330106"),
            ("area_code", "110108"),
            ("adcode", "110103"),
            ("xzqhdm", "330106001002"),
            ("town_code", "330106001"),
            ("cityId", "330100"),
        ),
        (
            ("adcode", "990100"),
            ("adcode", "330199"),
            ("zipcode", "310000"),
            ("cityCode", "0571"),
            ("barcode", "330106"),
            ("cityId", "17"),
            ("adcode", "331582190001"),
        ),
        keys=_CODE_KEYS,
        reads=place_names.adcode,
    ),
    Rule(
        "adcode-prefix",
        "adcode",
        r"\d{4}",
        "four digits with which the GB/T 2260 codes of one city begin, under a key that names a city's code",
        (("cityCode", "3301"), ("prefecture_code", "3305")),
        (("cityCode", "0571"), ("cityCode", "3399"), ("pin", "3301"), ("areaCode", "3301")),
        keys=words("citycode cityprefix areaprefix prefecture prefecturecode"),
        reads=place_names.adcode,
    ),
    Rule(
        "org-code-area",
        "adcode",
        r"\d{6}(?:-[\w\-]*)?",
        "an organisation code that begins with a GB/T 2260 area code, as in published health-code links",
        (("orgCode", "330106-0001"), ("orgcode", "330500")),
        (("orgCode", "990106-0001"), ("orgCode", "A330106"), ("orgCode", "1234567")),
        keys=words("orgcode orgid organcode organizationcode deptcode"),
        reads=place_names.adcode_before_dash,
    ),
    Rule(
        "telephone-code",
        "telephone_code",
        r"(?:\+?86[ -]?)?0?\d{2,3}",
        "a telephone area code of China under a key that names one",
        (("citycode", "0571"), ("cityCode", "010"), ("tel_area", "0571"), ("区号", "0571"), ("areaCode", "0571")),
        (("citycode", "0100"), ("citycode", "571"), ("statusCode", "010"), ("cityCode", "330100")),
        keys=words(
            """citycode areacode telcode telarea telareacode phonearea phoneareacode diallingcode dialingcode 区号
            电话区号"""
        ),
        reads=place_names.telephone_code,
    ),
    Rule(
        "postcode-chinese",
        "postcode",
        r"\d{6}",
        "six digits beginning with a postal district of China under a key that names a postcode",
        (("zipCode", "310000"), ("postcode", "310012"), ("邮编", "310000"), ("postal", "100080")),
        (("zip", "999999"), ("zipSize", "310000"), ("zip", "000000"), ("code", "310000"), ("zip", "94103")),
        keys=words("zip zipcode postcode postalcode postal postcodeno 邮编 邮政编码"),
        reads=place_names.chinese_postcode,
    ),
    Rule(
        "postcode-german",
        "postcode",
        r"(?:0[1-9]|[1-9]\d)\d{3}",
        "five digits under a key that names a German postcode",
        (("plz", "10115"), ("postleitzahl", "01067")),
        (("plz", "00123"), ("plz", "1010"), ("zip", "10115"), ("plzCount", "10115")),
        keys=words("plz postleitzahl"),
    ),
    Rule(
        "postcode-in-list",
        "postcode",
        r"[^=<>{}\[\]]{5,160}",
        "a postcode in a list that names its country, under a key that speaks of a place",
        (
            ("geoData", "plovdiv|16|4000|BG|EU"),
            ("geo", "Berlin|10115|DE"),
            ("location", "San Francisco, CA, 94103, US"),
        ),
        (("geoData", "plovdiv|16|x|BG|EU"), ("geo", "4000|16"), ("layout", "plovdiv|16|4000|BG|EU")),
        keys=_CITY_KEYS | _PLACE_KEYS,
        reads=place_names.postcode_in_list,
    ),
    Rule(
        "place-id",
        "place_id",
        r"[\w:.\-/+=]{1,64}",
        "a token under a key that names a place, gate, station or scanner",
        (("gateId", "HZ-M1-017"), ("placeId", "P0042"), ("iotId", "scanner-9"), ("gate.id", "17")),
        (("placeholder", "Name"), ("gateIdle", "3"), ("placeId", ""), ("siteID", "191334"), ("place_id", "banner_top")),
        keys=words("""placeid placecode gateid venueid venuecode stationid checkpointid iotid scannerid posterid"""),
        check=lambda text: any(character.isdigit() for character in text),
    ),
)
