"""The data tables of the XML-RPC API, as views of the account's collections."""
