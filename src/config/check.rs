//! Checks of single values: text in, a typed value or a `Fault` that says what to write out. Pure,
//! but that directories are looked at.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use url::{Host, Url};

use super::period::Period;
use super::source::Fault;
use crate::model::{Mention, MentionError};

/// Longest path of a Unix socket on Linux, bytes (`unix(7)`: 108 with the final zero).
const SOCKET_PATH_MOST: usize = 107;

/// An e-mail address or a web page, in printable ASCII only: this text travels in a header.
///
/// # Errors
/// With what to write instead.
pub fn contact(text: &str) -> Result<String, Fault> {
    let printable = text.bytes().all(|b| b.is_ascii_graphic() && !b"()<>\"\\".contains(&b));
    // Neither root@localhost nor http://intranet can be reached from where PyPI is.
    let address = text.parse::<lettre::Address>().is_ok_and(|address| address.domain().contains('.'));
    let known = address || web(text).is_ok_and(|url| url.host_str().is_some_and(|host| host.contains('.')));
    if printable && known {
        return Ok(text.to_owned());
    }
    Err(Fault::new(
        format!("{text:?} is neither an e-mail address nor a web page"),
        "write how PyPI's administrators reach you: contact = \"security@your.example\"",
    ))
}

/// Sender: `watch@your.example` or `Name <watch@your.example>`. Letters beyond ASCII before the `@` would ask SMTPUTF8 of
/// every server on the way, for every message.
pub(super) fn mailbox(text: &str) -> Result<String, Fault> {
    let write = "write \"namewarden@your.example\" or \"namewarden <namewarden@your.example>\"";
    match text.parse::<lettre::message::Mailbox>() {
        _ if text.contains(char::is_control) => Err(Fault::new(format!("{text:?} holds a control character"), write)),
        Ok(mailbox) if mailbox.email.user().is_ascii() => Ok(text.to_owned()),
        Ok(_) => Err(Fault::new(format!("{text:?} has letters before the @ that many mail servers refuse"), write)),
        Err(_) => Err(Fault::new(format!("{text:?} is no e-mail address"), write)),
    }
}

/// What stands after EHLO: a name with a dot, or an address literal such as `[192.0.2.1]` (RFC 5321, 4.1.3).
pub(super) fn helo_name(text: &str) -> Result<String, Fault> {
    let literal = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let is_address = |inner: &str| inner.trim_start_matches("IPv6:").parse::<IpAddr>().is_ok();
    let label =
        |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if literal.is_some_and(is_address) || (text.contains('.') && text.split('.').all(label)) {
        return Ok(text.to_owned());
    }
    Err(Fault::new(
        format!("{text:?} is neither a full name nor an address in brackets"),
        "write this machine's full name, \"watch.your.example\", or its address, \"[192.0.2.1]\"",
    ))
}

/// Base address of the index, returned without its trailing slash. Clear text only to this machine: whoever changes
/// the feeds on the way can keep us quiet.
pub(super) fn base(text: &str) -> Result<String, Fault> {
    // The text may hold a password, so it is not repeated.
    let url = web(text).map_err(|what| Fault::new(format!("this address {what}"), WRITE_BASE))?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(Fault::new(format!("{text:?} goes on after the path"), WRITE_BASE));
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(Fault::new(format!("{text:?} is clear text over a network"), WRITE_BASE));
    }
    if let Some(above) = above_a_part(text) {
        let what = format!("{text:?} is the address of a part of the index, and the feeds hang beside that");
        return Err(Fault::new(what, format!("write the address above it, {above:?}")));
    }
    Ok(text.trim_end_matches('/').to_owned())
}

const WRITE_BASE: &str = "write the base address alone, https://HOST; http:// is for this machine only";

/// The address above what people copy from pip's settings, from clients of XML-RPC or from a feed reader.
fn above_a_part(text: &str) -> Option<&str> {
    let parts = ["/+simple", "/simple", "/rss", "/rss/packages.xml", "/rss/updates.xml", "/legacy", "/pypi"];
    let bare = text.trim_end_matches('/');
    let above = parts.iter().find_map(|part| bare.strip_suffix(part));
    // An index of one's own may be called so.
    above.filter(|above| !bare.ends_with("/pypi") || Url::parse(above).is_ok_and(|url| url.path() == "/"))
}

/// Is this base address on this machine? Then short intervals hurt nobody.
pub(super) fn is_loopback_base(base: &str) -> bool {
    Url::parse(base).is_ok_and(|url| is_loopback(&url))
}

pub(super) fn proxy(text: &str) -> Result<String, Fault> {
    let write = "write http://HOST:PORT of a proxy that lets this machine through without a password";
    match web(text) {
        Ok(_) => Ok(text.to_owned()),
        // The text may hold a password, so it is not repeated.
        Err(what) => Err(Fault::new(format!("this proxy address {what}"), write)),
    }
}

/// Is this the address of a receiver we may post findings to: https, or http on this machine?
pub fn is_receiver(text: &str) -> bool {
    web(text).is_ok_and(|url| url.scheme() == "https" || is_loopback(&url))
}

/// A signing secret of the Standard Webhooks specification: `whsec_` and 24 to 64 bytes in base64.
pub(super) fn is_signing_secret(text: &str) -> bool {
    let bytes = text.strip_prefix("whsec_").and_then(|rest| base64::prelude::BASE64_STANDARD.decode(rest).ok());
    bytes.is_some_and(|bytes| (24..=64).contains(&bytes.len()))
}

