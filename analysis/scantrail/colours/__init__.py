"""Colours of a health code: published rule sets as rows, and which of them a capture is consistent with.

The rows serve both sides: the simulated server decides by one of the sets, and the analysis tests all of them against
traffic alone. They are hypotheses, never findings: what a server really does is out of traffic's sight.
"""

from scantrail.colours.observe import Holder, holders
from scantrail.colours.published import RULE_SETS, SEVERITY, STATUSES, Colour, Rule, RuleSet
from scantrail.colours.ruling import Ruling, rule_on

__all__ = ["RULE_SETS", "SEVERITY", "STATUSES", "Colour", "Holder", "Rule", "RuleSet", "Ruling", "holders", "rule_on"]
