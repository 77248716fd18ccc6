//! What an attestation of the test's own Sigstore proves, and what each attack on it does not.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use super::kit::{AttestWish, Certifier, SERVER_AUTH, SIGNED, SigningKey, Sigstore, body, provenance};
use super::*;

const SHA256: &str = "abababababababababababababababababababababababababababababababab";
const FILE: AttestedFile<'static> = AttestedFile { filename: "widgets-1.0.tar.gz", sha256: SHA256 };

fn root(of: &Sigstore) -> TrustRoot {
    TrustRoot::read(&of.trusted_root().to_string()).expect("a trust root")
}

/// What is said of `provenance`, by the root of `of`.
fn said(of: &Sigstore, provenance: &Value) -> String {
    match proven(provenance.to_string().as_bytes(), FILE, &root(of)) {
        Ok(proven) => proven.publisher.repository,
        Err(error) => error.to_string(),
    }
}

fn wished(change: impl FnOnce(&mut AttestWish)) -> String {
    let (of, mut wish) = (Sigstore::new(), AttestWish::of(FILE));
    change(&mut wish);
    said(&of, &of.provenance(&wish))
}

/// A right one that was changed on its way: in its first attestation, at this place.
fn changed(place: &str, value: Value) -> String {
    let of = Sigstore::new();
    let mut provenance = of.provenance(&AttestWish::of(FILE));
    *provenance.pointer_mut(&format!("/attestation_bundles/0/attestations/0{place}")).expect("a place") = value;
    said(&of, &provenance)
}

const ENTRY: &str = "/verification_material/transparency_entries/0";
const PROVEN: &str = "https://forge.example/acme/widgets";

#[track_caller]
fn is(said: &str, why: &str) {
    assert!(said.contains(why), "{said}");
}

#[test]
fn who_published_is_what_was_certified_and_not_what_the_index_says() {
    let of = Sigstore::new();
    let read = proven(of.provenance(&AttestWish::of(FILE)).to_string().as_bytes(), FILE, &root(&of))
        .expect("attested")
        .publisher;
    let workflow = "https://forge.example/acme/widgets/.github/workflows/release.yml";
    assert_eq!((read.issuer.as_str(), read.repository.as_str()), ("https://tokens.forge.example", PROVEN));
    assert_eq!((read.repository_id.as_str(), read.owner_id.as_str()), ("1001", "17"));
    assert_eq!((read.workflow.as_str(), read.signer.as_str()), (workflow, workflow));
}

#[test]
fn a_later_tag_is_the_same_publisher_and_another_repository_or_workflow_is_another() {
    let of = Sigstore::new();
    let read = |wish: &AttestWish| {
        proven(of.provenance(wish).to_string().as_bytes(), FILE, &root(&of)).expect("attested").publisher
    };
    let (first, flow) = (read(&AttestWish::of(FILE)), "https://forge.example/acme/widgets/.github/workflows/");
    assert_eq!(read(&AttestWish::of(FILE).saying(18, &format!("{flow}release.yml@refs/tags/v2"))), first);
    let others = [
        (8, "https://tokens.another.example"),
        (12, "https://forge.example/acme/widgets-2"),
        (15, "2002"),
        (17, "18"),
        (18, "https://forge.example/acme/widgets/.github/workflows/other.yml@refs/tags/v1"),
    ];
    for (number, text) in others {
        assert_ne!(read(&AttestWish::of(FILE).saying(number, text)), first, "{text}");
    }
    let elsewhere = AttestWish { signer: format!("{flow}shared.yml@refs/heads/main"), ..AttestWish::of(FILE) };
    assert_ne!(read(&elsewhere), first);
}

#[test]
fn an_attestation_is_of_one_file_and_of_its_publication() {
    let subject = |subjects: Value| wished(|wish| wish.statement["subject"] = subjects);
    let one = |name: &str, sha256: &str| json!([{"name": name, "digest": {"sha256": sha256}}]);
    is(&subject(one("widgets-1.0.tar.gz", &"cd".repeat(32))), "other bytes");
    is(&subject(one("widgets-1.1.tar.gz", SHA256)), "another name");
    is(&subject(one("Widgets-1.tar.gz", SHA256)), PROVEN);
    is(&subject(json!([])), "not one subject");
    is(&subject(json!([one("widgets-1.0.tar.gz", SHA256)[0], one("a-1.tar.gz", SHA256)[0]])), "not one subject");
    let kind = |kind: &str| wished(|wish| wish.statement["predicateType"] = json!(kind));
    is(&kind("https://slsa.dev/provenance/v1"), "no attestation of the publication");
    is(&kind(&PUBLISHED.replace("v1", "v2")), "no attestation of the publication");
    is(&wished(|wish| wish.statement["_type"] = json!("https://in-toto.io/Statement/v0.1")), "another type");
    is(&wished(|wish| wish.statement["predicate"] = json!({"a": 1})), "more than that");
    is(&wished(|wish| wish.statement["predicate"] = json!({})), PROVEN);
}

