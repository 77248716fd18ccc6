//! A Fulcio and a Rekor of a test's own, which certify and log whatever they are asked to.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::DateTime;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::AttestedFile;
use crate::registry::pypi::addresses::PUBLISHED;

pub(in crate::gate) const CODE_SIGNING: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 3];
pub(in crate::gate) const SERVER_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
/// 2026-06-01.
pub(in crate::gate) const SIGNED: i64 = 1_780_272_000;
const YEAR: i64 = 365 * 86400;

/// A key of P-256.
pub(in crate::gate) struct SigningKey(EcdsaKeyPair);

/// Whoever certifies.
pub(in crate::gate) struct Certifier {
    name: String,
    key: SigningKey,
    certificate: Vec<u8>,
}

pub(in crate::gate) struct Sigstore {
    root: Certifier,
    pub(in crate::gate) fulcio: Certifier,
    pub(in crate::gate) rekor: SigningKey,
}

/// What is asked of them; as it comes, all of it is right.
#[derive(Clone)]
pub(in crate::gate) struct AttestWish {
    pub(in crate::gate) statement: Value,
    pub(in crate::gate) logged: i64,
    /// Of the leaf: from and until.
    pub(in crate::gate) valid: (i64, i64),
    pub(in crate::gate) usage: Option<&'static [u8]>,
    pub(in crate::gate) signer: String,
    /// By the last number of Fulcio's extensions.
    pub(in crate::gate) says: Vec<(u8, String)>,
}

fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = content.len().to_be_bytes();
    let length = &length[length.iter().position(|byte| *byte > 0).unwrap_or(7)..];
    let long = u8::try_from(length.len()).expect("short") | 0x80;
    let head = if content.len() < 128 { vec![tag] } else { vec![tag, long] };
    [&head, length, &content].concat()
}

const fn sequence() -> u8 {
    0x30
}

fn time(at: i64) -> Vec<u8> {
    let at = DateTime::from_timestamp(at, 0).expect("a time").format("%y%m%d%H%M%SZ").to_string();
    tlv(0x17, &[at.as_bytes()])
}

fn name(common: &str) -> Vec<u8> {
    let pair = tlv(sequence(), &[&tlv(6, &[&[0x55, 4, 3]]), &tlv(0x0c, &[common.as_bytes()])]);
    tlv(sequence(), &[&tlv(0x31, &[&pair])])
}

fn extension(oid: &[u8], is_critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if is_critical { vec![1, 1, 0xff] } else { Vec::new() };
    tlv(sequence(), &[&tlv(6, &[oid]), &critical, &tlv(4, &[value])])
}

/// Extended key usage.
fn for_use(usage: &[u8]) -> Vec<u8> {
    extension(&[0x55, 0x1d, 0x25], false, &tlv(sequence(), &[&tlv(6, &[usage])]))
}

/// ecdsa-with-SHA256.
fn algorithm() -> Vec<u8> {
    tlv(sequence(), &[&tlv(6, &[&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]])])
}

impl SigningKey {
    pub(in crate::gate) fn new() -> Self {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).expect("a key");
        Self(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref(), &random).expect("a key"))
    }

    pub(in crate::gate) fn signs(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(&SystemRandom::new(), message).expect("signed").as_ref().to_vec()
    }

    fn public(&self) -> Vec<u8> {
        let curve = tlv(6, &[&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]]);
        let kind = tlv(sequence(), &[&tlv(6, &[&[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1]]), &curve]);
        tlv(sequence(), &[&kind, &tlv(3, &[&[0], self.0.public_key().as_ref()])])
    }

    /// As logs are called.
    pub(in crate::gate) fn id(&self) -> [u8; 32] {
        Sha256::digest(self.public()).into()
    }
}

