//! Who asks, and who counts as one client, wherever something is shared out among clients or counted by them.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use super::logins::is_login;

/// Who asks, as they are known. Most pages lie there, and go out without that anybody has to write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Requester {
    /// Who has a login is known by that, wherever they ask from.
    User(String),
    Address(IpAddr),
    /// A proxy did not say for whom it asks.
    Unknown,
}

impl fmt::Display for Requester {
    /// As the log has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(user) => f.write_str(user),
            Self::Address(address) => address.fmt(f),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}

/// One client: a user who logged in, whatever machine they have, or else an address, of IPv6 its network. `None`: nobody knows who asked.
pub(super) fn client(peer: &str) -> Option<String> {
    if is_login(peer) {
        return Some(peer.to_owned());
    }
    Some(match network(peer.parse().ok()?) {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    })
}

/// The same where something is shared out: all whom nobody knows are one.
pub(super) fn shares_as(peer: &str) -> String {
    client(peer).unwrap_or_else(|| peer.to_owned())
}

/// A machine has as many addresses of its network of IPv6 (64 bits, RFC 4291) as it likes.
pub(super) fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_network_of_ipv6_are_one_client_and_users_are_themselves() {
        let of = |peer: &str| client(peer).unwrap_or_else(|| "nobody".to_owned());
        for same in ["2001:db8:0:7::1", "2001:db8:0:7:ffff::2", "2001:0db8:0:7:0:0:0:3"] {
            assert_eq!(of(same), "2001:db8:0:7::/64", "{same}");
        }
        assert_eq!(of("2001:db8:0:8::1"), "2001:db8:0:8::/64");
        assert_eq!(["10.0.0.1", "::ffff:10.0.0.1", "10.0.0.2"].map(of), ["10.0.0.1", "10.0.0.1", "10.0.0.2"]);
        assert_eq!(["ci-1", "unknown", "", "10.0.0.1:80"].map(of), ["ci-1", "nobody", "nobody", "nobody"]);
        assert_eq!(["unknown", "ci-1", "2001:db8::9"].map(shares_as), ["unknown", "ci-1", "2001:db8:0:0::/64"]);
    }

    #[test]
    fn who_asks_is_written_as_it_is_counted() {
        let address = |text: &str| Requester::Address(text.parse().expect("an address"));
        let all = [Requester::User("ci-1".to_owned()), address("10.0.0.1"), address("2001:db8::9"), Requester::Unknown];
        assert_eq!(all.map(|of| of.to_string()), ["ci-1", "10.0.0.1", "2001:db8::9", "unknown"]);
    }

    #[test]
    fn seats_are_counted_by_network() {
        let of = |text: &str| network(text.parse().expect("an address")).to_string();
        assert_eq!(
            ["2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:1::1"].map(of),
            ["2001:db8::", "2001:db8::", "2001:db8:0:1::"]
        );
        assert_eq!(["10.0.0.1", "::ffff:10.0.0.1"].map(of), ["10.0.0.1"; 2]);
    }
}
