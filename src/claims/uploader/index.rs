//! An index that takes uploads: its door, its token, and its pages.

use crate::clock::Clock;
use crate::config::{Endpoint, Proof, Secret};
use crate::registry::pypi::Pypi;
use crate::registry::pypi::upload::exchange::Exchange;
use crate::registry::pypi::upload::{Distribution, Login, UploadReply, Uploader, look};
use crate::upstream::{ClientError, HttpClient};

/// Opens the token anew each time: it is held for no longer than one package takes, and a new one counts at once.
pub type Opener = Box<dyn Fn() -> Result<Secret, String> + Send + Sync>;

/// Where packages go.
pub struct UploadIndex {
    uploader: Uploader,
    /// Where the token is no more than an identity.
    pub(super) exchange: Option<Exchange>,
    pages: Pypi,
    token: Opener,
}

impl UploadIndex {
    /// `pages` is where the index shows what it has; `posting` follows no redirect.
    ///
    /// # Errors
    /// When one of the addresses is none that a token may go to.
    pub fn new(
        endpoint: &Endpoint,
        pages: &str,
        (reading, posting): (HttpClient, HttpClient),
        clock: &Clock,
        token: Opener,
    ) -> Result<Self, ClientError> {
        let exchange = match endpoint.proof {
            Proof::Identity(_) => Some(Exchange::new(pages, posting.clone(), clock.clone())?),
            Proof::Token(_) => None,
        };
        let pages = Pypi::new(pages, reading, clock.clone())?;
        Ok(Self { uploader: Uploader::new(&endpoint.address, posting, clock.clone())?, exchange, pages, token })
    }

    /// # Errors
    /// Where it is missing or wrong, and what to do.
    pub(super) fn open(&self) -> Result<Secret, String> {
        (self.token)()
    }

    /// Sends one file. That its name is taken counts as success only where the index shows this very file.
    pub(super) async fn send(&self, login: &Login, file: &Distribution) -> UploadReply {
        let answered = self.uploader.upload(login, file).await;
        look::recognised(&self.pages, file, answered).await.reply
    }
}
