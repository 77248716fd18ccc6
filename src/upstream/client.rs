//! The one factory of HTTP clients: User-Agent with contact, time limits, egress proxy, private CA, no wandering off.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use reqwest::header::HeaderValue;
use reqwest::redirect::{Action, Attempt, Policy};
use reqwest::{Proxy, Url};

use super::trust::{TrustError, client_config};

/// An unreachable host is known long before the limit of a whole request.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// Redirects within one origin; PyPI needs one (a missing slash).
const REDIRECTS: usize = 5;

/// How requests leave this machine. No `Debug`: the proxy's address may hold a password.
#[derive(Clone, Copy)]
pub struct Egress<'a> {
    /// Who a server's administrators may write to; part of the User-Agent.
    pub contact: &'a str,
    pub proxy: Option<&'a str>,
    /// Certificates (PEM) trusted besides the system's.
    pub ca_file: Option<&'a Path>,
    /// Limit for one whole request, body included.
    pub timeout: Duration,
}

/// Why no client can be built. Its text never holds a credential.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("{0:?} is no address to send requests to: write https://…, or http:// to a loopback address")]
    Address(String),
    /// It is not repeated: what cannot be taken apart may hold a password anywhere.
    #[error("this is no address to send requests to: write https://HOST, and leave out names, passwords and queries")]
    NoAddress,
    #[error("an address with a user name, password, query or fragment is refused: write scheme, host and path only")]
    Decorated,
    #[error("the contact {0:?} cannot be part of a User-Agent: use printable ASCII, such as a mail address")]
    Contact(String),
    #[error("the proxy is no address: write http://HOST:PORT or https://HOST:PORT")]
    Proxy,
    #[error("[http] ca_file: {0}")]
    Trust(#[from] TrustError),
    #[error("cannot set up TLS")]
    Tls(#[source] reqwest::Error),
}

/// An HTTP client. Cloning shares its connections.
#[derive(Clone)]
pub struct HttpClient {
    inner: reqwest::Client,
    /// For what has a body.
    posting: reqwest::Client,
    pub timeout: Duration,
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

impl HttpClient {
    /// # Errors
    /// See [`ClientError`].
    pub fn new(egress: &Egress<'_>) -> Result<Self, ClientError> {
        // A second installation fails and changes nothing, which is what is wanted.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (inner, posting) = (client(egress, USUAL)?, client(egress, Manner { follow: follow_whole, ..USUAL })?);
        Ok(Self { inner, posting, timeout: egress.timeout })
    }

    /// The same, but for requests with a credential that must reach nobody else: no redirect is followed at all.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn unmoved(egress: &Egress<'_>) -> Result<Self, ClientError> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = client(egress, Manner { follow: |attempt| attempt.stop(), ..USUAL })?;
        Ok(Self { inner: client.clone(), posting: client, timeout: egress.timeout })
    }

    /// The same, but for files whose digests are known: as they are stored, whatever a server calls their encoding, and from where an
    /// index leads over TLS, such as the storage behind it. What made the request known to the first server goes to no other.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn of_files(egress: &Egress<'_>) -> Result<Self, ClientError> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = client(egress, Manner { follow: follow_safely, unpacks: false })?;
        Ok(Self { inner: client.clone(), posting: client, timeout: egress.timeout })
    }

    /// The client itself, for whoever has their own words for what an answer means.
    pub fn raw(&self) -> &reqwest::Client {
        &self.inner
    }

    /// The same for the alert channels, whose requests have bodies.
    pub fn posting(&self) -> &reqwest::Client {
        &self.posting
    }

    pub fn get(&self, url: &str) -> reqwest::RequestBuilder {
        self.inner.get(url)
    }

    pub fn post_to(&self, url: &str) -> reqwest::RequestBuilder {
        self.posting.post(url)
    }
}

