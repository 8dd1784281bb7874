"""The repositories: lists with searchCriteria, and single documents."""

from __future__ import annotations

from magento_soap.api.methods.webapi.search_criteria import DEFAULT_PAGE_SIZE, LARGEST_PAGE_SIZE
from magento_soap.protocols.rest.paths import REPOSITORY_PATHS

from .schemas import SECURITY, Description, Schema, list_of, path_id, query, ref, responses

FILTER = "searchCriteria[filterGroups][0][filters][0]"
SORT_ORDER = "searchCriteria[sortOrders][0]"
CONDITION_TYPES = "eq, neq, like, nlike, in, nin, gt, lt, gteq, lteq, null, notnull, finset, from, to, moreq"
PARAMETERS = [
    query(f"{FILTER}[field]", "string", "A field; of the filters of a group one must hold, of groups all."),
    query(f"{FILTER}[value]", "string", "The value to compare with; several for in and nin, separated by commas."),
    query(f"{FILTER}[conditionType]", "string", f"One of {CONDITION_TYPES}; eq by default."),
    query(f"{SORT_ORDER}[field]", "string", "A field to sort by."),
    query(f"{SORT_ORDER}[direction]", "string", "ASC or DESC, the default."),
    query(
        "searchCriteria[pageSize]", "integer", f"At most {LARGEST_PAGE_SIZE}, {DEFAULT_PAGE_SIZE} where it is left out."
    ),
    query("searchCriteria[currentPage]", "integer", "Counted from 1."),
]
_TEXT: Schema = {"type": "string"}
SEARCH_CRITERIA: Schema = {
    "type": "object",
    "required": ["filter_groups", "page_size", "current_page"],
    "properties": {
        "filter_groups": list_of(
            {"type": "object", "properties": {"filters": list_of({"type": "object"}, "Filters.")}}, "Groups of filters."
        ),
        "sort_orders": list_of({"type": "object", "properties": {"field": _TEXT, "direction": _TEXT}}, "Fields."),
        "page_size": {"type": "integer"},
        "current_page": {"type": "integer"},
    },
}


def repository(entity_type: str) -> Description:
    """The repository of documents of that type, such as ``invoice``."""
    service = f"sales{entity_type.capitalize()}RepositoryV1"
    document, found = f"sales-data-{entity_type}-interface", f"sales-data-{entity_type}-search-result-interface"
    paths = REPOSITORY_PATHS[entity_type]
    get_list = {
        "tags": [service],
        "operationId": f"{service}GetListGet",
        "description": "Lists those that meet the search criteria.",
        "parameters": PARAMETERS,
        "security": SECURITY,
        "responses": responses(ref(found), 400, 401, 503),
    }
    get = {
        "tags": [service],
        "operationId": f"{service}GetGet",
        "description": "Reads one with its parts.",
        "parameters": [path_id("id", "The entity id.")],
        "security": SECURITY,
        "responses": responses(ref(document), 400, 401, 404, 503),
    }
    definitions: Schema = {
        document: {
            "type": "object",
            "description": "The columns of Magento's table and the parts of the document, without null members.",
            "required": ["entity_id"],
            "properties": {
                "entity_id": {"type": "integer"},
                "increment_id": {"type": "string"},
                "items": list_of({"type": "object"}, "The lines."),
            },
        },
        found: {
            "type": "object",
            "required": ["items", "search_criteria", "total_count"],
            "properties": {
                "items": list_of(ref(document), "A page of what was found."),
                "search_criteria": ref("search-criteria-interface"),
                "total_count": {"type": "integer", "description": "How many there are on all pages."},
            },
        },
        "search-criteria-interface": SEARCH_CRITERIA,
    }
    text = f"Reads documents of the type {entity_type}."
    return Description(service, text, {paths.all: {"get": get_list}, paths.one("{id}"): {"get": get}}, definitions)
