//! Addresses in texts that are repeated to people: an account or a query of one may be a secret.

/// The text with `…` in place of the account and the query of every address in it.
pub fn without_accounts(text: &str) -> String {
    let (mut out, mut at, mut end, mut last) = (String::with_capacity(text.len()), 0, 0, None);
    while let Some(found) = text[at..].find("://") {
        let start = at + found + "://".len();
        if start > end {
            (end, last) = extent(text, start);
        }
        out.push_str(&text[at..start]);
        let account = account_end(&text[start..end], last.and_then(|last| last.checked_sub(start)));
        out.extend(account.map(|_| '…'));
        let from = start + account.unwrap_or_default();
        // A list of addresses needs no blank between them.
        let next = text[from..end].find("://").map_or(end, |length| from + length);
        let query = text[from..next].find('?').map(|length| from + length + 1).filter(|query| *query < end);
        out.push_str(&text[from..query.unwrap_or(next)]);
        out.extend(query.map(|_| '…'));
        at = query.map_or(next, |_| end);
    }
    out + &text[at..]
}

/// Where what begins there ends, and its last `@`. It ends at a blank, or at what it stands in; a password may hold such a quote, and goes on to
/// the last `@` then.
fn extent(text: &str, start: usize) -> (usize, Option<usize>) {
    let most = text[start..].find(char::is_whitespace).map_or(text.len(), |length| start + length);
    let closed = |from: usize| text[from..most].find(['"', '\'', '<', '>', '`']).map_or(most, |length| from + length);
    let first = closed(start);
    let last = text[start..most].rfind('@').map(|length| start + length);
    match last {
        Some(last) if last > first => (closed(last), Some(last)),
        _ => (first, last),
    }
}

/// Where the account of an address ends. A password may hold a slash that should have been percent-coded, and then the last `@` ends it.
fn account_end(address: &str, last: Option<usize>) -> Option<usize> {
    let authority = address.split(['/', '?', '#']).next().unwrap_or_default();
    match authority.rfind('@') {
        None if authority.contains(':') => last,
        at => at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_account_and_no_query_is_repeated() {
        for (text, shown) in [
            ("\"https://me:secret@host/x\" is none", "\"https://…@host/x\" is none"),
            ("git+ssh://git@host/x.git@abc#egg=a", "git+ssh://…@host/x.git@abc#egg=a"),
            ("https://me:se/cret@host/x", "https://…@host/x"),
            ("https://me:12/34@host/x", "https://…@host/x"),
            ("https://me:se?cret@host", "https://…@host"),
            ("https://me@acme.example:secret@host", "https://…@host"),
            ("https://host/x?token=secret and more", "https://host/x?… and more"),
            (
                "https://host/x,https://me:secret@host;ssh://me:se@host/x?y",
                "https://host/x,https://…@host;ssh://…@host/x?…",
            ),
            ("see https://host:8080/x, pay@acme.example", "see https://host:8080/x, pay@acme.example"),
            ("a://u:p@b c://u:p@d", "a://…@b c://…@d"),
            ("nothing: //here", "nothing: //here"),
            ("'https://me:it's-secret@host/x' is none", "'https://…@host/x' is none"),
            ("https://me@acme.example:se\"cr<et@host", "https://…@host"),
            ("[\"https://me:a\\\"b/c@host/x\"]", "[\"https://…@host/x\"]"),
            ("<https://host/x>, <https://u:p@b/y>", "<https://host/x>, <https://…@b/y>"),
            ("<https://host/x>,<https://u:p@b/y>", "<https://host/x>,<https://…@b/y>"),
        ] {
            assert_eq!(without_accounts(text), shown);
        }
    }
}
