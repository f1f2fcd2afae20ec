"""The command ``legacy-compare``: whether the streams of REST say the same as the tables of XML-RPC.

Each table is read, then the streams that have its rows, then once more those rows of the table that differ:
what changed in between is no difference. Rows wait in a temporary database on disk, so memory stays small.
"""
