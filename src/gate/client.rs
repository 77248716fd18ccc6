//! Who counts as one client, wherever something is shared out among clients or counted by them.

use std::net::{IpAddr, Ipv6Addr};

use super::logins::is_login;

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
    fn seats_are_counted_by_network() {
        let of = |text: &str| network(text.parse().expect("an address")).to_string();
        assert_eq!(
            ["2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:1::1"].map(of),
            ["2001:db8::", "2001:db8::", "2001:db8:0:1::"]
        );
        assert_eq!(["10.0.0.1", "::ffff:10.0.0.1"].map(of), ["10.0.0.1"; 2]);
    }
}
