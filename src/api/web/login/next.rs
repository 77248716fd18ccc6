//! Where somebody goes after signing in: to a page of ours, and never to anybody else's.

use url::Url;

/// The path and the query, if it is one of ours; else the first page.
pub(super) fn safe(next: &str) -> String {
    let base = Url::parse("http://here.invalid/").ok();
    let there = base.as_ref().filter(|_| next.starts_with('/')).and_then(|base| base.join(next).ok());
    match there.filter(|there| base.as_ref().is_some_and(|base| base.origin() == there.origin())) {
        // A path that begins with two slashes is a host to a browser.
        Some(there) if !there.path().starts_with("//") => {
            there.path().to_owned() + &there.query().map(|query| format!("?{query}")).unwrap_or_default()
        }
        _ => "/".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_to_somebody_elses_page() {
        assert_eq!(safe("/findings/nw-1?tier=page&x=%26"), "/findings/nw-1?tier=page&x=%26");
        let elsewhere = [
            "",
            "findings",
            "https://evil.example/",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n//evil.example",
            "///evil.example",
            "/.//evil.example",
            "/..//evil.example",
            "javascript:alert(1)",
            "/x/..//evil.example",
        ];
        for next in elsewhere {
            let led = safe(next);
            assert!(led.starts_with('/') && !led.starts_with("//") && !led.contains('\\'), "{next:?}: {led}");
        }
        assert!(!safe("/a\r\nset-cookie: b=c").contains(['\r', '\n']));
    }
}
