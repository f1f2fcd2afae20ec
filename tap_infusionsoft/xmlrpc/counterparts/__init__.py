"""What REST has for the tables and reports of XML-RPC: field by field, as data.

`comparisons` says how two values are compared, `declarations` what a line of the catalogue means; the
catalogue itself is in one module for each area, put together in `tables` and `reports`.

Sources: Keap's OpenAPI documents, and the vendor's field access file of about 2014. Keap has published no
mapping of its own: what could only be guessed is marked as such.
"""
