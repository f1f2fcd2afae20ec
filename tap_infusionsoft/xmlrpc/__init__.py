"""The legacy wing: Infusionsoft's XML-RPC API, until it ends on 2026-12-31."""
