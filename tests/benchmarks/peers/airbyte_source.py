"""An Airbyte low-code source. Arguments: a JSON file with `url` and `schema`, and a folder for its files."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from airbyte_cdk.entrypoint import launch
from airbyte_cdk.sources.declarative.yaml_declarative_source import YamlDeclarativeSource


def main() -> None:
    """Read all contacts."""
    settings, folder = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
    schema = json.loads(Path(settings["schema"]).read_text())
    stream = {
        "type": "DeclarativeStream",
        "name": "contacts",
        "primary_key": ["id"],
        "schema_loader": {"type": "InlineSchemaLoader", "schema": schema},
        "retriever": {
            "type": "SimpleRetriever",
            "record_selector": {
                "type": "RecordSelector",
                "extractor": {"type": "DpathExtractor", "field_path": ["contacts"]},
            },
            "paginator": {
                "type": "DefaultPaginator",
                "page_token_option": {
                    "type": "RequestOption",
                    "inject_into": "request_parameter",
                    "field_name": "page_token",
                },
                "pagination_strategy": {
                    "type": "CursorPagination",
                    "cursor_value": "{{ response.next_page_token }}",
                    "stop_condition": "{{ not response.next_page_token }}",
                },
            },
            "requester": {
                "type": "HttpRequester",
                "url_base": settings["url"],
                "path": "/crm/rest/v2/contacts",
                "http_method": "GET",
                "request_parameters": {"page_size": "1000"},
            },
        },
    }
    manifest = {
        "version": "6.0.0",
        "type": "DeclarativeSource",
        "check": {"type": "CheckStream", "stream_names": ["contacts"]},
        "streams": [stream],
        "spec": {"type": "Spec", "connection_specification": {"type": "object", "properties": {}}},
    }
    catalog = {
        "streams": [
            {
                "stream": {
                    "name": "contacts",
                    "json_schema": schema,
                    "supported_sync_modes": ["full_refresh"],
                },
                "sync_mode": "full_refresh",
                "destination_sync_mode": "overwrite",
            }
        ]
    }
    files = {"config": {}, "catalog": catalog, "manifest": manifest}
    paths = {name: str(folder / f"airbyte-{name}.json") for name in files}
    for name, document in files.items():
        Path(paths[name]).write_text(json.dumps(document))
    source = YamlDeclarativeSource(
        paths["manifest"], config={}, catalog=YamlDeclarativeSource.read_catalog(paths["catalog"])
    )
    launch(source, ["read", "--config", paths["config"], "--catalog", paths["catalog"]])


if __name__ == "__main__":
    main()
