//! `Uploader`: one attempt to upload one file, and an answer of which nothing is believed unread.

use std::error::Error as _;

use reqwest::Response as Answer;
use reqwest::header::ACCEPT;

use super::classify::{Response, classify, shown};
use super::distribution::Distribution;
use super::form::{Progress, form};
use super::reply::{Answered, UploadReply};
use crate::clock::Clock;
use crate::config::{Redactor, Secret};
use crate::model::causes;
use crate::registry::pypi::addresses::Base;
use crate::upstream::{ClientError, HttpClient, body};

/// An upload may take this many times as long as any other request: PyPI stores it before it answers.
const PATIENCE: u32 = 6;
/// Bytes of an answer that are read, after decompression. PyPI's longest refusal has some 600.
const REPLY_LIMIT: usize = 64 << 10;

/// Who uploads: `__token__` and an API token on PyPI; a name and a password on other indexes.
#[derive(Clone, Debug)]
pub struct Login {
    user: String,
    secret: Secret,
}

impl Login {
    /// An API token of PyPI, or one that was minted.
    pub fn token(token: Secret) -> Self {
        Self { user: "__token__".to_owned(), secret: token }
    }

    pub fn user(user: &str, password: Secret) -> Self {
        Self { user: user.to_owned(), secret: password }
    }
}

/// The upload endpoint of one index.
#[derive(Debug)]
pub struct Uploader {
    base: Base,
    client: HttpClient,
    clock: Clock,
}

impl Uploader {
    /// `address` is the endpoint, as twine's `repository`: for PyPI it ends in `/legacy/`. The client must follow no
    /// redirect ([`HttpClient::unmoved`]).
    ///
    /// # Errors
    /// When it is not an address that a token may go to.
    pub fn new(address: &str, client: HttpClient, clock: Clock) -> Result<Self, ClientError> {
        Ok(Self { base: Base::parse(address)?, client, clock })
    }

    /// Sends the file once. Whether it may be sent at all is the caller's to know: no check, no quota, no retry here.
    pub async fn upload(&self, login: &Login, distribution: &Distribution) -> Answered {
        let progress = Progress::default();
        let request = self
            .client
            .post_to(&self.base.join("/"))
            .header(ACCEPT, "application/json")
            .basic_auth(&login.user, Some(login.secret.expose()))
            .multipart(form(distribution, &progress))
            .timeout(self.client.timeout * PATIENCE);
        match request.send().await {
            Ok(answer) => self.read(login, answer).await,
            Err(error) => unanswered(UploadReply::NoAnswer { sent: progress.sent(distribution), why: why(error) }),
        }
    }

    async fn read(&self, login: &Login, answer: Answer) -> Answered {
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let reason = answer.extensions().get::<hyper::ext::ReasonPhrase>().map(|r| r.as_bytes().to_vec());
        let reason = String::from_utf8_lossy(reason.as_deref().unwrap_or_default()).into_owned();
        let body = body::beginning(answer, REPLY_LIMIT).await;
        classify(&Response {
            status,
            headers: &headers,
            reason: &reason,
            body: &body,
            cut: body.len() == REPLY_LIMIT,
            now: self.clock.now(),
            redactor: &Redactor::of([&login.secret]),
        })
    }
}

fn unanswered(reply: UploadReply) -> Answered {
    Answered { reply, limits: Vec::new() }
}

/// The deepest cause, without the address.
fn why(error: reqwest::Error) -> String {
    let error = error.without_url();
    if error.is_timeout() {
        return "no complete answer within the time limit".to_owned();
    }
    let cause = error.source().map_or_else(|| error.to_string(), causes::deepest);
    shown(&cause)
}
