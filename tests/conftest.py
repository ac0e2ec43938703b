"""What holds for all tests."""

from hypothesis import settings

# The first example to call a kernel waits for its compilation.
settings.register_profile("scantrail", deadline=None)
settings.load_profile("scantrail")
