"""The methods of the XML-RPC API, a module for each service or two."""
