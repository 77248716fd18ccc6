//! Who counts as one client, wherever something is shared out among clients.

use std::net::{IpAddr, Ipv6Addr};

use crate::model::Requester;

/// One client: a user who logged in, whatever machine they have, or else an address, of IPv6 its network; all whom nobody knows are one.
pub(super) fn shares_as(of: &Requester) -> String {
    match (&of.user, of.host) {
        (None, Some(host)) => place(host),
        _ => of.word(),
    }
}

/// Where an address is, as one place: a machine has as many of its network of IPv6 as it likes.
pub(super) fn place(host: IpAddr) -> String {
    match network(host) {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
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
    fn addresses_of_one_network_of_ipv6_are_one_client_and_users_are_themselves_wherever_they_are() {
        let of = |peer: &str| shares_as(&Requester::of_word(peer));
        for same in ["2001:db8:0:7::1", "2001:db8:0:7:ffff::2", "2001:0db8:0:7:0:0:0:3"] {
            assert_eq!(of(same), "2001:db8:0:7::/64", "{same}");
        }
        assert_eq!(of("2001:db8:0:8::1"), "2001:db8:0:8::/64");
        assert_eq!(["10.0.0.1", "::ffff:10.0.0.1", "10.0.0.2"].map(of), ["10.0.0.1", "10.0.0.1", "10.0.0.2"]);
        assert_eq!(["ci-1", "unknown", "", "2001:db8::9"].map(of), ["ci-1", "unknown", "unknown", "2001:db8:0:0::/64"]);
        let at = |host: &str| Requester { host: host.parse().ok(), ..Requester::of_word("ci-1") };
        assert_eq!(["10.0.0.1", "2001:db8::9"].map(|host| shares_as(&at(host))), ["ci-1"; 2]);
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
