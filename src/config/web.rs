//! The section `[web]`: where the web listens, and how it is seen from outside.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use super::fault::Fault;
use super::key::Key;
use super::loader::Loader;
use super::oidc::OidcSettings;
use super::proxy_user::ProxyUserSettings;
use super::secret::Secret;
use super::slack_app::SlackAppSettings;
use super::tls::TlsSettings;
use super::{check, file};
use crate::model::{Channel, Dashboard};

/// Where the web listens, and who may be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebSettings {
    /// `None`: there is no web.
    pub listen: Option<SocketAddr>,
    /// A proxy in front of it, on another machine too, ends TLS and says who asks.
    pub behind_proxy: bool,
    /// How people reach it, `https://watch.acme.example`, without a path.
    pub public_url: Option<String>,
    /// `None`: clear text, on this machine or behind a proxy.
    pub tls: Option<TlsSettings>,
    /// `None`: people sign in here.
    pub proxy_user: Option<ProxyUserSettings>,
    /// `None`: no provider says who somebody is.
    pub oidc: Option<OidcSettings>,
    /// `None`: nothing is decided from Slack.
    pub slack: Option<SlackAppSettings>,
    /// A session ends when it is not used for so long.
    pub session_idle: Duration,
    /// And after so long however it is used.
    pub session_length: Duration,
    /// What signs the links in messages. `None`: they have none.
    pub link_key: Option<Secret>,
    /// For how long one is good.
    pub link_lifetime: Duration,
}

impl Default for WebSettings {
    fn default() -> Self {
        let (session_idle, session_length) = (Duration::from_hours(8), Duration::from_hours(7 * 24));
        let link_lifetime = Duration::from_hours(3 * 24);
        Self {
            listen: None,
            behind_proxy: false,
            public_url: None,
            tls: None,
            proxy_user: None,
            oidc: None,
            slack: None,
            session_idle,
            session_length,
            link_key: None,
            link_lifetime,
        }
    }
}

impl WebSettings {
    /// Does TLS carry what browsers send?
    pub fn is_secure(&self) -> bool {
        self.tls.is_some() || self.public_url.as_ref().is_some_and(|url| url.starts_with("https://"))
    }

    /// How somebody comes who is connected to this service itself.
    pub fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// The dashboard as messages speak of it; `None` where nobody says how people reach it.
    pub fn dashboard(&self) -> Option<Dashboard> {
        self.listen.and(self.public_url.as_deref()).map(Dashboard::new)
    }

    /// Where people come by, as far as it can be known: a port that the system chooses is not.
    pub fn address(&self) -> Option<String> {
        let here = |listen: &SocketAddr| listen.port() != 0;
        let here = || self.listen.filter(here).map(|listen| format!("{}://{listen}", self.scheme()));
        self.listen.and(self.public_url.clone().or_else(here))
    }
}

