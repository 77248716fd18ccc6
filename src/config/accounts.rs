//! Addresses in texts that are repeated to people: an account or a query of one may be a secret.

/// The text with `…` in place of the account and the query of every address in it.
pub fn without_accounts(text: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find("://") {
        let (before, address) = rest.split_at(at + "://".len());
        let end = address.find(|c: char| c.is_whitespace() || "\"'<>`".contains(c)).unwrap_or(address.len());
        out.push_str(before);
        out.push_str(&without_account(&address[..end]));
        rest = &address[end..];
    }
    out + rest
}

/// A password may hold a slash that should have been percent-coded, and then the last `@` ends it.
fn without_account(address: &str) -> String {
    let authority = address.split(['/', '?', '#']).next().unwrap_or_default();
    let account = match authority.rfind('@') {
        None if authority.contains(':') => address.rfind('@'),
        at => at,
    };
    let bare = account.map_or_else(|| address.to_owned(), |at| format!("…{}", &address[at..]));
    match bare.split_once('?') {
        Some((path, query)) if !query.is_empty() => format!("{path}?…"),
        _ => bare,
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
            ("see https://host:8080/x, pay@acme.example", "see https://host:8080/x, pay@acme.example"),
            ("a://u:p@b c://u:p@d", "a://…@b c://…@d"),
            ("nothing: //here", "nothing: //here"),
        ] {
            assert_eq!(without_accounts(text), shown);
        }
    }
}
