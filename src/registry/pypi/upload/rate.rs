//! What a server says of its quotas: `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10, as
//! `warehouse` `rate_limiting/headers.py` writes them), and `Retry-After`.

use std::time::Duration;

use reqwest::header::HeaderMap;

use crate::model::Time;
use crate::upstream::retry;

/// Policies that are read; PyPI sends two.
const MOST: usize = 8;
/// The longest name that is kept; PyPI's have 19 letters.
const NAME: usize = 64;
/// No server is believed when it speaks of more.
const LONGEST: Duration = Duration::from_secs(30 * 86_400);

/// One quota, such as `project.create.user`: PyPI allows 4 new projects in 24 hours by account, and by address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RateLimit {
    pub name: String,
    /// How much in one window.
    pub quota: Option<u64>,
    pub window: Option<Duration>,
    /// What was left before this request, as PyPI counts.
    pub left: Option<u64>,
    /// When the oldest that counts leaves the window.
    pub resets_in: Option<Duration>,
}

/// The quotas that the headers speak of; nonsense is nothing.
pub(super) fn limits(headers: &HeaderMap) -> Vec<RateLimit> {
    let mut limits: Vec<RateLimit> = Vec::new();
    for header in ["ratelimit-policy", "ratelimit"] {
        for text in headers.get_all(header).into_iter().filter_map(|value| value.to_str().ok()) {
            text.split(',').for_each(|policy| read(policy, &mut limits));
        }
    }
    limits
}

fn read(policy: &str, limits: &mut Vec<RateLimit>) {
    let mut parts = policy.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default().trim_matches('"');
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if name.is_empty() || name.len() > NAME || !name.bytes().all(is_name) {
        return;
    }
    let place = limits.iter().position(|limit| limit.name == name);
    let place = place.unwrap_or_else(|| {
        limits.push(RateLimit { name: name.to_owned(), ..RateLimit::default() });
        limits.len() - 1
    });
    for (key, value) in parts.filter_map(|part| part.split_once('=')) {
        limits[place].learn(key, value);
    }
    limits.truncate(MOST);
}

impl RateLimit {
    fn learn(&mut self, key: &str, value: &str) {
        let Ok(number) = value.parse::<u64>() else { return };
        let span = || Some(Duration::from_secs(number).min(LONGEST));
        match key {
            "q" => self.quota = Some(number),
            "w" => self.window = span(),
            "r" => self.left = Some(number),
            "t" => self.resets_in = span(),
            _ => {}
        }
    }
}

/// When a 429 says that it is worth asking again: the longest of `Retry-After`, which PyPI does not send, and of the
/// quotas that are used up.
pub(super) fn again_in(headers: &HeaderMap, limits: &[RateLimit], now: Time) -> Option<Duration> {
    let used_up = limits.iter().filter(|limit| limit.left == Some(0)).filter_map(|limit| limit.resets_in);
    used_up.chain(retry::retry_after(headers, now)).map(|span| span.min(LONGEST)).max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value"))).collect()
    }

    /// What PyPI sent in pypi/support#11827.
    const POLICY: &str = r#""project.create.ip";q=4;w=86400;pk=:ip:, "project.create.user";q=4;w=86400;pk=:user:"#;

    #[test]
    fn pypis_own_headers_are_read() {
        let state = r#""project.create.ip";r=0;t=55569, "project.create.user";r=1;t=60000"#;
        let headers = headers(&[("ratelimit-policy", POLICY), ("ratelimit", state)]);
        let read = limits(&headers);
        let limit = |name: &str, left, resets| RateLimit {
            name: name.to_owned(),
            quota: Some(4),
            window: Some(Duration::from_secs(86_400)),
            left: Some(left),
            resets_in: Some(Duration::from_secs(resets)),
        };
        assert_eq!(read, [limit("project.create.ip", 0, 55_569), limit("project.create.user", 1, 60_000)]);
        assert_eq!(again_in(&headers, &read, Time::default()), Some(Duration::from_secs(55_569)));
    }

    #[test]
    fn the_longest_wish_counts_within_reason() {
        let asked = |pairs: &[(&'static str, &str)]| {
            let headers = headers(pairs);
            again_in(&headers, &limits(&headers), Time::default()).map(|span| span.as_secs())
        };
        assert_eq!(asked(&[]), None);
        assert_eq!(asked(&[("retry-after", "70"), ("ratelimit", r#""x";r=0;t=60"#)]), Some(70));
        assert_eq!(asked(&[("ratelimit", r#""x";r=0;t=99999999999"#)]), Some(30 * 86_400));
        assert_eq!(asked(&[("ratelimit", r#""x";r=3;t=60, bad name;r=0;t=9, ;;=,"#)]), None);
    }

    proptest! {
        #[test]
        fn any_header_is_survived_in_little(text in "[ -~]{0,300}") {
            let read = limits(&headers(&[("ratelimit", &text), ("ratelimit-policy", &text)]));
            prop_assert!(read.len() <= MOST);
            prop_assert!(read.iter().all(|limit| limit.name.len() <= NAME));
        }
    }
}