impl Certifier {
    /// `by`: `None` certifies itself.
    pub(in crate::gate) fn new(name: &str, by: Option<&Self>) -> Self {
        let mut of = Self { name: name.to_owned(), key: SigningKey::new(), certificate: Vec::new() };
        let is_authority = extension(&[0x55, 0x1d, 0x13], true, &tlv(sequence(), &[&[1, 1, 0xff]]));
        let (valid, subject) = ((SIGNED - YEAR, SIGNED + YEAR), self::name(name));
        of.certificate =
            by.unwrap_or(&of).certifies((&subject, &of.key), valid, &[is_authority, for_use(CODE_SIGNING)]);
        of
    }

    fn certifies(
        &self,
        (subject, key): (&[u8], &SigningKey),
        (from, until): (i64, i64),
        extensions: &[Vec<u8>],
    ) -> Vec<u8> {
        let version = tlv(0xa0, &[&[2, 1, 2]]);
        let valid = tlv(sequence(), &[&time(from), &time(until)]);
        let extensions = tlv(0xa3, &[&tlv(sequence(), &[&extensions.concat()])]);
        let issuer = name(&self.name);
        let parts: [&[u8]; 8] =
            [&version, &[2, 1, 7], &algorithm(), &issuer, &valid, subject, &key.public(), &extensions];
        let to_sign = tlv(sequence(), &parts);
        let signature = self.key.signs(&to_sign);
        tlv(sequence(), &[&to_sign, &algorithm(), &tlv(3, &[&[0], &signature])])
    }

    fn leaf(&self, key: &SigningKey, wish: &AttestWish) -> Vec<u8> {
        let signer = extension(&[0x55, 0x1d, 0x11], true, &tlv(sequence(), &[&tlv(0x86, &[wish.signer.as_bytes()])]));
        let says = |(number, text): &(u8, String)| {
            extension(&[0x2b, 6, 1, 4, 1, 0x83, 0xbf, 0x30, 1, *number], false, &tlv(0x0c, &[text.as_bytes()]))
        };
        let extensions: Vec<Vec<u8>> =
            wish.usage.into_iter().map(for_use).chain([signer]).chain(wish.says.iter().map(says)).collect();
        self.certifies((&tlv(sequence(), &[]), key), wish.valid, &extensions)
    }
}

impl AttestWish {
    pub(in crate::gate) fn of(file: AttestedFile<'_>) -> Self {
        let workflow = "https://forge.example/acme/widgets/.github/workflows/release.yml@refs/tags/v1";
        let says = [
            (8, "https://tokens.forge.example"),
            (12, "https://forge.example/acme/widgets"),
            (15, "1001"),
            (17, "17"),
            (18, workflow),
        ];
        Self {
            statement: json!({
                "_type": "https://in-toto.io/Statement/v1",
                "subject": [{"name": file.filename, "digest": {"sha256": file.sha256}}],
                "predicateType": PUBLISHED,
                "predicate": null,
            }),
            logged: SIGNED,
            valid: (SIGNED - 60, SIGNED + 540),
            usage: Some(CODE_SIGNING),
            signer: workflow.to_owned(),
            says: says.map(|(number, text)| (number, text.to_owned())).to_vec(),
        }
    }

    pub(in crate::gate) fn saying(mut self, number: u8, text: &str) -> Self {
        self.says.iter_mut().filter(|(of, _)| *of == number).for_each(|(_, said)| text.clone_into(said));
        self
    }
}

impl Sigstore {
    pub(in crate::gate) fn new() -> Self {
        let root = Certifier::new("root", None);
        let fulcio = Certifier::new("fulcio", Some(&root));
        Self { root, fulcio, rekor: SigningKey::new() }
    }

