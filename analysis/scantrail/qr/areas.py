"""What the area codes of GB/T 2260 name, from the province down: to know the code is to know the city."""

from scantrail.detectors.areas import Area, area

_HEADINGS = ("市辖区", "县")  # of a municipality's districts: the municipality is the city


def names(code: str) -> tuple[tuple[str, str], ...]:
    """What a code, or a text that begins with one, names: pairs of `region`, `city` or `district` and the name."""
    own = area(code[:6]) if len(code) >= 6 else None
    if own is None:
        return ()
    region, city = area(code[:2]), area(code[:4])
    if city is None or city.name in _HEADINGS or "直辖" in city.name:
        city = region if code[:2] in ("11", "12", "31", "50", "81", "82") else None
    levels: tuple[tuple[str, Area | None], ...] = (
        ("region", region),
        ("city", city if code[2:6] != "0000" else None),
        ("district", own if code[4:6] != "00" else None),
    )
    return tuple((level, each.name) for level, each in levels if each)
