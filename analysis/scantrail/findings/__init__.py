"""Claims that were published, as rows, and what a capture says of each.

A claim has parts; a part is one statement and one test. A test looks at evidence alone and answers supported, refuted
or not decidable, with the requests that say so. What no capture can show (who read the data, how a rule was made) is a
part too: `beyond`, never decidable, so that no verdict claims more than traffic holds.
"""

from collections.abc import Sequence

from scantrail.findings import collection, times
from scantrail.findings.evidence import Answer, Claim, Evidence, beyond, missing
from scantrail.model import Finding, Part

CLAIMS: tuple[Claim, ...] = (*times.CLAIMS, *collection.CLAIMS)

__all__ = ["CLAIMS", "Answer", "Claim", "Evidence", "beyond", "judge", "missing"]


def judge(evidence: Evidence, claims: Sequence[Claim] | None = None) -> list[Finding]:
    """Test every claim (by default those of `CLAIMS`) against the evidence."""
    return [
        Finding(
            id=claim.id,
            claim=claim.claim,
            source=claim.source,
            parts=tuple(_part(statement, test(evidence)) for statement, test in claim.parts),
        )
        for claim in (CLAIMS if claims is None else claims)
    ]


def _part(statement: str, answer: Answer) -> Part:
    return Part(
        statement=statement,
        verdict=answer.verdict,
        shows=answer.shows,
        requests=tuple(sorted(set(answer.requests))),
        missing=answer.missing,
    )
