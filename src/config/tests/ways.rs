//! Keys that stay as they were at the start, and those that are judged by them: whatever is reloaded, nothing is in force that a
//! start would have refused.

use proptest::prelude::*;

use crate::config::difference::tests::{HOOK, read};
use crate::config::{Settings, adopt, changed_keys};

/// Which ways a configuration opens.
#[derive(Clone, Copy, Debug)]
struct Opened {
    index_here: bool,
    often: bool,
    network: bool,
    tls: bool,
    proxy: bool,
    named: bool,
}

impl Opened {
    /// Of the numbers below 64 each is another.
    fn at(number: usize) -> Self {
        let bit = |of: usize| number & (1 << of) != 0;
        Self { index_here: bit(0), often: bit(1), network: bit(2), tls: bit(3), proxy: bit(4), named: bit(5) }
    }

    fn text(self) -> String {
        let said = |is: bool, text: &'static str| if is { text } else { "" };
        let base = if self.index_here { "http://127.0.0.1:8080" } else { "https://pypi.acme.example" };
        let every = if self.often { "200ms" } else { "30s" };
        let listen = if self.network { "192.0.2.1:8470" } else { "127.0.0.1:8470" };
        let parts = [
            said(self.proxy, "behind_proxy = true\n"),
            said(self.named, "public_url = \"https://watch.acme.example\"\n"),
            said(self.tls, "[web.tls]\ncertificate_file = \"chain.pem\"\nkey_file = \"tls-key\"\n"),
        ];
        format!(
            "contact = \"ops@acme.example\"\n[pypi]\nbase = \"{base}\"\n[feeds]\nrss_every = \"{every}\"\n[alert]\n\
             default_owner = \"security\"\n[alert.email]\nhost = \"mail.acme.example\"\nfrom = \"watch@acme.example\"\n\
             [web]\nlisten = \"{listen}\"\n{}",
            parts.concat()
        )
    }
}

/// Every configuration that a start takes.
fn startable() -> Vec<Settings> {
    (0..64).filter_map(|number| read(&Opened::at(number).text(), HOOK).ok()).collect()
}

/// What is wrong with these, if a start would refuse them.
fn wrong(settings: &Settings) -> Option<&'static str> {
    let (web, feeds) = (&settings.web, &settings.feeds);
    let of_network = web.listen.is_some_and(|listen| !listen.ip().is_loopback());
    let index_here = settings.pypi.base.contains("127.0.0.1");
    if of_network && web.tls.is_none() && !web.behind_proxy {
        return Some("passwords cross a network in clear text");
    }
    if of_network && web.public_url.is_none() {
        return Some("nobody knows by which name people come");
    }
    (!index_here && feeds.rss_every.as_secs() < 5).then_some("PyPI is asked without a pause")
}

#[test]
fn nothing_comes_in_force_beside_a_key_of_the_start_that_a_start_would_refuse() {
    let all = startable();
    assert!(all.len() > 20 && all.iter().all(|settings| wrong(settings).is_none()), "{}", all.len());
    for now in &all {
        for asked in &all {
            let (adopted, restart) = adopt(now, asked.clone());
            assert_eq!(wrong(&adopted), None, "{:?} {:?}", now.web, asked.web);
            // What is not in force is said, and what is said is not in force.
            let waits: Vec<&str> = restart.iter().map(|restart| restart.key.as_str()).collect();
            assert_eq!(changed_keys(&adopted, asked).iter().filter(|key| !waits.contains(key)).count(), 0, "{waits:?}");
            assert_eq!(waits.is_empty(), adopted == *asked, "{waits:?}");
        }
    }
}

#[test]
fn what_waits_beside_a_key_of_the_start_says_for_what() {
    let of = |number| read(&Opened::at(number).text(), HOOK).unwrap_or_else(|error| panic!("{error}"));
    let said = |now: usize, new: usize| {
        let (adopted, restart) = adopt(&of(now), of(new));
        let keys = restart.iter().map(|restart| restart.key.as_str()).collect::<Vec<_>>().join(" ");
        (keys, restart.last().map(|restart| restart.why.clone()).unwrap_or_default(), adopted)
    };
    let (keys, why, adopted) = said(0, 0b11);
    assert_eq!((keys.as_str(), adopted.feeds.rss_every.as_secs()), ("pypi.base feeds.rss_every", 30));
    assert!(why.contains("pypi.base") && why.contains("as often"), "{why}");
    let (keys, why, adopted) = said(0b10_1100, 0);
    assert_eq!(keys, "web.listen web.public_url web.tls.certificate_file");
    assert!(adopted.web.tls.is_some() && why.contains("clear text"), "{why}");
    let (keys, _, adopted) = said(0, 0b10_1100);
    assert_eq!((keys.as_str(), adopted.web.tls.is_some()), ("web.listen", true), "what is stricter need not wait");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// One that was refused in part is asked for again beside another.
    #[test]
    fn nor_in_a_row(order in prop::collection::vec(any::<prop::sample::Index>(), 2..8)) {
        static ALL: std::sync::LazyLock<Vec<Settings>> = std::sync::LazyLock::new(startable);
        let mut asked = order.iter().map(|at| at.get(&ALL));
        let started = asked.next().expect("two at least");
        let last = asked.fold(started.clone(), |now, asked| adopt(&now, asked.clone()).0);
        prop_assert_eq!(wrong(&last), None);
        prop_assert_eq!((&last.pypi.base, last.web.listen), (&started.pypi.base, started.web.listen));
    }
}
