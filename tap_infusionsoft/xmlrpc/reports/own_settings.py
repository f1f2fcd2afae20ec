"""Reports that say what to read in their own setting, which makes a stream of each entry."""

from __future__ import annotations

from tap_infusionsoft.xmlrpc.reports.report import OwnSetting

REPORTS = (
    OwnSetting(
        "Data - Record by ID", "DataService.load", "Records of a table by their ids.", "legacy_queries"
    ),
    OwnSetting(
        "Data - Query a Data Table",
        "DataService.query",
        "Rows of a table that fulfill conditions.",
        "legacy_queries",
    ),
    OwnSetting(
        "Search - Available Fields",
        "SearchService.getAllReportColumns",
        "Columns of saved searches.",
        "legacy_searches",
        stream="legacy_search_fields",
    ),
    OwnSetting(
        "Search - Saved Search",
        "SearchService.getSavedSearchResultsAllFields",
        "Rows of a saved search with all fields.",
        "legacy_searches",
    ),
    OwnSetting(
        "Search - Saved Search New",
        "SearchService.getSavedSearchResults",
        "Rows of a saved search with chosen fields.",
        "legacy_searches",
    ),
)