/// How a client takes what it is answered.
#[derive(Clone, Copy)]
struct Manner {
    /// What becomes of a redirect.
    follow: fn(Attempt<'_>) -> Action,
    /// Is what a server says that it compressed unpacked?
    unpacks: bool,
}

const USUAL: Manner = Manner { follow, unpacks: true };

fn client(egress: &Egress<'_>, manner: Manner) -> Result<reqwest::Client, ClientError> {
    match egress.ca_file {
        Some(path) => builder(egress, manner)?.tls_backend_preconfigured(believing(path)?).build().map_err(tls),
        None => built(egress, manner),
    }
}

#[expect(clippy::disallowed_methods, reason = "the one factory")]
fn builder(egress: &Egress<'_>, manner: Manner) -> Result<reqwest::ClientBuilder, ClientError> {
    let builder = reqwest::Client::builder()
        .user_agent(user_agent(egress.contact)?)
        .timeout(egress.timeout)
        .connect_timeout(egress.timeout.min(CONNECT_LIMIT))
        .redirect(Policy::custom(manner.follow))
        .gzip(manner.unpacks)
        .referer(false)
        // The environment is config's business; only the configured proxy counts.
        .no_proxy();
    let Some(address) = egress.proxy else { return Ok(builder) };
    let proxy = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let proxy = Proxy::all(proxy.ok_or(ClientError::Proxy)?).map_err(|_| ClientError::Proxy)?;
    Ok(builder.proxy(proxy))
}

fn user_agent(contact: &str) -> Result<HeaderValue, ClientError> {
    let text = format!("namewarden/{} ({contact})", env!("CARGO_PKG_VERSION"));
    let printable = contact.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    let value = HeaderValue::from_str(&text).ok().filter(|_| printable && !contact.trim().is_empty());
    value.ok_or_else(|| ClientError::Contact(contact.to_owned()))
}

fn built(egress: &Egress<'_>, manner: Manner) -> Result<reqwest::Client, ClientError> {
    // A machine without any trusted certificate can still talk to itself, and https then fails at each request.
    builder(egress, manner)?.build().or_else(|_| {
        tracing::warn!("this system has no trusted certificates: every https address will be refused");
        builder(egress, manner)?.tls_certs_only([]).build().map_err(tls)
    })
}

fn believing(ca_file: &Path) -> Result<rustls::ClientConfig, ClientError> {
    let mut config = client_config(Some(ca_file))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn tls(error: reqwest::Error) -> ClientError {
    ClientError::Tls(error.without_url())
}

/// Follows within the origin; anything else stops and shows as the redirect's own status.
fn follow(attempt: Attempt<'_>) -> Action {
    let at_home = attempt.previous().first().is_some_and(|first| first.origin() == attempt.url().origin());
    if at_home && attempt.previous().len() <= REDIRECTS { attempt.follow() } else { attempt.stop() }
}

/// The same, and to any other place over TLS.
fn follow_safely(attempt: Attempt<'_>) -> Action {
    let is_safe = attempt.url().scheme() == "https" && attempt.url().has_host();
    if is_safe && attempt.previous().len() <= REDIRECTS { attempt.follow() } else { follow(attempt) }
}

/// The same, where the request stays what it is (RFC 9110, 15.4.8 and 15.4.9). After 301, 302 and 303 it would be a GET
/// without its body, and whatever page answers that would pass for the receipt of a message.
fn follow_whole(attempt: Attempt<'_>) -> Action {
    if matches!(attempt.status().as_u16(), 307 | 308) { follow(attempt) } else { attempt.stop() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn egress<'a>() -> Egress<'a> {
        Egress { contact: "sec@acme.example", proxy: None, ca_file: None, timeout: Duration::from_secs(5) }
    }

    #[test]
    fn the_user_agent_names_the_program_and_a_contact() {
        let value = user_agent("sec@acme.example").expect("valid");
        let expected = format!("namewarden/{} (sec@acme.example)", env!("CARGO_PKG_VERSION"));
        assert_eq!(value.to_str().expect("text"), expected);
        for bad in ["", "  ", "a\nb", "zoë"] {
            assert!(matches!(user_agent(bad), Err(ClientError::Contact(_))), "{bad:?}");
        }
    }

    #[test]
    fn a_broken_proxy_is_refused_without_showing_its_password() {
        for proxy in ["socks9://user:hunter2@proxy.example", "hunter2", "http://"] {
            let error = HttpClient::new(&Egress { proxy: Some(proxy), ..egress() }).expect_err("refused");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
        assert!(HttpClient::new(&Egress { proxy: Some("http://u:p@127.0.0.1:3128"), ..egress() }).is_ok());
    }

    #[test]
    fn a_file_without_certificates_is_refused() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "not PEM").expect("written");
        let error = HttpClient::new(&Egress { ca_file: Some(file.path()), ..egress() }).expect_err("refused");
        assert!(matches!(error, ClientError::Trust(TrustError::NoCertificate { .. })), "{error}");
        let missing = Path::new("/nonexistent/ca.pem");
        let error = HttpClient::new(&Egress { ca_file: Some(missing), ..egress() }).expect_err("refused");
        assert!(matches!(error, ClientError::Trust(TrustError::Read { .. })), "{error}");
    }
}