#[test]
fn what_was_signed_is_what_is_said() {
    let other = json!({"_type": "https://in-toto.io/Statement/v1", "predicate": {}, "predicateType": PUBLISHED,
                       "subject": [{"name": FILE.filename, "digest": {"sha256": SHA256}}]});
    is(&changed("/envelope/statement", json!(BASE64.encode(other.to_string()))), "of another signature");
    is(&changed("/envelope/signature", json!(BASE64.encode([0; 70]))), "of another signature");
    is(&changed("/envelope/signature", json!("?")), "not in base64");
    is(&changed("/envelope/statement", json!(BASE64.encode("[]"))), "none of in-toto");
    is(&changed("/version", json!(2)), "another version");
}

/// The log takes what it is given: that it has an entry proves no signature.
#[test]
fn a_signature_of_another_key_is_none_though_it_is_logged() {
    let (of, wish) = (Sigstore::new(), AttestWish::of(FILE));
    let mut attestation = of.attestation(&wish);
    let payload = wish.statement.to_string();
    let signature = BASE64.encode(SigningKey::new().signs(payload.as_bytes()));
    let certificate = attestation["verification_material"]["certificate"].as_str().expect("text");
    let body = body(&payload, &signature, &BASE64.decode(certificate).expect("base64"));
    attestation["verification_material"]["transparency_entries"] = json!([of.entry(&body, SIGNED)]);
    attestation["envelope"]["signature"] = json!(signature);
    is(&said(&of, &provenance(&[attestation])), "not signed by the key of its certificate");
}

#[test]
fn a_certificate_is_of_an_authority_of_the_root_for_code_and_in_force() {
    let mut of = Sigstore::new();
    is(&wished(|wish| wish.usage = Some(SERVER_AUTH)), "none of the trust root's");
    is(&wished(|wish| wish.usage = None), "none of the trust root's");
    is(&wished(|wish| wish.valid = (SIGNED - 600, SIGNED - 1)), "none of the trust root's");
    is(&wished(|wish| wish.valid = (SIGNED + 1, SIGNED + 600)), "none of the trust root's");
    let (early, late) = (SIGNED - 300 * 86400, SIGNED + 300 * 86400);
    for at in [early, late] {
        let out = wished(|wish| (wish.logged, wish.valid) = (at, (at - 60, at + 540)));
        is(&out, "of no log of the trust root at its time");
    }
    // The log was in force for longer than the authority.
    let mut listed = of.trusted_root();
    listed["tlogs"][0]["publicKey"]["validFor"] = json!({"start": "2020-01-01T00:00:00Z"});
    let longer = TrustRoot::read(&listed.to_string()).expect("a trust root");
    let wish = AttestWish { logged: late, valid: (late - 60, late + 540), ..AttestWish::of(FILE) };
    let out = proven(of.provenance(&wish).to_string().as_bytes(), FILE, &longer).expect_err("too late");
    is(&out.to_string(), "no authority of the trust root was in force");
    // One that certifies itself, and one that another Fulcio of the same name gave.
    let trusted = root(&of);
    for another in [Certifier::new("fulcio", None), Certifier::new("fulcio", Some(&Certifier::new("root", None)))] {
        of.fulcio = another;
        let out = proven(of.provenance(&AttestWish::of(FILE)).to_string().as_bytes(), FILE, &trusted);
        is(&out.expect_err("unknown").to_string(), "none of the trust root's");
    }
}

#[test]
fn a_certificate_that_does_not_say_who_published_proves_nobody() {
    for number in [8, 12, 15, 17, 18] {
        is(&wished(|wish| wish.says.retain(|(of, _)| *of != number)), &format!("57264.1.{number})"));
        is(&wished(|wish| wish.says.push((number, "twice".to_owned()))), "certificate");
        is(&wished(|wish| *wish = wish.clone().saying(number, "")), "does not say who published");
    }
}

