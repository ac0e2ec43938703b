"""What the area codes of GB/T 2260 name: to know the code is to know the city."""

from functools import lru_cache


@lru_cache(maxsize=1024)
def names(code: str) -> tuple[tuple[str, str], ...]:
    """What a GB/T 2260 code names, from the province down; nothing if the standard does not have it."""
    import gb2260

    try:
        area = gb2260.get(code[:6])
    except ValueError:
        return ()
    found = [("province", area.province.name)]
    if code[2:4] != "00":
        prefecture = area.prefecture.name
        municipal = prefecture in ("市辖区", "县", "省直辖县级行政区划")
        found.append(("city", area.province.name if municipal else prefecture))
    if code[4:6] != "00":
        found.append(("district", area.name))
    return tuple(found)
