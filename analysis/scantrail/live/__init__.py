"""The live page: what leaves a phone as it leaves, and what the server knows by now.

Nothing is imported here, so that a simulation takes `protocol` and `guard` without the page.
"""