#[test]
fn an_entry_is_of_a_log_of_the_root_with_its_time_and_in_its_tree() {
    let entry = |place: &str, value: Value| changed(&format!("{ENTRY}{place}"), value);
    is(&entry("/integratedTime", json!((SIGNED + 1).to_string())), "no timestamp");
    is(&entry("/logIndex", json!("8")), "no timestamp");
    is(&entry("/inclusionPromise", Value::Null), "no timestamp");
    is(&entry("/inclusionPromise/signedEntryTimestamp", json!(BASE64.encode([1; 70]))), "no timestamp");
    is(&entry("/integratedTime", Value::Null), "has no time");
    is(&entry("/logId/keyId", json!(BASE64.encode(SigningKey::new().id()))), "of no log of the trust root");
    is(&entry("/inclusionProof", Value::Null), "not proven");
    is(&entry("/inclusionProof/logIndex", json!("1")), "not proven");
    is(&entry("/inclusionProof/treeSize", json!("3")), "not proven");
    is(&entry("/inclusionProof/rootHash", json!(BASE64.encode([0; 32]))), "not proven");
    is(&entry("/inclusionProof/hashes", json!([])), "not proven");
    is(&entry("/inclusionProof/checkpoint/envelope", json!("rekor.example - 1\n2\n\n")), "not proven");
    is(&entry("/kindVersion/kind", json!("hashedrekord")), "of another signature");
    is(&changed("/verification_material/transparency_entries", json!([])), "is not one");
}

#[test]
fn an_entry_of_another_log_or_of_another_signature_proves_nothing() {
    let (mut of, wish) = (Sigstore::new(), AttestWish::of(FILE));
    let (trusted, right) = (root(&of), of.attestation(&wish));
    let says = |attestation: &Value| {
        let read = proven(provenance(std::slice::from_ref(attestation)).to_string().as_bytes(), FILE, &trusted);
        read.map_or_else(|error| error.to_string(), |proven| proven.publisher.repository)
    };
    is(&says(&right), PROVEN);
    // Whole, of this log, and of the same statement signed by another certificate.
    let mut swapped = right.clone();
    let entries = of.attestation(&wish)["verification_material"]["transparency_entries"].clone();
    swapped["verification_material"]["transparency_entries"] = entries;
    is(&says(&swapped), "of another signature");
    // Another log's, under this one's name.
    let body =
        BASE64.decode(right.pointer(&format!("{ENTRY}/canonicalizedBody")).and_then(Value::as_str).expect("text"));
    let body: Value = serde_json::from_slice(&body.expect("base64")).expect("JSON");
    let id = right.pointer(&format!("{ENTRY}/logId")).expect("an id").clone();
    of.rekor = SigningKey::new();
    let mut forged = right.clone();
    forged["verification_material"]["transparency_entries"] = json!([of.entry(&body, SIGNED)]);
    is(&says(&forged), "of no log of the trust root");
    *forged.pointer_mut(&format!("{ENTRY}/logId")).expect("an id") = id;
    is(&says(&forged), "no timestamp");
    // With the right promise, and a tree of the other log.
    let mut mixed = right.clone();
    *mixed.pointer_mut(&format!("{ENTRY}/inclusionProof")).expect("a proof") =
        forged.pointer(&format!("{ENTRY}/inclusionProof")).expect("a proof").clone();
    is(&says(&mixed), "not proven");
}

#[test]
fn of_several_attestations_each_has_to_prove_the_same() {
    let of = Sigstore::new();
    let right = of.attestation(&AttestWish::of(FILE));
    let mut bad = right.clone();
    bad["envelope"]["signature"] = json!(BASE64.encode([0; 70]));
    let mut slsa = AttestWish::of(FILE);
    slsa.statement["predicateType"] = json!("https://slsa.dev/provenance/v1");
    let other = of.attestation(&AttestWish::of(FILE).saying(15, "2002"));
    let says = |attestations: &[Value]| said(&of, &provenance(attestations));
    is(&says(&[right.clone(), of.attestation(&slsa)]), PROVEN);
    is(&says(&[right.clone(), bad.clone()]), "of another signature");
    is(&says(&[bad.clone(), right.clone()]), "of another signature");
    is(&says(&[right.clone(), other]), "two publishers");
    is(&says(&[]), "no attestation of the publication");
    is(&says(&vec![right.clone(); 17]), "more attestations");
    let mut bundles = of.provenance(&AttestWish::of(FILE));
    let bundle = json!({"publisher": null, "attestations": [bad]});
    bundles["attestation_bundles"].as_array_mut().expect("a list").push(bundle);
    is(&said(&of, &bundles), "of another signature");
}