    /// `trusted_root.json`.
    pub(in crate::gate) fn trusted_root(&self) -> Value {
        let valid = json!({"start": "2026-01-01T00:00:00Z", "end": "2026-12-31T23:59:59.999Z"});
        let raw = |der: &[u8]| json!({"rawBytes": BASE64.encode(der)});
        json!({
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [{"publicKey": {"rawBytes": BASE64.encode(self.rekor.public()), "keyDetails": "PKIX_ECDSA_P256_SHA_256", "validFor": valid},
                       "logId": {"keyId": BASE64.encode(self.rekor.id())}}],
            "certificateAuthorities": [
                {"certChain": {"certificates": [raw(&self.fulcio.certificate), raw(&self.root.certificate)]}, "validFor": valid}],
        })
    }

    /// A provenance object of one attestation.
    pub(in crate::gate) fn provenance(&self, wish: &AttestWish) -> Value {
        provenance(&[self.attestation(wish)])
    }

    pub(in crate::gate) fn attestation(&self, wish: &AttestWish) -> Value {
        let key = SigningKey::new();
        let certificate = self.fulcio.leaf(&key, wish);
        let payload = wish.statement.to_string();
        let encoded = format!("DSSEv1 28 application/vnd.in-toto+json {} {payload}", payload.len());
        let signature = BASE64.encode(key.signs(encoded.as_bytes()));
        let entry = self.entry(&body(&payload, &signature, &certificate), wish.logged);
        json!({
            "version": 1,
            "verification_material": {"certificate": BASE64.encode(&certificate), "transparency_entries": [entry]},
            "envelope": {"statement": BASE64.encode(&payload), "signature": signature},
        })
    }

    /// The first of two in the log's shard, and the eighth of the log.
    pub(in crate::gate) fn entry(&self, body: &Value, at: i64) -> Value {
        let (body, id) = (body.to_string(), self.rekor.id());
        let in_hex: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
        let encoded = BASE64.encode(&body);
        let promise = format!(r#"{{"body":"{encoded}","integratedTime":{at},"logID":"{in_hex}","logIndex":7}}"#);
        let sibling: [u8; 32] = Sha256::digest(b"another").into();
        let leaf = Sha256::digest([&[0], body.as_bytes()].concat());
        let root = BASE64.encode(Sha256::digest([&[1], &leaf[..], &sibling[..]].concat()));
        let note = format!("rekor.example - 1\n2\n{root}\n");
        let signed = BASE64.encode([&id[..4], &self.rekor.signs(note.as_bytes())].concat());
        json!({
            "logIndex": "7",
            "logId": {"keyId": BASE64.encode(id)},
            "kindVersion": {"kind": "dsse", "version": "0.0.1"},
            "integratedTime": at.to_string(),
            "inclusionPromise": {"signedEntryTimestamp": BASE64.encode(self.rekor.signs(promise.as_bytes()))},
            "inclusionProof": {"logIndex": "0", "rootHash": root, "treeSize": "2", "hashes": [BASE64.encode(sibling)],
                               "checkpoint": {"envelope": format!("{note}\n\u{2014} rekor.example {signed}\n")}},
            "canonicalizedBody": encoded,
        })
    }
}

/// What Rekor keeps of a signature.
pub(in crate::gate) fn body(payload: &str, signature: &str, certificate: &[u8]) -> Value {
    let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", BASE64.encode(certificate));
    let in_hex: String = Sha256::digest(payload).iter().map(|byte| format!("{byte:02x}")).collect();
    json!({"apiVersion": "0.0.1", "kind": "dsse", "spec": {
        "envelopeHash": {"algorithm": "sha256", "value": "00"}, "payloadHash": {"algorithm": "sha256", "value": in_hex},
        "signatures": [{"signature": signature, "verifier": BASE64.encode(pem)}]}})
}

/// What the index says of the publisher is a lie.
pub(in crate::gate) fn provenance(attestations: &[Value]) -> Value {
    let publisher =
        json!({"kind": "GitHub", "repository": "someone/else", "workflow": "release.yml", "environment": null});
    json!({"version": 1, "attestation_bundles": [{"publisher": publisher, "attestations": attestations}]})
}
