//! From which address a request comes.

use std::net::IpAddr;

use axum::http::{Extensions, HeaderMap};

use crate::config::WebSettings;

/// Who is connected: a browser, or a proxy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) IpAddr);

/// The browser's address. Behind a proxy it is the last that the proxy added; what stands before it anybody may have written.
pub(super) fn from(web: &WebSettings, headers: &HeaderMap, extensions: &Extensions) -> Option<IpAddr> {
    let peer = extensions.get::<Peer>().map(|Peer(address)| *address);
    if !web.behind_proxy {
        return peer;
    }
    let last = headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
    let told = last.and_then(|list| list.rsplit(',').next()).and_then(|text| text.trim().parse().ok());
    told.or(peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_proxy_that_is_configured_says_who_asks_and_only_its_own_word_counts() {
        let mut extensions = Extensions::new();
        extensions.insert(Peer([192, 0, 2, 1].into()));
        let told = |texts: &[&str], behind_proxy: bool| {
            let mut headers = HeaderMap::new();
            for text in texts {
                headers.append("x-forwarded-for", text.parse().expect("a value"));
            }
            let web = WebSettings { behind_proxy, ..WebSettings::default() };
            from(&web, &headers, &extensions).expect("an address").to_string()
        };
        assert_eq!(told(&["198.51.100.7"], false), "192.0.2.1", "anybody may write that header");
        assert_eq!(told(&["198.51.100.7"], true), "198.51.100.7");
        assert_eq!(told(&["10.0.0.1, 198.51.100.7"], true), "198.51.100.7");
        assert_eq!(told(&["10.0.0.1", "198.51.100.7"], true), "198.51.100.7");
        assert_eq!(told(&["nonsense"], true), "192.0.2.1");
        assert_eq!(told(&[], true), "192.0.2.1");
    }
}
