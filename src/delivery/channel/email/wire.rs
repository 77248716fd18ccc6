//! The line to a mail server: every step has a limit in time, every reply one in size.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::reply::{Arriving, Garbage, Reply};

/// Bytes that are given to the network at once.
const BLOCK: usize = 16 << 10;

/// TCP, or TLS over it.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

pub(super) struct Wire(BufReader<Box<dyn Stream>>);

/// What can happen to a line.
#[derive(Debug, thiserror::Error)]
pub(super) enum WireError {
    #[error("no answer in {0:?}")]
    Silent(Duration),
    #[error("the server closed the connection")]
    Closed,
    #[error(transparent)]
    Garbage(#[from] Garbage),
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl WireError {
    /// What the operator can do about a handshake. A server that nobody we know vouches for is most often one of the company's
    /// own, and its certificate is one that `openssl req -x509` made without a name.
    pub(super) fn remedy(&self) -> &'static str {
        use rustls::{CertificateError as Bad, Error};
        let Self::Io(error) = self else { return "" };
        match error.get_ref().and_then(|inner| inner.downcast_ref()) {
            Some(Error::InvalidCertificate(Bad::UnknownIssuer)) => {
                "; name its authority's certificate, or its own, in [alert.email] ca_file"
            }
            Some(Error::InvalidCertificate(Bad::NotValidForName | Bad::NotValidForNameContext { .. })) => {
                "; set [alert.email] host to a name that the certificate has, or have one made with the name that is used \
                 (openssl req -x509 … -addext subjectAltName=DNS:NAME or IP:ADDRESS)"
            }
            Some(Error::InvalidCertificate(Bad::Expired | Bad::ExpiredContext { .. })) => {
                "; have it renewed, or name this one itself in [alert.email] ca_file"
            }
            Some(Error::InvalidCertificate(Bad::BadEncoding | Bad::Other(_))) => {
                "; its certificate is of an old version or broken: have one made of version 3, with its name \
                 (openssl req -x509 … -addext subjectAltName=DNS:NAME)"
            }
            Some(Error::InvalidMessage(_)) => {
                "; it does not begin with TLS: [alert.email] tls is \"starttls\" at ports 587 and 25, \"implicit\" at 465"
            }
            _ => "",
        }
    }
}

impl Wire {
    pub(super) fn new(stream: Box<dyn Stream>) -> Self {
        Self(BufReader::new(stream))
    }

    /// # Errors
    /// `limit` is for the whole reply, so that a server cannot stretch it by a byte now and then.
    pub(super) async fn reply(&mut self, limit: Duration) -> Result<Reply, WireError> {
        timeout(limit, self.read()).await.unwrap_or(Err(WireError::Silent(limit)))
    }

    async fn read(&mut self) -> Result<Reply, WireError> {
        let mut arriving = Arriving::default();
        loop {
            let bytes = self.0.fill_buf().await?;
            if bytes.is_empty() {
                return Err(WireError::Closed);
            }
            let (used, reply) = arriving.take(bytes)?;
            self.0.consume(used);
            if let Some(reply) = reply {
                return Ok(reply);
            }
        }
    }

    /// Has the server said something without being asked, as far as it has arrived?
    pub(super) async fn is_unasked(&mut self) -> Result<bool, WireError> {
        let Ok(arrived) = timeout(Duration::ZERO, self.0.fill_buf()).await else { return Ok(false) };
        if arrived?.is_empty() { Err(WireError::Closed) } else { Ok(true) }
    }

    /// # Errors
    /// `limit` is for each block.
    pub(super) async fn send(&mut self, bytes: &[u8], limit: Duration) -> Result<(), WireError> {
        for block in bytes.chunks(BLOCK) {
            let sent = async {
                self.0.write_all(block).await?;
                self.0.flush().await
            };
            timeout(limit, sent).await.map_err(|_| WireError::Silent(limit))??;
        }
        Ok(())
    }

    /// The stream itself, for TLS over it; `None` when the server has said more than it was asked. Whoever sits on the
    /// line can write such words before the handshake, to have them believed after it (CVE-2011-0411).
    pub(super) fn bare(self) -> Option<Box<dyn Stream>> {
        self.0.buffer().is_empty().then(|| self.0.into_inner())
    }

    /// The other end need not guess whether more will come.
    pub(super) async fn close(mut self, limit: Duration) {
        drop(timeout(limit, self.0.shutdown()).await);
    }
}

/// Tries every address of the host, each for `limit`; gives our own address on the line too.
pub(super) async fn connect(host: &str, port: u16, limit: Duration) -> Result<(TcpStream, IpAddr), WireError> {
    let found = timeout(limit, lookup_host((host, port))).await.map_err(|_| WireError::Silent(limit))??;
    let mut last = WireError::Io(io::Error::new(io::ErrorKind::NotFound, "the name has no address"));
    for address in found.take(8) {
        match dial(address, limit).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

async fn dial(address: SocketAddr, limit: Duration) -> Result<(TcpStream, IpAddr), WireError> {
    let stream = timeout(limit, TcpStream::connect(address)).await.map_err(|_| WireError::Silent(limit))??;
    // A command is a line, and is waited for.
    stream.set_nodelay(true)?;
    let ours = stream.local_addr()?.ip();
    Ok((stream, ours))
}
