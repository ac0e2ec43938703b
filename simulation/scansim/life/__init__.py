"""How people live: kernels that let one person live one day, for a phone's sake or for a table of millions.

`habits` are the numbers that a scenario may change, `town` a city as columns, `who` somebody is, `days` what they do,
`ways` how they get about, `diary` where that is written down, `receiver` what their phones make of where they are.
`resident` lives day by day, `population` all at once: the same kernels, and so the same lives, to the last digit.
"""