impl Loader<'_> {
    /// `channels`: those that there are.
    pub(super) fn web(&mut self, web: file::Web, channels: &BTreeSet<Channel>) -> Option<WebSettings> {
        let way = Way { proxy: web.behind_proxy.unwrap_or(false), tls: web.tls.is_some() };
        let named = web.public_url.is_some();
        let listen = self.optional("web.listen", web.listen, |text| listen(&text, way, named));
        let local = listen.is_none_or(|listen| listen.is_none_or(|address| address.ip().is_loopback()));
        let public_url = self.optional("web.public_url", web.public_url, |text| public_url(&text, way, local));
        let tls = self.listener_tls("web.tls", web.tls);
        let proxy_user = self.proxy_user(web.proxy_user);
        let provider = web.oidc.as_ref().map(|table| table.span().start);
        let oidc = self.oidc(web.oidc);
        let app = web.slack.as_ref().map(|table| table.span().start);
        let slack = self.slack_app(web.slack, channels);
        let idle = self.period("web.session_idle", web.session_idle, "8h", ("1m", "30d"));
        let length = self.period("web.session_length", web.session_length, "7d", ("1m", "90d"));
        let asked = web.link_file.as_ref().or(web.link_credential.as_ref()).map(|key| key.span().start);
        let link_key = self.link_key(web.link_file, web.link_credential);
        let link_lifetime = self.period("web.link_lifetime", web.link_lifetime, "3d", ("5m", "30d"));
        let settings = WebSettings {
            listen: listen?,
            behind_proxy: way.proxy,
            public_url: public_url?,
            tls: tls?,
            proxy_user: proxy_user?,
            oidc: oidc?,
            slack: slack?,
            session_idle: idle?,
            session_length: length?,
            link_key: link_key?,
            link_lifetime: link_lifetime?,
        };
        let lost =
            [("web.link", asked), ("web.oidc", provider), ("web.slack", app)].map(|(key, at)| at.map(|at| (key, at)));
        match lost.into_iter().flatten().next().filter(|_| settings.address().is_none()) {
            Some((key, at)) => self.note(at, key, nowhere(&settings)),
            None => Some(settings),
        }
    }

    fn link_key(&mut self, file: Key<String>, credential: Key<String>) -> Option<Option<Secret>> {
        let at = file.as_ref().or(credential.as_ref()).map_or(0, |key| key.span().start);
        let Some(found) = self.secret("web.link", file, credential)? else { return Some(None) };
        let instead = "write 32 random bytes or more into it: openssl rand -base64 32";
        self.verify("web.link", at, found, is_link_key, "a key that can be guessed", instead).map(Some)
    }
}

/// As long as 24 random bytes in base64, and not one letter over and over.
fn is_link_key(text: &str) -> bool {
    let letters: BTreeSet<char> = text.chars().collect();
    text.len() >= 32 && letters.len() >= 8
}

/// Links, a provider that leads people back, and Slack need to know where to.
fn nowhere(web: &WebSettings) -> Fault {
    match web.listen {
        None => Fault::new("is given, and there is no web to lead to", "write [web] listen = \"127.0.0.1:8470\" too"),
        Some(_) => Fault::new(
            "is given, and the port of [web] listen is another at each start",
            "write a port there, or how people reach it: public_url = \"https://watch.your.example\"",
        ),
    }
}

/// By which ways people may come from beyond this machine.
#[derive(Clone, Copy)]
struct Way {
    proxy: bool,
    tls: bool,
}

/// A numeric address and a port. Clear text beyond this machine only where a proxy is said to end TLS.
fn listen(text: &str, way: Way, named: bool) -> Result<SocketAddr, Fault> {
    let address: SocketAddr = text.parse().map_err(|_| {
        let what = format!("{text:?} is no address with a port");
        Fault::new(what, "write a numeric address, listen = \"127.0.0.1:8470\" or \"[::1]:8470\"")
    })?;
    let is_local = address.ip().is_loopback();
    if !is_local && !way.proxy && !way.tls {
        let what = format!("{text:?} is open to a network in clear text");
        let instead = "write listen = \"127.0.0.1:8470\"; with [web.tls], or behind_proxy = true where a proxy of yours ends \
                       TLS, others may come";
        return Err(Fault::new(what, instead));
    }
    if !named && (way.proxy || !is_local) {
        let what = if way.proxy { "behind_proxy = true hides" } else { "an address of a network does not say" };
        let instead = "write it too, public_url = \"https://watch.your.example\"";
        return Err(Fault::new(format!("{what} by which name people come"), instead));
    }
    Ok(address)
}

