"""Designs of "scan": what each has on its servers, and what its app sends when something happens to its person."""

from scansim.designs import alipay, kipass, luca, place_code, safeentry
from scansim.designs.design import Design

DESIGNS: dict[str, Design] = {
    design.name: design for design in (alipay.DESIGN, place_code.DESIGN, safeentry.DESIGN, luca.DESIGN, kipass.DESIGN)
}
