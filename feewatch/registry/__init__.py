"""Register files: bytes -> typed records and problems, for the seven kinds of register.

Pure: never asks a database, so that a row's institution, contract or course exists is not its
question.
"""