/// Scheme, host and port, as a browser writes them in `Origin` (RFC 6454, section 6.2).
fn public_url(text: &str, way: Way, local: bool) -> Result<String, Fault> {
    let write = "write how people reach it, public_url = \"https://watch.your.example\"";
    let url = check::web(text).map_err(|what| Fault::new(format!("this address {what}"), write))?;
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(Fault::new(format!("{text:?} has a path, and the web stands at the root of its host"), write));
    }
    if url.scheme() != "https" && (way.proxy || way.tls || !local || !check::is_loopback_base(text)) {
        return Err(Fault::new(format!("{text:?} is clear text over a network"), write));
    }
    Ok(url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(fault: Result<impl std::fmt::Debug, Fault>) -> String {
        fault.map_or_else(|fault| format!("{}; {}", fault.what, fault.instead), |good| format!("{good:?}"))
    }

    const BARE: Way = Way { proxy: false, tls: false };
    const PROXY: Way = Way { proxy: true, tls: false };
    const TLS: Way = Way { proxy: false, tls: true };

    #[test]
    fn clear_text_stays_on_this_machine_unless_a_proxy_ends_tls() {
        assert_eq!(said(listen("127.0.0.1:8470", BARE, false)), "127.0.0.1:8470");
        assert_eq!(said(listen("[::1]:0", BARE, false)), "[::1]:0");
        assert_eq!(said(listen("10.0.0.7:80", PROXY, true)), "10.0.0.7:80");
        for open in ["0.0.0.0:8470", "[::]:8470", "192.0.2.1:80"] {
            assert!(said(listen(open, BARE, true)).contains("clear text"), "{open}");
            assert!(said(listen(open, PROXY, false)).contains("public_url"), "{open}");
        }
        assert_eq!(said(listen("0.0.0.0:8470", TLS, true)), "0.0.0.0:8470");
        assert!(said(listen("0.0.0.0:8470", TLS, false)).contains("public_url"));
        assert_eq!(said(listen("127.0.0.1:8470", TLS, false)), "127.0.0.1:8470");
        for wrong in ["localhost:8470", "127.0.0.1", "8470", ":8470", "127.0.0.1:99999", ""] {
            assert!(said(listen(wrong, PROXY, true)).contains("numeric address"), "{wrong}");
        }
    }

    #[test]
    fn links_lead_to_where_people_come_by_or_there_are_none() {
        let web = |listen: Option<&str>, public: Option<&str>| {
            let listen = listen.map(|text| text.parse().expect("an address"));
            WebSettings { listen, public_url: public.map(str::to_owned), ..WebSettings::default() }.address()
        };
        let public = Some("https://watch.acme.example");
        assert_eq!(web(Some("127.0.0.1:8470"), None).as_deref(), Some("http://127.0.0.1:8470"));
        assert_eq!(web(Some("[::1]:8470"), None).as_deref(), Some("http://[::1]:8470"));
        assert_eq!(web(Some("127.0.0.1:0"), public).as_deref(), public);
        assert_eq!((web(None, public), web(Some("127.0.0.1:0"), None)), (None, None));
        assert!(is_link_key("bm90IGEga2V5LCBidXQgbG9uZyBlbm91Z2ggZm9yIG9uZQ=="));
        assert!(!is_link_key("short") && !is_link_key(&"a".repeat(64)));
    }

    #[test]
    fn the_public_address_is_an_origin_and_believed_only_where_it_can_be() {
        assert_eq!(said(public_url("https://Watch.acme.example/", PROXY, true)), "\"https://watch.acme.example\"");
        assert_eq!(said(public_url("https://acme.example:443", PROXY, false)), "\"https://acme.example\"");
        assert_eq!(said(public_url("http://localhost:8470", BARE, true)), "\"http://localhost:8470\"");
        for clear in ["http://watch.acme.example", "http://10.0.0.7"] {
            assert!(said(public_url(clear, BARE, true)).contains("clear text"), "{clear}");
        }
        assert!(said(public_url("http://localhost", PROXY, true)).contains("clear text"));
        assert!(said(public_url("http://localhost", TLS, true)).contains("clear text"));
        for wrong in ["https://acme.example/watch", "https://acme.example/?a", "https://u:p@acme.example", "acme", ""] {
            assert!(said(public_url(wrong, PROXY, true)).contains("; write how people reach it"), "{wrong}");
        }
    }
}
