//! Addresses that people write, of which an account must not be seen. Without a scheme it is no address, and was meant as one.

/// Is there an account in it, or may there be one? Its password may hold what ends the host elsewhere.
pub fn holds_account(address: &str) -> bool {
    let sound = split(address).is_some_and(|(_, rest)| is_host(until(rest, ['/', '\\', '?', '#'])));
    !sound && address.contains('@')
}

/// Without account, query and fragment.
pub fn bare(address: &str) -> String {
    let (scheme, rest) =
        split(address).map_or((String::new(), address), |(scheme, rest)| (format!("{scheme}://"), rest));
    let kept = match until(rest, ['?', '#']).rsplit_once('@') {
        _ if !holds_account(address) => rest,
        Some((_, host)) => host,
        None => rest.rsplit_once('@').map_or(rest, |(_, host)| host),
    };
    format!("{scheme}{}", until(kept, ['?', '#']))
}

fn split(address: &str) -> Option<(&str, &str)> {
    let is_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    address.trim().split_once("://").filter(|(scheme, _)| scheme.chars().all(is_scheme))
}

fn until<const N: usize>(text: &str, ends: [char; N]) -> &str {
    text.split(ends).next().unwrap_or(text)
}

/// A name or an IP address, perhaps with a port.
fn is_host(text: &str) -> bool {
    let port = text.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')).map_or("", |(_, port)| port);
    !text.is_empty() && !text.contains('@') && port.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_it_is_written_no_part_of_an_account_is_shown() {
        let hosts = [
            "https://u:s3cret@i.example/simple",
            "https://u:s3cret@i.example/simple?token=s3cret#s3cret",
            "https://s3cret@i.example/simple",
            "https://u:s3/cr?et#s3cret@i.example/simple",
            "https://u:s3cret@s3cret@i.example/simple",
            "https:///u:s3cret@i.example/simple",
            "https:u:s3cret@i.example/simple",
            "https:\\u:s3cret@i.example/simple",
            " https://u:s3cret@i.example/simple",
            "//u:s3cret@i.example/simple",
            "u:s3cret@i.example/simple",
            "u:s3/cret@i.example/simple",
            "s3cret@i.example/simple",
        ];
        for address in hosts {
            assert!(holds_account(address), "{address}");
            let shown = bare(address);
            assert!(shown.ends_with("i.example/simple"), "{address}: {shown}");
            assert!(!shown.contains("s3") && !shown.contains('@') && !holds_account(&shown), "{address}: {shown}");
        }
    }

    #[test]
    fn what_has_none_is_shown_as_it_is() {
        let azure = "https://pkgs.dev.example/org/_packaging/feed@Local/pypi/simple/";
        for address in [
            azure,
            "https://i.example:8443/simple",
            "https://[::1]:8443/simple",
            "https://[::1]/",
            "devpi",
            "i.example/simple",
        ] {
            assert!(!holds_account(address), "{address}");
            assert_eq!(bare(address), address);
        }
        assert_eq!(bare("https://i.example/simple?token=x#y"), "https://i.example/simple");
    }
}
