//! Hosts and addresses inside of the company, where nobody declared them public.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::context::Context;
use crate::config::source::Fault;

/// Labels that only internal names have; as the last one, as in `pypi.corp`, and as any in an address.
const INTERNAL: [&str; 13] = [
    "corp",
    "home",
    "intern",
    "internal",
    "intra",
    "intranet",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "onprem",
    "priv",
    "private",
];

pub(super) fn internal(context: &Context<'_>, line: &str) -> Option<Fault> {
    let in_address = addressed(line).filter(|host| looks_internal(host) || is_of_company(context, host));
    let bare = bare(line).filter(|host| is_bare_internal(context, host));
    let hosts: BTreeSet<String> = in_address.chain(bare).filter(|host| !is_declared(context, host)).collect();
    let listed = |quote: &str| hosts.iter().map(|host| format!("{quote}{host}{quote}")).collect::<Vec<_>>().join(", ");
    let instead = || format!("take it out, or declare it: public_hosts = [{}] under [claim]", listed("\""));
    (!hosts.is_empty()).then(|| Fault::new(format!("names what looks internal: {}", listed("")), instead()))
}

/// By its form alone: a private address, a name without a domain, or one with a label that says so.
pub(super) fn looks_internal(host: &str) -> bool {
    if let Ok(address) = host.trim_matches(['[', ']']).parse::<IpAddr>() {
        return is_private(address);
    }
    let says = |label: &str| label.split('-').any(|part| INTERNAL.contains(&part));
    !host.contains('.') || host.split('.').any(says)
}

fn is_declared(context: &Context<'_>, host: &str) -> bool {
    context.secrecy.public.contains(host) || context.shown.contains(host)
}

/// Below the company's own domain, or an index that the inventory names.
fn is_of_company(context: &Context<'_>, host: &str) -> bool {
    let below = host.strip_suffix(context.domain).is_some_and(|label| label.ends_with('.'));
    below || context.secrecy.internal.contains(host)
}

/// In Python a dot is more often something else: there a name has three labels.
fn is_bare_internal(context: &Context<'_>, host: &str) -> bool {
    if let Ok(address) = host.parse::<IpAddr>() {
        return is_private(address);
    }
    let labels: Vec<&str> = host.split('.').collect();
    let enough = labels.len() >= if context.template.text.is_python() { 3 } else { 2 };
    let last = labels.last().is_some_and(|last| INTERNAL.contains(last));
    (enough && last) || is_of_company(context, host)
}

/// The hosts of web addresses and of mail addresses.
fn addressed(line: &str) -> impl Iterator<Item = String> {
    let web = line.split("://").skip(1).map(|rest| {
        let authority = rest.split(|c: char| c.is_whitespace() || "/?#\"'<>`)".contains(c)).next().unwrap_or_default();
        let host = authority.rsplit('@').next().unwrap_or_default();
        host.rsplit_once(':')
            .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
            .map_or(host, |(host, _)| host)
    });
    let mail = line.split('@').skip(1).map(|rest| rest.split(|c: char| !is_of_host(c)).next().unwrap_or_default());
    // An address may be put together by the text, `{}://{}`, or be none, as in a decorator.
    let hosts = web.chain(mail.filter(|host| host.contains('.')));
    hosts.map(|host| host.trim_end_matches('.').to_lowercase()).filter(|host| host.contains(char::is_alphanumeric))
}

/// Words that may be hosts or addresses by themselves.
fn bare(line: &str) -> impl Iterator<Item = String> {
    let names = line.split(|c: char| !is_of_host(c)).filter(|word| word.contains('.'));
    let sixes =
        line.split(|c: char| !(c.is_ascii_hexdigit() || c == ':')).filter(|word| word.parse::<Ipv6Addr>().is_ok());
    names.chain(sixes).map(|word| word.trim_matches(['.', '-']).to_lowercase())
}

fn is_of_host(c: char) -> bool {
    c.is_alphanumeric() || c == '.' || c == '-'
}

fn is_private(address: IpAddr) -> bool {
    let shared = |v4: Ipv4Addr| v4.octets()[0] == 100 && (64..128).contains(&v4.octets()[1]);
    match address {
        IpAddr::V4(v4) => v4.is_private() || v4.is_loopback() || v4.is_link_local() || shared(v4),
        // `::` alone is a slice to Python.
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_hosts_are_known_by_their_form() {
        for host in [
            "pypi",
            "localhost",
            "pypi.corp",
            "pypi.internal.acme.example",
            "pypi-internal.acme.example",
            "10.1.2.3",
            "[fd00::1]",
            "100.64.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "172.31.0.1",
        ] {
            assert!(looks_internal(host), "{host}");
        }
        for host in ["acme.example", "pypi.acme.example", "203.0.113.7", "internals.example", "[2001:db8::1]"] {
            assert!(!looks_internal(host), "{host}");
        }
    }

    #[test]
    fn hosts_are_found_where_they_stand() {
        let found = |line: &str| addressed(line).chain(bare(line)).collect::<Vec<_>>();
        for (line, host) in [
            ("see https://me@Git.Acme.example:8443/x", "git.acme.example"),
            ("<http://[fd00::1]:80/>", "[fd00::1]"),
            ("ask a@corp.acme.example.", "corp.acme.example"),
            ("on wiki.corp, or 10.0.0.7", "wiki.corp"),
            ("on wiki.corp, or 10.0.0.7.", "10.0.0.7"),
            ("at fd12:3456::1", "fd12:3456::1"),
        ] {
            assert!(found(line).contains(&host.to_owned()), "{line}: {:?}", found(line));
        }
        assert!(addressed("@decorator and \"{}://{}\"").next().is_none());
    }
}