#[test]
fn a_trust_root_that_cannot_be_used_is_said() {
    let of = Sigstore::new();
    let read = |change: &dyn Fn(&mut Value)| {
        let mut listed = of.trusted_root();
        change(&mut listed);
        TrustRoot::read(&listed.to_string()).map(drop).expect_err("no trust root")
    };
    is(&read(&|of| of["tlogs"] = json!([])), "no log");
    is(&read(&|of| of["certificateAuthorities"] = json!([])), "no certificate authority");
    is(&read(&|of| of["tlogs"][0]["logId"]["keyId"] = json!(BASE64.encode([0; 32]))), "not the SHA-256 digest");
    is(&read(&|of| of["tlogs"][0]["publicKey"]["rawBytes"] = json!("?")), "not in base64");
    let authority = "/certificateAuthorities/0/certChain/certificates";
    is(&read(&|of| *of.pointer_mut(authority).expect("there") = json!([])), "has no certificate");
    is(&read(&|of| *of.pointer_mut(authority).expect("there") = json!([{"rawBytes": "AAAA"}])), "is none");
    is(&TrustRoot::read("{").expect_err("none"), "EOF");
}

#[test]
fn what_was_proven_by_whoever_is_trusted_no_more_is_proven_no_more() {
    let of = Sigstore::new();
    let read = proven(of.provenance(&AttestWish::of(FILE)).to_string().as_bytes(), FILE, &root(&of)).expect("attested");
    assert!(root(&of).still_proves(&read, read.logged));
    assert!(!root(&Sigstore::new()).still_proves(&read, read.logged));
    for place in ["/tlogs/0/publicKey/validFor/end", "/certificateAuthorities/0/validFor/end"] {
        let mut listed = of.trusted_root();
        *listed.pointer_mut(place).expect("a place") = json!("2026-05-31T23:59:59Z");
        let ended = TrustRoot::read(&listed.to_string()).expect("a trust root");
        assert!(!ended.still_proves(&read, read.logged), "{place}");
        let out = proven(of.provenance(&AttestWish::of(FILE)).to_string().as_bytes(), FILE, &ended);
        assert!(out.is_err(), "{place}");
    }
}

#[test]
fn the_file_of_the_trust_root_is_read_again_when_it_is_another() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("trusted_root.json");
    let mut file = TrustRootFile::at(path.clone());
    is(&file.look().expect_err("not there").to_string(), "[gate.consensus] trusted_root");
    std::fs::write(&path, Sigstore::new().trusted_root().to_string()).expect("written");
    assert!(file.look().expect("a trust root").is_some());
    assert!(file.look().expect("the same").is_none());
    std::fs::write(&path, "{}").expect("written");
    is(&file.look().expect_err("none").to_string(), "no certificate authority");
}

/// Of the public Sigstore, and of a file of PyPI (Apache-2.0, `pypi_attestations` 0.0.19): what the test's own gets wrong in both places at once.
#[test]
fn what_the_public_sigstore_signed_is_proven() {
    let root =
        TrustRoot::read(include_str!("../../../tests/fixtures/attested/trusted_root.json")).expect("a trust root");
    let provenance = include_bytes!("../../../tests/fixtures/attested/provenance.json");
    let sha256 = "9bb1add04b1b4e182be6b0b80931593f7a291eb49d69b4fd728a5d4cbcdc4bd3";
    let file = AttestedFile { filename: "pypi_attestations-0.0.19.tar.gz", sha256 };
    let read = proven(provenance, file, &root).expect("attested");
    assert_eq!((read.publisher.repository_id.as_str(), read.publisher.owner_id.as_str()), ("772247423", "2314423"));
    assert!(read.publisher.workflow.ends_with("/pypi-attestations/.github/workflows/release.yml"));
    assert!(root.still_proves(&read, read.logged));
    let other = AttestedFile { sha256: SHA256, ..file };
    is(&proven(provenance, other, &root).expect_err("another file").to_string(), "other bytes");
}
