//! A receiver with the certificate that `openssl req -x509` makes, named in `[http] ca_file`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use namewarden::delivery::channel::{Channels, DeliveryError};
use namewarden::model::Channel;
use namewarden::upstream::{Egress, HttpClient};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::world::{attempt, briefing, now, owner, with_url};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls").join(name)
}

fn acceptor() -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_file(fixture("self-signed.pem")).expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(fixture("self-signed.key")).expect("a key");
    let builder = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().expect("versions").with_no_client_auth();
    TlsAcceptor::from(Arc::new(builder.with_single_cert(vec![certificate], key).expect("they belong together")))
}

/// Takes one post on each connection, and says so.
#[expect(clippy::disallowed_methods, reason = "the receiver ends with the test's runtime")]
async fn receiver() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor().accept(stream).await else { continue };
            let mut request = vec![0; 64 << 10];
            let read = stream.read(&mut request).await.unwrap_or_default();
            assert!(request[..read].starts_with(b"POST /services/"), "the hook is asked");
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
            let _ = stream.shutdown().await;
        }
    });
    port
}

fn channels(port: u16, ca_file: Option<&Path>) -> Channels {
    let egress = Egress { contact: "sec@acme.example", proxy: None, ca_file, timeout: Duration::from_secs(5) };
    with_url(
        &format!("https://localhost:{port}/services/T0/B0/secret"),
        HttpClient::new(&egress).expect("a client").raw(),
    )
}

#[tokio::test]
async fn a_receivers_own_certificate_is_believed_when_it_is_named() {
    let port = receiver().await;
    let named = fixture("self-signed.pem");
    let slack = Channel::Slack("ops".to_owned());
    let briefing = briefing("0123456789abcdef0123456789abcdef");
    attempt(&channels(port, Some(&named)), &slack, &owner(&[]), &briefing, now()).await.expect("delivered");

    let stranger = fixture("stranger.pem");
    for trust in [None, Some(stranger.as_path())] {
        let refused = attempt(&channels(port, trust), &slack, &owner(&[]), &briefing, now()).await;
        assert!(
            matches!(&refused, Err(DeliveryError::Hold { reason, .. }) if reason.contains("certificate")),
            "{refused:?}"
        );
    }
}
