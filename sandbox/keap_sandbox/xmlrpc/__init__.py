"""The XML-RPC API of the same account, as Apache ws-xmlrpc 3.1.3 speaks it."""
