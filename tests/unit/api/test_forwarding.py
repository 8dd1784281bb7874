"""What is forwarded to the shop behind this server, as a whole or in parts, and what never is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magento_soap.api.budget import MAX_CALLS
from magento_soap.api.client import Client
from magento_soap.api.faults import ApiFault, Fault
from magento_soap.api.forwarding import ForwardedCall, ForwardingRules
from magento_soap.api.listings import merged_faults, merged_resources
from magento_soap.api.values import Value

from .test_acl import Rule
from .test_dispatcher import fault_of, shop

NOTHING_SPECIAL = ForwardingRules()


@dataclass
class ShopWith:
    """api.ports.Shop with these results; faults among them are raised."""

    results: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, str, Any]] = field(default_factory=list)

    def run(self, call: ForwardedCall, name: str, params: Sequence[Value]) -> Value:
        self.asked.append((str(call), name, params))
        result = self.results[str(call)]
        if isinstance(result, Exception):
            raise result
        return result  # type: ignore[no-any-return]

    @property
    def client(self) -> Client:
        return Client(shop=self)


def forwarded(call: Callable[[], Any]) -> tuple[int, tuple[str, ...]]:
    with pytest.raises(ForwardedCall) as raised:
        call()
    return raised.value.user_id, raised.value.methods


def test_what_is_not_served_is_the_shops() -> None:
    api, session = shop(forwarding=NOTHING_SPECIAL)
    asked = forwarded(lambda: api.call(Client(), session, "catalog_product.list", []))
    assert asked == (1, ("catalog_product.list",))
    assert forwarded(lambda: api.call(Client(), session, "toy_box.paint", [])) == (1, ("toy_box.paint",))
    assert api.call(Client(), session, "toy_box.play", "ball") == ["ball"]
    assert api.call(Client(), session, "toys.play", "ball") == ["ball"]


def test_without_rules_nothing_is_forwarded() -> None:
    api, session = shop()
    assert fault_of(lambda: api.call(Client(), session, "catalog_product.list", []))[0] == "3"
    assert api.unserved(Client(), session, "catalogProductList") is None
    assert api.unserved(Client(), "no session", "catalogProductList") is None


def test_the_session_is_checked_here_and_access_is_the_shops_to_check() -> None:
    api, session = shop(Rule("toys"), Rule("toys/count", "deny"), forwarding=NOTHING_SPECIAL)
    assert fault_of(lambda: api.call(Client(), "no", "catalog_product.list", []))[0] == "5"
    assert fault_of(lambda: api.multi_call(Client(), "no", [["catalog_product.list"]], None))[0] == "5"
    assert fault_of(lambda: api.resources(Client(), "no"))[0] == "5"
    assert fault_of(lambda: api.resource_faults(Client(), "no", "catalog_product"))[0] == "5"
    assert fault_of(lambda: api.unserved(Client(), "no", "catalogProductList"))[0] == "5"
    assert forwarded(lambda: api.call(Client(), session, "catalog_product.list", []))[0] == 1
    assert fault_of(lambda: api.call(Client(), session, "toys.count", []))[0] == "2"


@pytest.mark.parametrize("path", ["", "catalog", None, ["catalog_product.list"], 5])
def test_what_is_no_path_is_fault_3_here(path: Any) -> None:
    api, session = shop(forwarding=NOTHING_SPECIAL)
    assert fault_of(lambda: api.call(Client(), session, path, []))[0] == "3"


@pytest.mark.parametrize(
    "pattern", ["toy_box.play", "toys.play", "TOYS.*", "*.p?ay", "toy_box.play*", "toyBoxPlay", "toyBox*", "*"]
)
@pytest.mark.parametrize("path", ["toy_box.play", "toys.play", "toys.play.x"])
def test_served_methods_that_match_are_forwarded_under_any_name(pattern: str, path: str) -> None:
    api, session = shop(forwarding=ForwardingRules([pattern]))
    assert forwarded(lambda: api.call(Client(), session, path, [])) == (1, (path,))


def test_served_methods_that_do_not_match_stay_here() -> None:
    api, session = shop(forwarding=ForwardingRules(["toys.play", "catalog.*"]))
    assert list(api.call(Client(), session, "toys.count", [])) == [{"toy": "ball"}]


@pytest.mark.parametrize(
    "pattern", ["catalog_product.delete", "catalog_*.delete", "*.delete", "Catalog_Product.*", "catalogProductDelete"]
)
def test_what_is_excluded_is_not_forwarded_in_any_spelling(pattern: str) -> None:
    api, session = shop(forwarding=ForwardingRules(excluded=[pattern]))
    for path in ("catalog_product.delete", "catalog_product.delete.x", "CATALOG_product.Delete"):
        assert fault_of(lambda path=path: api.call(Client(), session, path, []))[0] == "3"
    for operation in ("catalogProductDelete", "catalogproductdelete"):
        assert api.unserved(Client(), session, operation) is None
    assert forwarded(lambda: api.call(Client(), session, "customer.list", []))


def test_what_is_excluded_stays_here_even_if_it_is_to_be_forwarded() -> None:
    api, session = shop(forwarding=ForwardingRules(["toys.*"], ["toys.play"]))
    assert api.call(Client(), session, "toys.play", "ball") == ["ball"]
    assert forwarded(lambda: api.call(Client(), session, "toys.count", []))


@pytest.mark.parametrize(
    ("pattern", "operation", "excluded"),
    [
        ("customer.delete", "customerCustomerDelete", True),
        ("customer.*", "customerCustomerList", True),
        ("customer.*", "customerAddressList", False),
        ("customer_address.*", "customerAddressList", True),
        ("cart_product.add", "shoppingCartProductAdd", True),
        ("cart.order", "shoppingCartOrder", True),
        ("core_store.list", "storeList", True),
        ("cataloginventory_stock_item.update", "catalogInventoryStockItemUpdate", True),
        ("catalog_product.*", "catalogProductAttributeList", True),
        ("catalogProductDelete", "catalogProductDelete", True),
        ("catalogProduct*", "catalogProductList", True),
        ("catalogProduct*", "catalogCategoryTree", False),
        ("*.delete", "customModuleThingDelete", True),
    ],
)
def test_v2_operations_are_excluded_by_path_or_by_name(pattern: str, operation: str, excluded: bool) -> None:
    assert ForwardingRules(excluded=[pattern]).forwards_operation(operation) is not excluded


WORDS = st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=1, max_size=3)


@given(WORDS, st.from_regex(r"[a-z]{1,8}", fullmatch=True))
def test_the_operation_of_an_excluded_path_is_excluded(resource: list[str], method: str) -> None:
    rules = ForwardingRules(excluded=[f"{'_'.join(resource)}.{method}"])
    operation = resource[0] + "".join(map(str.title, resource[1:])) + method.title()
    if "_".join(resource) not in ("cart", "customer"):
        assert not rules.forwards_operation(operation)
        assert rules.forwards_operation(f"x{operation}")


def test_several_calls_that_are_all_the_shops_are_forwarded_as_one() -> None:
    api, session = shop(forwarding=NOTHING_SPECIAL)
    calls = [["a.b", [1]], ["c.d"]]
    assert forwarded(lambda: api.multi_call(Client(), session, calls, None)) == (1, ("a.b", "c.d"))


def test_mixed_calls_are_run_one_by_one_in_their_order() -> None:
    api, session = shop(forwarding=NOTHING_SPECIAL)
    fault = {"isFault": True, "faultCode": 101, "faultMessage": "No such product."}
    behind = ShopWith({"a.b": [["from the shop", None]], "c.d": {"0": fault}})
    calls = [["toys.play", "ball"], ["a.b", {"x": [1]}], ["c.d"], ["toys.play", "broken"], ["toys.count"]]
    results = api.multi_call(behind.client, session, calls, None)
    assert results == [
        ["ball"],
        ["from the shop", None],
        {"isFault": True, "faultCode": "101", "faultMessage": "No such product."},
        {"isFault": True, "faultCode": "100", "faultMessage": "The toy is broken."},
        [{"toy": "ball"}],
    ]
    assert behind.asked == [
        ("a.b", "multiCall", [session, [["a.b", {"x": [1]}]]]),
        ("c.d", "multiCall", [session, [["c.d"]]]),
    ]


@pytest.mark.parametrize("answer", [[], [1, 2], None])
def test_a_multi_call_of_one_call_has_one_result(answer: Any) -> None:
    api, session = shop(forwarding=NOTHING_SPECIAL)
    results = api.multi_call(ShopWith({"a.b": answer}).client, session, [["a.b"], ["toys.play", "ball"]], None)
    assert (results[0]["faultCode"], results[1]) == ("1", ["ball"])


def test_break_stops_at_a_fault_of_the_shop_and_before_its_calls() -> None:
    api, session = shop(forwarding=NOTHING_SPECIAL)
    behind = ShopWith({"a.b": ApiFault(Fault("1", "", "No.")), "c.d": [1]})
    stop = {"break": 1}
    assert len(api.multi_call(behind.client, session, [["toys.play", "ball"], ["a.b"], ["toys.count"]], stop)) == 2
    behind.asked.clear()
    assert len(api.multi_call(behind.client, session, [["toys.play", "broken"], ["c.d"]], stop)) == 1
    assert behind.asked == []


def test_calls_of_the_shop_count_among_those_of_a_request() -> None:
    api, session = shop(forwarding=NOTHING_SPECIAL)
    calls = [["a.b"]] * MAX_CALLS
    assert fault_of(lambda: api.multi_call(Client(), session, [*calls, ["toys.count"]], None))[0] == "6"
    client = Client()
    for _ in range(MAX_CALLS):
        forwarded(lambda: api.call(client, session, "a.b", []))
    assert fault_of(lambda: api.call(client, session, "a.b", []))[0] == "6"


def listed(name: str, *methods: str, aliases: Sequence[str] = (), title: str = "the shop's") -> dict[str, Any]:
    entries = [{"path": f"{name}.{method}", "name": method, "title": title} for method in methods]
    return {"name": name, "title": title, "aliases": list(aliases), "methods": entries}


def paths(resources: Sequence[Any]) -> dict[str, list[tuple[str, str]]]:
    return {
        resource["name"]: [(method["name"], method["title"]) for method in resource["methods"]]
        for resource in resources
    }


THEIRS = [
    listed("catalog", "tree", "delete"),
    listed("toy_box", "play", "count", "paint", aliases=("toys", "playthings")),
    "nonsense",
]


def test_resources_are_the_shops_with_ours_in_place() -> None:
    api, session = shop(forwarding=ForwardingRules(["toys.count"], ["catalog.delete"]))
    resources = api.resources(ShopWith({"resources": THEIRS}).client, session)
    assert paths(resources) == {
        "catalog": [("tree", "the shop's")],
        "toy_box": [
            *(("play", "Play"), ("lend", "Lend"), ("give", "Give")),
            *(("count", "the shop's"), ("paint", "the shop's")),
        ],
    }
    assert resources[1]["title"] == "Toys"
    assert resources[1]["aliases"] == ["toys", "playthings"]


def test_a_method_that_the_user_may_not_use_here_is_not_listed_for_the_shop_either() -> None:
    api, session = shop(Rule("toys"), Rule("toys/play", "deny"), forwarding=NOTHING_SPECIAL)
    resources = api.resources(ShopWith({"resources": THEIRS}).client, session)
    assert [name for name, _ in paths(resources)["toy_box"]] == ["count", "lend", "give", "paint"]


def test_resources_that_only_we_have_are_listed_last() -> None:
    api, session = shop(forwarding=NOTHING_SPECIAL)
    for theirs in ([listed("catalog", "tree")], {"0": listed("catalog", "tree")}):
        resources = api.resources(ShopWith({"resources": theirs}).client, session)
        assert list(paths(resources)) == ["catalog", "toy_box"]


def test_a_shop_that_fails_is_not_hidden() -> None:
    api, session = shop(forwarding=NOTHING_SPECIAL)
    failing = ShopWith({"resources": ApiFault(Fault("1", "", "x")), "globalFaults": ApiFault(Fault("1", "", "x"))})
    assert fault_of(lambda: api.resources(failing.client, session))[0] == "1"
    assert fault_of(lambda: api.global_faults(failing.client, session))[0] == "1"


def test_the_faults_of_a_resource_are_of_whoever_serves_it() -> None:
    api, session = shop(forwarding=ForwardingRules(excluded=["secret.*"]))
    assert api.resource_faults(Client(), session, "toys") == [{"code": "100", "message": "The toy is broken."}]
    assert forwarded(lambda: api.resource_faults(Client(), session, "catalog")) == (1, ("resourceFaults",))
    assert forwarded(lambda: api.resource_faults(Client(), "catalog", session)) == (1, ("resourceFaults",))
    assert fault_of(lambda: api.resource_faults(Client(), session, "secret"))[0] == "3"
    all_forwarded, session = shop(forwarding=ForwardingRules(["toy_box.*"]))
    assert forwarded(lambda: all_forwarded.resource_faults(Client(), session, "toys"))


def test_global_faults_need_the_shop_only_with_a_session() -> None:
    api, session = shop(forwarding=NOTHING_SPECIAL)
    theirs = [{"code": "1", "message": "Oops"}, {"code": "77", "message": "Custom"}]
    behind = ShopWith({"globalFaults": theirs})
    faults = api.global_faults(behind.client, session)
    assert [fault["code"] for fault in faults] == ["1", "77", "0", "2", "3", "4", "5", "6"]
    assert faults[0]["message"].startswith("Internal Error")
    assert [fault["code"] for fault in api.global_faults(behind.client, None)] == list("0123456")
    assert len(behind.asked) == 1


@pytest.mark.parametrize("theirs", [None, [], "text", 5, {}, [None, "x", []]])
def test_a_list_of_another_form_adds_nothing(theirs: Any) -> None:
    ours = [listed("toys", "play")]
    assert merged_resources(theirs, ours, lambda path: True, lambda path: True) == ours
    assert merged_faults(theirs, [{"code": "1", "message": "x"}]) == [{"code": "1", "message": "x"}]
