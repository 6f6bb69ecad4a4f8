"""A made-up district as real files, with the exact list of breaches that must be found in it.

Knows the file formats and the rule catalogue, and nothing else: it shares no code with the parts
that read, match or judge, so that agreement between the two means something.
"""
