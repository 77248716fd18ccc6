"""Python's own xmlrpc.client against the simulator: every method, every fault, nil.

Usage: changelog.py BASE_URL. The world is the one that tests/clients/sim/clients.rs states.
"""

import sys
import xmlrpc.client


def fault(call, *arguments):
    """The fault that a call ends in."""
    try:
        answer = call(*arguments)
    except xmlrpc.client.Fault as error:
        return error.faultCode, error.faultString
    raise AssertionError(f"no fault, but {answer!r}")


def main(base):
    client = xmlrpc.client.ServerProxy(f"{base}/pypi", allow_none=True)

    last = client.changelog_last_serial()
    assert isinstance(last, int) and last > 41_000_000, last

    events = client.changelog_since_serial(41_000_000)
    assert all(len(event) == 5 for event in events), events
    serials = [event[4] for event in events]
    assert serials == sorted(set(serials)) and serials[-1] == last, serials
    assert serials != list(range(serials[0], last + 1)), "serials have gaps"
    assert events[0][:4] == ["Acme_Billing.Client", None, 1787331457, "create"], events[0]
    assert [event[3] for event in events[1:4]] == [
        "add Owner mallory",
        "new release",
        "add py3 file acme_billing_client-0.0.1-py3-none-any.whl",
    ], events[:4]
    assert events[2][1] == "0.0.1", events[2]
    assert client.changelog_since_serial(last) == [], "caught up"

    packages = client.list_packages_with_serial()
    assert {"Acme_Billing.Client", "empty", "caught"} <= set(packages), "quarantined and empty ones too"
    assert packages["caught"] == max(event[4] for event in events if event[0] == "caught")

    assert client.package_roles("acme-billing-client") == [["Owner", "mallory"]]
    assert client.user_packages("bob") == [["Owner", "empty"]]
    assert client.browse(["Topic :: Security"]) == []

    assert fault(client.no_such_method) == (-32601, "server error; requested method not found")
    assert fault(client.changelog_last_serial, 1) == (-32602, "server error; invalid method params")
    code, text = fault(client.changelog_since_serial, "41000000")
    assert code == -32602 and text.startswith("client error; serial: "), text
    code, text = fault(client.changelog, 0)
    assert code == -32500 and text.startswith("ValueError: ") and "changelog_since_serial" in text, text
    for method in ("package_data", "package_urls", "top_packages", "search", "list_packages", "package_releases",
                   "release_urls", "release_data"):
        code, text = fault(getattr(client, method))
        assert code == -32500 and text.startswith("RuntimeError: "), (method, text)
    code, text = fault(client.system.multicall, [])
    assert code == -32500 and text.startswith("ValueError: MultiCall"), text

    for path in ("/pypi/", "/RPC2"):
        assert xmlrpc.client.ServerProxy(base + path).changelog_last_serial() == last, path


if __name__ == "__main__":
    main(sys.argv[1])
