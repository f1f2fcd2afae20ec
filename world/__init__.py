"""`make world`: load a made-up Keap account through real targets and hosts, and compare what arrives.

`targets.py` and `hosts.py` list them. The account is loaded, changed and loaded again; then every cell of the
warehouse is compared with what the account holds. What came of it is in `results/`, and `pages.py` makes the
pages of the documentation from that.
"""
