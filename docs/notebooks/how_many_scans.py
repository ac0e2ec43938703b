"""How many scans until they know you: home and uniqueness by the number of scans, beside a naive guess.

Open it with `marimo edit --skip-update-check docs/notebooks/how_many_scans.py`: see docs/notebooks.md.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="How many scans until they know you")

with app.setup:
    from pathlib import Path
    from tempfile import TemporaryDirectory

    import marimo as mo
    import pandas as pd
    from matplotlib.figure import Figure

    from scansim.scenario import DEFAULT, load_scenario
    from scansim.table import write_table
    from scansim.world import World
    from scantrail.geo import distance_m
    from scantrail.history import reconstruct
    from scantrail.mobility.unicity import unicity
    from scantrail.report.crowd import Look
    from scantrail.report.style import GRID, canvas, drawing

    TZ = "Asia/Shanghai"
    CITY = 10_000  # people
    WATCHED = 500  # of them, whose homes are looked for
    DAYS = 28
    SCANS = (2, 3, 4, 6, 8, 12, 16, 24, 32)
    CROWDS = (100, 1_000, CITY)
    RIGHT_M = 150.0  # from the door: a compound's gate is up to 90 m away from it
    POINTS = (1, 2, 3, 4, 6)


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    # How many scans until they know you?

    {CITY:,} people who do not exist live for {DAYS} days in Hangzhou. Guards scan them 1.55 times a day on average, as
    was published for the real city in March 2020. The server has nothing but the scans: whose code, when, where.

    Two questions: after how many scans does it know where you **live**, and how many scans **single you out**?
    """)


@app.cell
def _():
    with TemporaryDirectory() as folder:
        write_table(Path(folder) / "scans", people=CITY, days=DAYS, seed=1)
        fixes = pd.read_parquet(Path(folder) / "scans")
    fixes = fixes.sort_values(["user_id", "tracked_at"], ignore_index=True)
    fixes["number"] = fixes.groupby("user_id").cumcount() + 1  # which scan of the person it is
    fixes.head(100).round({"latitude": 5, "longitude": 5, "accuracy_m": 1})
    return (fixes,)


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## Where do you live?

    Of the first {WATCHED} people, those who were scanned {SCANS[-1]} times or more: each is looked at after their first
    2, 3, 4, … scans. An answer is right within {RIGHT_M:.0f} m of the door.

    The naive guess is the place scanned most between 22:00 and 07:00, or else at all. It always has an answer.
    Scantrail says nothing where the scans do not tell, and a wrong address is worse than none.
    """)


@app.function
def doors(people: int) -> pd.DataFrame:
    """Where people truly live: `latitude` and `longitude` by `user_id`."""
    world = World.of(*load_scenario(DEFAULT, people=people, days=DAYS, seed=1))
    homes = [world.person(number).home.position for number in range(1, people + 1)]
    return pd.DataFrame(
        [(home.latitude, home.longitude) for home in homes],
        columns=["latitude", "longitude"],
        index=pd.RangeIndex(1, people + 1, name="user_id"),
    )


@app.function
def guessed(scans: pd.DataFrame) -> pd.DataFrame:
    """The naive guess: the middle of each person's scans at the place scanned most by night, or else at all."""
    hour = scans["tracked_at"].dt.tz_convert(TZ).dt.hour
    places = (
        scans.assign(by_night=(hour >= 22) | (hour < 7), all=1)
        .groupby(["user_id", "place_id"], observed=True)
        .agg({"by_night": "sum", "all": "sum", "latitude": "mean", "longitude": "mean"})
    )
    return places.reset_index().sort_values(["by_night", "all"]).groupby("user_id").last()


@app.function
def right(homes: pd.DataFrame, true: pd.DataFrame) -> int:
    """How many of these homes (by `user_id`) are at the true door."""
    both = homes.join(true.add_suffix("_true"))
    metres = distance_m(both["latitude"], both["longitude"], both["latitude_true"], both["longitude_true"])
    return int((metres <= RIGHT_M).sum())


@app.cell
def _(fixes):
    true = doors(WATCHED)
    often = fixes["user_id"].isin(fixes.loc[fixes["number"] == SCANS[-1], "user_id"])
    theirs = fixes[often & (fixes["user_id"] <= WATCHED)]
    looked_at = theirs["user_id"].nunique()
    rows = []
    for scans in SCANS:
        some = theirs[theirs["number"] <= scans].drop(columns="number")
        anchors = reconstruct(some, tz=TZ).anchors
        homes = anchors[anchors["purpose"] == "home"].set_index("user_id")
        day = theirs.loc[theirs["number"] == scans, "tracked_at"].sub(fixes["tracked_at"].min()).dt.days.median() + 1
        rows.append((scans, day, len(homes), right(homes, true), right(guessed(some), true)))
    home = pd.DataFrame(rows, columns=["scans", "day", "told", "right", "naive"])
    home[["told", "right", "naive"]] /= looked_at
    home["right_of_told"] = home["right"] / home["told"]
    home.round(3)
    return home, looked_at


