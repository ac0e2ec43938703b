"""The simulated world: a city, its people, their phones, and the servers that a scan talks to.

It knows the truth. Whatever it writes for the analysis (`log.jsonl`, by the recorder) is real traffic through a real
proxy; the truth goes to files of its own. People are synthetic, hosts end in `.test` and stand on loopback.
"""

__version__ = "0.1.0"
"""Of the world, not of the package around it: the same version and seed give the same week."""


class SimulationError(ValueError):
    """The world cannot be made, or stopped. The message is one line that says what and where."""
