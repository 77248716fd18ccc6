//! Addresses in texts that are repeated to people: an account or a query of one may be a secret.

/// The text with `…` in place of the account and the query of every address in it.
pub fn without_accounts(text: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find("://") {
        let (before, address) = rest.split_at(at + "://".len());
        let (end, account) = taken_apart(address);
        out.push_str(before);
        out.push_str(&without(&address[..end], account));
        rest = &address[end..];
    }
    out + rest
}

/// How long it is, and where its account ends. It ends at a blank, or at what it stands in; a password may hold such a quote, and goes
/// on to the last `@` then. One may hold a slash that should have been percent-coded, and then the last `@` ends it, too.
fn taken_apart(text: &str) -> (usize, Option<usize>) {
    let most = text.find(char::is_whitespace).unwrap_or(text.len());
    let closed = |from: usize| text[from..most].find(['"', '\'', '<', '>', '`']).map_or(most, |at| from + at);
    let first = closed(0);
    if let Some(at) = text[first..most].rfind('@') {
        return (closed(first + at), Some(first + at));
    }
    let address = &text[..first];
    let authority = address.split(['/', '?', '#']).next().unwrap_or_default();
    (first, authority.rfind('@').or_else(|| authority.contains(':').then(|| address.rfind('@'))?))
}

fn without(address: &str, account: Option<usize>) -> String {
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
            ("'https://me:it's-secret@host/x' is none", "'https://…@host/x' is none"),
            ("https://me@acme.example:se\"cr<et@host", "https://…@host"),
            ("[\"https://me:a\\\"b/c@host/x\"]", "[\"https://…@host/x\"]"),
            ("<https://host/x>, <https://u:p@b/y>", "<https://host/x>, <https://…@b/y>"),
        ] {
            assert_eq!(without_accounts(text), shown);
        }
    }
}