@app.function
def curves(table: pd.DataFrame, x: str, lines: dict[str, tuple[str, Look]], title: str, label: str) -> Figure:
    """Draw shares of people over a number, a line for each column."""
    with drawing():
        figure = canvas(3.6, 7.0)
        axes = figure.subplots()
        for column, (name, look) in lines.items():
            axes.plot(
                table[x], table[column] * 100, color=look.colour, marker=look.marker, linestyle=look.dashes, label=name
            )
        axes.set(ylim=(-3, 103), xlabel=label, ylabel="people, in %", title=title)
        axes.grid(color=GRID, linewidth=0.8)
        axes.spines[["right", "top"]].set_visible(False)
        figure.legend(loc="outside lower left", ncols=3, frameon=False)
    return figure


@app.cell
def _(home, looked_at):
    home_figure = curves(
        home,
        "scans",
        {
            "told": ("Scantrail gives an answer", Look("#595959", "o", ":")),
            "right": ("… and it is right", Look("#0072B2", "s", "-")),
            "naive": ("the naive guess is right", Look("#D55E00", "^", "--")),
        },
        f"Whose home is known, of {looked_at} people",
        "scans so far",
    )
    home_figure
    return (home_figure,)


@app.cell(hide_code=True)
def _(home):
    first, last = home.iloc[0], home.iloc[-1]
    half = home[home["right"] >= 0.5].iloc[0]
    mo.md(f"""
    After **{half["scans"]:.0f} scans**, for most of them on day {half["day"]:.0f}, every second home is known to within
    {RIGHT_M:.0f} m. After {last["scans"]:.0f} scans it is {last["right"]:.0%}, and of the answers
    {last["right_of_told"]:.0%} are right.

    In the beginning the naive guess is right more often ({first["naive"]:.0%} after {first["scans"]:.0f} scans), since
    it always guesses: it is wrong about all the others, and does not know about whom.
    """)


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## Who are you, if the trail has no name?

    Somebody has seen you at some of your scans: at this gate, in this hour. How many of these must they know, until
    nobody else's trail has them all? This is unicity (de Montjoye et al. 2013, *Unique in the Crowd*). It depends on
    the crowd, so the same is asked among {CROWDS[0]:,}, {CROWDS[1]:,} and {CROWDS[2]:,} people.
    """)


@app.cell
def _(fixes):
    unique = pd.concat(
        unicity(fixes[fixes["user_id"] <= crowd], points=POINTS, people=min(crowd, 1_000), tz=TZ).assign(crowd=crowd)
        for crowd in CROWDS
    ).reset_index(drop=True)
    shares = unique.pivot_table(index="points", columns="crowd", values="share").reset_index()
    shares.columns = [str(name) for name in shares.columns]
    unique.round(3)
    return shares, unique


@app.cell
def _(shares):
    _looks = (Look("#595959", "o", ":"), Look("#D55E00", "^", "--"), Look("#0072B2", "s", "-"))
    unique_figure = curves(
        shares,
        "points",
        {str(crowd): (f"among {crowd:,} people", look) for crowd, look in zip(CROWDS, _looks, strict=True)},
        "Who is singled out by so many scans",
        "scans that somebody knows of (place and hour)",
    )
    unique_figure
    return (unique_figure,)


@app.cell(hide_code=True)
def _(unique):
    _city = unique[unique["crowd"] == CITY].set_index("points")["share"]
    mo.md(f"""
    Among {CITY:,} people one scan singles out {_city[1]:.1%}, two {_city[2]:.0%}, four {_city[4]:.0%}. Among fewer
    people it takes fewer: a small capture looks more telling than a city is. De Montjoye et al. found 95 % with four
    points among 1.5 million people whose phones told an antenna and an hour.

    ## What this does not show

    - These people are made up, and more regular than real ones. What home and work are worth on real movement is in
      docs/home-work.md, uniqueness in docs/uniqueness.md.
    - Looked at are people who are scanned often. Who is scanned seldom is known later, in days, not in scans.
    - Each scan carries the phone's position. A server that knows where its own gates stand would need none.
    """)


if __name__ == "__main__":
    app.run()
