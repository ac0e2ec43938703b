"""From a scan to a history: one request's bytes, step by step, until the person's home is on a map beside the truth.

Open it with `marimo edit --skip-update-check docs/notebooks/from_a_scan_to_a_history.py`: see docs/notebooks.md.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="From a scan to a history")

with app.setup:
    from pathlib import Path
    from textwrap import wrap

    import marimo as mo
    import pandas as pd

    import scantrail
    from scantrail import scoring
    from scantrail.decoders import fields
    from scantrail.geo import distance_m
    from scantrail.report.maps import map_figure
    from scantrail.report.people import inferred
    from scantrail.report.style import drawing
    from scantrail.report.truth import known
    from scantrail.visible import visible
    from scantrail.wording import sentence

    CAPTURE = Path(__file__).parents[2] / "captures" / "golden" / "hangzhou"


@app.cell(hide_code=True)
def _():
    mo.md("""
    # From a scan to a history

    A week of one person who does not exist, in Hangzhou in February 2020, with a health code as *The New York Times*
    described it. The phone went through a real proxy, which wrote down all that left it. What follows uses nothing but
    these bytes, until the last step compares with the truth.
    """)


@app.cell
def _():
    analysis = scantrail.analyse(CAPTURE)
    analysis
    return (analysis,)


@app.cell(hide_code=True)
def _(analysis):
    scans = sorted({one.request.index for one in analysis.arrived if one.kind == "place_id"})
    pick = mo.ui.dropdown([str(index) for index in scans], value=str(scans[0]), label="A request that tells of a scan")
    mo.vstack([mo.md("## 1. Bytes: what left the phone at one scan"), pick])
    return pick, scans


@app.cell
def _(analysis, pick):
    request = analysis.capture.requests[int(pick.value)]
    head = [f"{request.method} {request.url}", *(f"{name}: {value}" for name, value in request.headers)]
    lines = [*head, "", request.body.decode("utf-8", "replace")]
    mo.plain_text("\n".join(part for line in lines for part in wrap(visible(line, 4_000), 100) or [""]))
    return (request,)


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## 2. Fields: what a server would read in it

    Decoders undo one layer after the other. The path of a field says which, so that each value leads back to its bytes.
    """)


@app.cell
def _(request):
    opened = pd.DataFrame(
        [(one.path, visible(one.text)) for one in fields(request) if one.side == "sent" and one.source == "body"],
        columns=["path", "value"],
    )
    opened
    return (opened,)


@app.cell(hide_code=True)
def _(request):
    told = scantrail.disclose(request, received=False)
    mo.md(f"""
    ## 3. Disclosures: what it tells

    In plain words: *{sentence(request, *told)}*.

    Each disclosure carries the rule that found it and the reason. Coordinates carry their datum: Chinese maps use
    GCJ-02, which lies half a kilometre beside GPS, and whoever forgets that looks for people in the wrong street.
    """)
    return (told,)


@app.cell
def _(told):
    disclosures = pd.DataFrame(
        [
            (one.kind, visible(one.value), one.path, one.datum, one.precision_m, one.reasoning)
            for one in told.disclosures
        ],
        columns=["kind", "value", "path", "datum", "precision_m", "because"],
    )
    disclosures
    return (disclosures,)


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## 4. Positionfixes: who was where, and when

    One request is a point. The identifiers in it say whose, so that all points of a week become one trail. No name is
    needed for that: a phone's number is enough.
    """)


@app.cell
def _(analysis):
    history = analysis.history
    fixes = history.positionfixes
    fixes[["user_id", "tracked_at", "latitude", "longitude", "place_id"]].round({"latitude": 5, "longitude": 5})
    return fixes, history


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## 5. Staypoints and locations: stays, and places that are come back to
    """)


@app.cell
def _(history):
    visited = history.locations.sort_values("staypoints", ascending=False, ignore_index=True)
    visited[["location_id", "latitude", "longitude", "staypoints", "days"]].round(5)
    return (visited,)


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## 6. Home and work: with a probability, or not at all

    Nobody is scanned asleep. What tells is which place begins and ends the days. `because` says what was counted.
    """)


@app.cell
def _(history):
    anchors = history.anchors
    anchors[["purpose", "latitude", "longitude", "probability", "because"]].round(5)
    return (anchors,)


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## 7. The truth

    Up to here nothing knew it. The simulation wrote down where the person really was, in a file of its own.
    """)


@app.cell
def _(analysis, anchors):
    truth = scoring.read_truth(analysis.capture.path)
    person = truth.people[0]
    errors_m = {
        purpose: float(distance_m(row.latitude, row.longitude, true.latitude, true.longitude))
        for purpose, true in (("home", person.home), ("work", person.work))
        for row in anchors[anchors["purpose"] == purpose].itertuples()
        if true
    }
    mo.md("\n".join(f"- {purpose}: **{metres:.0f} m** from the true door" for purpose, metres in errors_m.items()))
    return errors_m, truth


@app.cell
def _(analysis, history):
    with drawing():
        lived = known(analysis).lived
        subject = inferred(history)[0]
        trail_map = map_figure(subject, lived.get(subject.user_id))
    trail_map
    return (trail_map,)


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## 8. Is that good? Beside a naive answer

    The naive answer takes each scan for a place, the place scanned most at night for home, and the last scan for where
    somebody is. What is worth nothing beside it is no inference.
    """)


@app.cell
def _(analysis, history, truth):
    identifiers = {user: analysis.subjects.values(user) for user in analysis.subjects.identifiers}
    scores = pd.DataFrame(
        [(row.metric, row.value, row.baseline, row.unit) for row in scoring.score(history, truth, identifiers)],
        columns=["measure", "inferred", "naive", "unit"],
    )
    scores.round(2)
    return (scores,)


if __name__ == "__main__":
    app.run()
