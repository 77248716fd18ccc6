//! Signs as minisign does (<https://jedisct1.github.io/minisign/>, "Signature format"), with a key made of one number: for tests.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use blake2::{Blake2b512, Digest as _};
use ring::signature::{Ed25519KeyPair, KeyPair as _};

/// Whoever signs.
pub(in crate::gate) struct Signer {
    pair: Ed25519KeyPair,
    id: [u8; 8],
}

impl Signer {
    pub(in crate::gate) fn new(seed: u8) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).expect("32 bytes");
        Self { pair, id: [seed; 8] }
    }

    /// Another that says it was this one.
    pub(in crate::gate) fn posing_as(self, other: &Self) -> Self {
        Self { id: other.id, ..self }
    }

    /// As `key` of the configuration has it.
    pub(in crate::gate) fn key(&self) -> String {
        STANDARD.encode([b"Ed", &self.id[..], self.pair.public_key().as_ref()].concat())
    }

    /// The text of a `.minisig`.
    pub(in crate::gate) fn sign(&self, list: &str) -> String {
        self.signed(*b"ED", &Blake2b512::digest(list.as_bytes()))
    }

    /// As minisign signed before it took a digest first.
    pub(in crate::gate) fn sign_as_before(&self, list: &str) -> String {
        self.signed(*b"Ed", list.as_bytes())
    }

    fn signed(&self, algorithm: [u8; 2], message: &[u8]) -> String {
        let (signature, comment) = (self.pair.sign(message), "timestamp:1764400000\tfile:list.json\thashed");
        let whole = self.pair.sign(&[signature.as_ref(), comment.as_bytes()].concat());
        let line = STANDARD.encode([&algorithm[..], &self.id[..], signature.as_ref()].concat());
        let whole = STANDARD.encode(whole);
        format!("untrusted comment: signature\n{line}\ntrusted comment: {comment}\n{whole}\n")
    }
}
