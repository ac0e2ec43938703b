"""Designs of "scan": what each has on its servers, and what its app sends when something happens to its person."""

from scansim.designs import alipay, cwa, kipass, luca, nhs, place_code, safeentry
from scansim.designs.design import Design

_ALL = (alipay, place_code, safeentry, luca, kipass, nhs, cwa)
DESIGNS: dict[str, Design] = {module.DESIGN.name: module.DESIGN for module in _ALL}