/// An http or https address without account; else what is wrong with it.
pub(super) fn web(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "is no web address")?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err("is no web address");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds an account");
    }
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err("holds white space");
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Name or address of a mail server.
pub(super) fn host(text: &str) -> Result<String, Fault> {
    match Host::parse(text) {
        _ if text.parse::<IpAddr>().is_ok() => Ok(text.to_owned()),
        Ok(_) if !text.is_empty() && !text.contains(':') => Ok(text.to_owned()),
        // What stands before an @ is an account, and perhaps its password.
        _ if text.contains('@') => Err(Fault::new("this is no host name", "write the name alone, without an account")),
        _ => Err(Fault::new(format!("{text:?} is no host name"), "write the name alone, and the port as port = 587")),
    }
}

/// An account name; any text but none.
pub(super) fn account(text: &str) -> Result<String, Fault> {
    let instead = "write the account, or leave username and password out for a server that wants none";
    if text.trim().is_empty() { Err(Fault::new("is empty", instead)) } else { Ok(text.to_owned()) }
}

/// May clear text go to this host? Only without leaving the machine.
pub(super) fn is_loopback_host(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

pub(super) fn port(number: i64) -> Result<u16, Fault> {
    let port = u16::try_from(number).ok().filter(|port| *port > 0);
    port.ok_or_else(|| {
        Fault::new(format!("{number} is no port"), "write 1 to 65535; 587 for starttls, 465 for implicit")
    })
}

pub(super) fn hour(number: i64) -> Result<u8, Fault> {
    let hour = u8::try_from(number).ok().filter(|hour| *hour < 24);
    hour.ok_or_else(|| Fault::new(format!("{number} is no hour of the day"), "write 0 to 23, in UTC"))
}

/// A check that a period lies between two bounds, both included.
pub(super) fn within(least: &str, most: &str) -> impl Fn(Period) -> Result<Duration, Fault> {
    let (least, most): (Result<Period, _>, Result<Period, _>) = (least.parse(), most.parse());
    move |period| match (&least, &most) {
        (Ok(least), Ok(most)) if period < *least || period > *most => {
            Err(Fault::new(format!("{period} is out of range"), format!("write \"{least}\" to \"{most}\"")))
        }
        _ => Ok(period.0),
    }
}

/// The NAME of `[alert.slack.NAME]`: part of channel keys, so plain.
pub(super) fn channel_name(text: &str) -> Result<String, Fault> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    let wrong = || Fault::new(format!("{text:?} is no channel name"), "use ASCII letters, digits, - and _");
    plain.then(|| text.to_owned()).ok_or_else(wrong)
}

/// Whom a page calls in Slack.
pub(super) fn mention(text: &str) -> Result<Mention, Fault> {
    text.parse().map_err(|error: MentionError| {
        Fault::new(
            error.to_string(),
            "write \"<!here>\", \"<!channel>\", \"<!subteam^S0123ABCD>\" for a user group or \"<@U0123ABCD>\" for a user, \
             several with a space between",
        )
    })
}

/// What stands in every message: one short visible line.
pub(super) fn instance(text: &str) -> Result<String, Fault> {
    let visible = !text.trim().is_empty() && !text.contains(|c: char| c.is_control() || "<>`".contains(c));
    if visible && text.chars().count() <= 60 {
        return Ok(text.trim().to_owned());
    }
    let what = "the name of this watch has to be a line of 1 to 60 characters without < > and `";
    Err(Fault::new(what, "write what you call it, such as \"production\", or leave the key out"))
}

/// A path, resolved against the directory of the configuration file.
pub(super) fn path(directory: &Path, text: &str) -> Result<PathBuf, Fault> {
    if text.trim().is_empty() || text.contains('\0') {
        return Err(Fault::new("the path is empty", "write a path, absolute or relative to this file"));
    }
    // It is not repeated: an address that was pasted there may be a secret by itself.
    if text.contains("://") {
        return Err(Fault::new("this is an address, and no path", "write the path of a file that holds it"));
    }
    if text.starts_with('~') || text.contains('$') {
        let what = format!("{text:?} is taken as it stands, for no shell reads it");
        return Err(Fault::new(what, "write the whole path, or one relative to this file"));
    }
    Ok(directory.join(text))
}

/// A path that is a directory, or can become one.
pub(super) fn directory(beside: &Path, text: &str) -> Result<PathBuf, Fault> {
    let path = path(beside, text)?;
    let there = path.ancestors().find(|above| above.exists());
    match there.filter(|there| !there.is_dir()) {
        Some(file) => {
            Err(Fault::new(format!("{} is a file, and no directory", file.display()), "write the path of a directory"))
        }
        None => Ok(path),
    }
}

/// A directory that is not lost with another.
pub(super) fn apart(beside: &Path, text: &str, other: &Path) -> Result<PathBuf, Fault> {
    let path = directory(beside, text)?;
    if path.starts_with(other) {
        let what = format!("{} is in the state directory, and lost with it", path.display());
        return Err(Fault::new(what, "write the path of a directory elsewhere"));
    }
    Ok(path)
}

pub(super) fn socket(directory: &Path, text: &str) -> Result<PathBuf, Fault> {
    let path = path(directory, text)?;
    if path.as_os_str().len() > SOCKET_PATH_MOST {
        let what = format!("{} is longer than the {SOCKET_PATH_MOST} bytes a socket may have", path.display());
        return Err(Fault::new(what, "write a shorter path, like /run/namewarden/control.sock"));
    }
    Ok(path)
}
