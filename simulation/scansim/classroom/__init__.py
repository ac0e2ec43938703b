"""A world to play with: people live by a clock that a class stops and starts, and one phone is in somebody's hand.

`python -m scansim.classroom` is told what to do on its standard input and says what happens on its standard output, in
the words of `scantrail.live.protocol`; what phones send is in the capture, as in every simulation.
"""
