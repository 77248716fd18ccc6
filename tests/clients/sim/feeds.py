"""feedparser against the simulator's feeds, with its conditional requests.

Usage: feeds.py BASE_URL. The world is the one that tests/clients/sim/clients.rs states.
"""

import calendar
import sys

import feedparser


def read(url, **options):
    feed = feedparser.parse(url, **options)
    assert not feed.bozo, feed.get("bozo_exception")
    return feed


def main(base):
    packages = read(f"{base}/rss/packages.xml")
    assert packages.version == "rss20", packages.version
    assert packages.feed.title == "PyPI newest packages"
    assert packages.feed.language == "en"
    names = [entry.title for entry in packages.entries]
    assert "empty added to PyPI" not in names, "a project without a release drops out"
    assert "caught added to PyPI" in names, "quarantine hides nothing"
    entry = next(entry for entry in packages.entries if entry.title == "Acme_Billing.Client added to PyPI")
    assert entry.link == entry.id == f"{base}/project/acme-billing-client/", entry
    assert calendar.timegm(entry.published_parsed) == 1787331457
    assert entry.author == "mallory@users.example"
    # Of the highest release, though it is yanked; control characters are gone, and markup is text until unescaped.
    assert entry.summary == "hostile <b>text</b>&[31mtab", entry.summary

    updates = read(f"{base}/rss/updates.xml")
    assert updates.feed.title == "PyPI recent updates"
    assert "Acme_Billing.Client 1.0" in [entry.title for entry in updates.entries]
    assert all("id" not in entry for entry in updates.entries), "no guid"
    times = [entry.published_parsed for entry in updates.entries]
    assert times == sorted(times, reverse=True)

    project = read(f"{base}/rss/project/Acme_Billing.Client/releases.xml")
    assert [entry.title for entry in project.entries] == ["2.0", "1.0", "0.0.1"], project.entries

    again = feedparser.parse(f"{base}/rss/packages.xml", etag=packages.etag)
    assert again.status == 304 and not again.entries, again.status


if __name__ == "__main__":
    main(sys.argv[1])
