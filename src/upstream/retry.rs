//! When to ask again: a capped, jittered backoff, and what the server's headers say about it. Pure, but for `jitter`.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

use chrono::Datelike as _;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use crate::model::Time;

/// The first pause; it doubles with each failure.
const FIRST: Duration = Duration::from_secs(1);
/// No pause between attempts grows beyond this.
const LONGEST: Duration = Duration::from_secs(300);
/// No server is believed when it asks for more; a typing error must not blind the watch for a day.
pub const LONGEST_HOLD: Duration = Duration::from_secs(3600);

/// The pause before attempt number `attempt` (the first retry is 1). `jitter` is in 0..1: half of the pause is fixed,
/// the other half random, so that many watches do not return at the same instant.
pub fn backoff(attempt: u32, jitter: f64) -> Duration {
    let doublings = attempt.saturating_sub(1).min(20);
    let full = FIRST.saturating_mul(1 << doublings).min(LONGEST);
    full.mul_f64(0.5 + 0.5 * jitter.clamp(0.0, 1.0))
}

/// A random number in 0..1, from the seeds that the standard library draws for its hash tables: chance enough to keep
/// watches apart, no secret, and no crate for one line.
pub fn jitter() -> f64 {
    let drawn = RandomState::new().build_hasher().finish() >> 32;
    f64::from(u32::try_from(drawn).unwrap_or(0)) / (f64::from(u32::MAX) + 1.0)
}

/// How long the server asks us to stay away: `Retry-After` (seconds or a date, RFC 9110 section 10.2.3), or a
/// `RateLimit` whose quota is used up (IETF draft-ietf-httpapi-ratelimit-headers-10; `warehouse` `rate_limiting/headers.py`).
pub fn hold(headers: &HeaderMap, now: Time) -> Option<Duration> {
    let asked = retry_after(headers, now).into_iter().chain(rate_limit(headers)).max()?;
    Some(asked.min(LONGEST_HOLD))
}

/// `Retry-After` alone, as it stands.
pub fn retry_after(headers: &HeaderMap, now: Time) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    Some((date(text)? - served_at(headers).unwrap_or(now)).to_std().unwrap_or_default())
}

/// The server's own clock (`Date`, RFC 9110 section 6.6.1): what it means by a date, whatever ours says.
pub fn served_at(headers: &HeaderMap) -> Option<Time> {
    date(headers.get(DATE)?.to_str().ok()?)
}

/// A year has four digits in HTTP (RFC 9110, section 5.6.7): beyond them there are days to which nothing can be added.
fn date(text: &str) -> Option<Time> {
    let date = chrono::DateTime::parse_from_rfc2822(text.trim()).ok()?.to_utc();
    (date.year() <= 9999).then_some(date)
}

/// `"xmlrpc.client";r=0;t=42`: nothing left, reset in 42 s. Several policies are separated by commas.
fn rate_limit(headers: &HeaderMap) -> Option<Duration> {
    let policies = headers.get_all("ratelimit").into_iter().filter_map(|value| value.to_str().ok());
    policies.flat_map(|text| text.split(',')).filter_map(used_up).max()
}

fn used_up(policy: &str) -> Option<Duration> {
    let parameter = |name: &str| {
        let mut pairs = policy.split(';').filter_map(|part| part.trim().split_once('='));
        pairs.find(|(key, _)| *key == name).and_then(|(_, value)| value.parse::<u64>().ok())
    };
    (parameter("r")? == 0).then(|| Duration::from_secs(parameter("t").unwrap_or(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        text.parse().expect("a time")
    }

    fn asked(headers: &[(&'static str, &str)]) -> Option<u64> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().expect("a header"));
        }
        hold(&map, at("2026-08-21T16:57:37Z")).map(|d| d.as_secs())
    }

    #[test]
    fn the_pause_doubles_up_to_five_minutes() {
        let longest: Vec<u64> = (1..=10).map(|n| backoff(n, 1.0).as_secs()).collect();
        assert_eq!(longest, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]);
        assert_eq!(backoff(u32::MAX, 1.0), LONGEST);
        assert_eq!(backoff(0, 0.0), Duration::from_millis(500));
    }

    #[test]
    fn jitter_takes_away_at_most_half() {
        assert_eq!(backoff(3, 0.0), Duration::from_secs(2));
        assert_eq!(backoff(3, 0.5), Duration::from_secs(3));
        assert_eq!(backoff(3, 7.0), Duration::from_secs(4), "an impossible jitter does no harm");
    }

    #[test]
    fn jitter_is_spread_over_its_range() {
        let drawn: Vec<f64> = (0..1_000).map(|_| jitter()).collect();
        assert!(drawn.iter().all(|j| (0.0..1.0).contains(j)));
        assert!(drawn.iter().any(|j| *j < 0.2) && drawn.iter().any(|j| *j > 0.8));
    }

    #[test]
    fn retry_after_comes_as_seconds_or_as_a_date() {
        assert_eq!(asked(&[("retry-after", "17")]), Some(17));
        assert_eq!(asked(&[("retry-after", "Fri, 21 Aug 2026 16:58:37 GMT")]), Some(60));
        assert_eq!(asked(&[("retry-after", "Fri, 21 Aug 2020 16:58:37 GMT")]), Some(0));
        assert_eq!(asked(&[("retry-after", "soon")]), None);
        let theirs = ("date", "Fri, 21 Aug 2020 16:58:27 GMT");
        assert_eq!(asked(&[("retry-after", "Fri, 21 Aug 2020 16:58:37 GMT"), theirs]), Some(10), "by their own clock");
    }

    #[test]
    fn a_used_up_rate_limit_holds_until_its_reset() {
        assert_eq!(asked(&[("ratelimit", r#""xmlrpc.client";r=3599;t=3600"#)]), None);
        assert_eq!(asked(&[("ratelimit", r#""xmlrpc.client";r=0;t=42"#)]), Some(42));
        assert_eq!(asked(&[("ratelimit", r#""a";r=5;t=9, "b"; r=0; t=7"#)]), Some(7));
        assert_eq!(asked(&[("ratelimit", "nonsense;r;=;t=;r=0")]), Some(1));
    }

    #[test]
    fn the_longest_wish_counts_within_reason() {
        assert_eq!(asked(&[("retry-after", "5"), ("ratelimit", r#""x";r=0;t=9"#)]), Some(9));
        assert_eq!(asked(&[("retry-after", "999999999")]), Some(3600));
    }
}
