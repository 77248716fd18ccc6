//! What PyPI is known to say, in each of its forms, and bytes that nobody expects.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn answer(status: u16, headers: &[(&'static str, &str)], reason: &str, body: &[u8]) -> Answered {
    let headers = headers.iter().map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")));
    let (redactor, now) = (Redactor::default(), Time::default());
    classify(&Response { status, headers: &headers.collect(), reason, body, cut: false, now, redactor: &redactor })
}

fn reply(status: u16, body: &str) -> UploadReply {
    answer(status, &[], "", body.as_bytes()).reply
}

/// Pyramid's three forms of one refusal (`httpexceptions.py`, `HTTPException.prepare`), and the bare reason phrase.
fn forms(status: u16, detail: &str) -> [UploadReply; 4] {
    let json = json!({"message": format!("The server said no.\n\n\n{detail}\n\n"), "code": format!("{status} {detail}"), "title": "No"});
    let html = format!(
        "<html>\n <head>\n  <title>{status} {detail}</title>\n </head>\n <body>\n  <h1>{status} {detail}</h1>\n  \
         The server said no.<br/><br/>\n{}\n\n\n </body>\n</html>",
        detail.replace('\'', "&#x27;")
    );
    let text = format!("{status} {detail}\n\nThe server said no.\n\n\n{detail}\n\n");
    [
        reply(status, &json.to_string()),
        reply(status, &html),
        reply(status, &text),
        answer(status, &[], detail, b"").reply,
    ]
}

/// Each text as `warehouse` writes it, most of them seen on the wire too (uv's `uv-publish` keeps samples).
const SAMPLES: &[(u16, &str, Refused)] = &[
    (
        400,
        "'a b' is an invalid value for Name. Error: Start and end with a letter or numeral containing only ASCII numeric and '.', '_' and '-'. See https://packaging.example/specifications/core-metadata for more information.",
        Refused::InvalidName,
    ),
    (400, "The name 'a b' is invalid.", Refused::InvalidName),
    (
        400,
        "The name 'os-path' isn't allowed (conflict with Python Standard Library module name). See https://index.example/help/#project-name for more information.",
        Refused::NameStdlib,
    ),
    (
        400,
        "The name 'acme' isn't allowed. See https://index.example/help/#project-name for more information.",
        Refused::NameProhibited,
    ),
    (
        400,
        "The name 'acme.t00ls' is too similar to an existing project. See https://index.example/help/#project-name for more information.",
        Refused::NameSimilar,
    ),
    (
        409,
        "The name 'acme' conflicts with an existing project. See https://index.example/help/#project-name for more information.",
        Refused::NameTaken,
    ),
    (
        409,
        "The name 'acme-x' is in the namespace 'acme', which is reserved by the organization 'acme'.",
        Refused::NamespaceReserved,
    ),
    (400, "Error: Include at least one message digest.", Refused::NoDigest),
    (
        400,
        "Invalid value for sha256_digest. Error: Use a valid, hex-encoded, SHA256 message digest.",
        Refused::InvalidMetadata,
    ),
    (
        400,
        "'9.9' is not a valid metadata version. See https://packaging.python.org/specifications/core-metadata for more information.",
        Refused::InvalidMetadata,
    ),
    (
        400,
        "The use of local versions in '1+x' is not allowed. See https://packaging.python.org/en/latest/specifications/version-specifiers/#local-version-identifiers for more information.",
        Refused::InvalidMetadata,
    ),
    (400, "Upload payload does not have a file.", Refused::NoFile),
    (400, "Unknown protocol version.", Refused::Protocol),
    (
        400,
        "The description failed to render in the default format of reStructuredText. See https://index.example/help/#description-content-type for more information.",
        Refused::Description,
    ),
    (
        400,
        "Organization account owning this project is inactive. This may be due to inactive billing for Company Organizations",
        Refused::OrganizationInactive,
    ),
    (
        400,
        "File too large. Limit for project 'acme' is 100 MB. See https://docs.example/ for more information.",
        Refused::FileTooLarge,
    ),
    (413, "Request Entity Too Large", Refused::FileTooLarge),
    (
        400,
        "Project size too large. Limit for project 'acme' total size is 10 GB. See https://docs.example/",
        Refused::ProjectTooLarge,
    ),
    (400, "The digest supplied does not match a digest calculated from the uploaded file.", Refused::DigestMismatch),
    (
        400,
        "File already exists ('acme-0.0.1.tar.gz', with blake2_256 hash 'bddd'). See https://index.example/help/#file-name-reuse for more information.",
        Refused::FileExists,
    ),
    (
        400,
        "This filename was previously used by a file that has since been deleted. Use a different version. See https://index.example/help/#file-name-reuse for more information.",
        Refused::FileNameUsed,
    ),
    (400, "Uploading new files to releases older than 14 days is not allowed.", Refused::ReleaseClosed),
    (400, "Only one sdist may be uploaded per release.", Refused::SecondSdist),
    (
        400,
        "Invalid distribution file. ZIP archive not accepted: ZIP contains a data descriptor. See https://docs.example/archives for more information",
        Refused::InvalidFile,
    ),
    (400, "Invalid distribution file.", Refused::InvalidFile),
    (
        400,
        "Wheel 'acme-0.0.1-py3-none-any.whl' does not contain the required RECORD file: acme-0.0.1.dist-info/RECORD",
        Refused::InvalidFile,
    ),
    (
        400,
        "License-File LICENSE does not exist in distribution file acme-0.0.1.tar.gz at acme-0.0.1/LICENSE",
        Refused::InvalidFile,
    ),
    (
        400,
        "Binary wheel 'acme-0.0.1-py3-none-linux_x86_64.whl' has an unsupported platform tag 'linux_x86_64'.",
        Refused::InvalidFile,
    ),
    (400, "Filename 'Acme-0.0.1.tar.gz' is invalid, should be 'acme-0.0.1.tar.gz'.", Refused::InvalidFilename),
    (
        400,
        "Filename 'Acme-0.0.1-py3-none-any.whl' should contain the normalized project name 'acme', not 'Acme'.",
        Refused::InvalidFilename,
    ),
    (400, "Start filename for 'acme' with 'acme'.", Refused::InvalidFilename),
    (400, "Version in filename should be '0.0.1' not '0.0.2'.", Refused::InvalidFilename),
    (
        400,
        "Invalid file extension: Use .tar.gz, .whl or .zip extension. See https://www.python.org/dev/peps/pep-0527",
        Refused::InvalidFilename,
    ),
    (400, "Cannot upload a file with '/' or '\\' in the name.", Refused::InvalidFilename),
    (400, "Invalid attestations supplied during upload: x", Refused::Attestations),
    (
        400,
        "Non-user identities cannot create new projects. This was probably caused by successfully using a pending publisher but specifying the project name incorrectly",
        Refused::PublisherMismatch,
    ),
    (
        403,
        "Invalid or non-existent authentication information. See https://index.example/help/#invalid-auth for more information.",
        Refused::Unauthenticated,
    ),
    (401, "Unauthorized", Refused::Unauthenticated),
    (
        403,
        "Username/Password authentication is no longer supported. Migrate to API Tokens or Trusted Publishers instead.",
        Refused::Password,
    ),
    (403, "Invalid API Token: project-scoped token is not valid for project: 'acme'", Refused::TokenScope),
    (403, "Invalid API Token: OIDC scoped token is not valid for project 'acme'", Refused::TokenScope),
    (403, "Invalid API Token: token is expired", Refused::TokenInvalid),
    (
        403,
        "User 'me', associated with the API token used, does not have a verified primary email address. Please add a verified primary email before attempting to upload to PyPI.",
        Refused::EmailUnverified,
    ),
    (
        403,
        "User 'me', associated with the API token used, does not have two-factor authentication enabled.",
        Refused::NoTwoFactor,
    ),
    (
        403,
        "The user 'me' isn't allowed to upload to project 'acme'. See https://index.example/help/#project-name for more information.",
        Refused::NotOurs,
    ),
    (
        403,
        "The given token isn't allowed to upload to project 'acme'. See https://index.example/help/#project-name",
        Refused::NotOurs,
    ),
    (403, "Read-only mode: Uploads are temporarily disabled.", Refused::ReadOnly),
    (
        403,
        "New uploads are temporarily disabled. See https://index.example/help/#admin-intervention for more information.",
        Refused::UploadsClosed,
    ),
    (
        403,
        "New project registration temporarily disabled. See https://index.example/help/#admin-intervention for more information.",
        Refused::RegistrationClosed,
    ),
    (405, "Method Not Allowed", Refused::WrongAddress),
    (
        308,
        "An upload was attempted to /legacy but the expected upload URL is /legacy/ (with a trailing slash)",
        Refused::WrongAddress,
    ),
    (410, "Project pre-registration is no longer required or supported, upload your files instead.", Refused::Retired),
];

#[test]
fn every_refusal_is_known_in_each_of_its_forms() {
    for (status, detail, why) in SAMPLES {
        for (form, reply) in ["JSON", "HTML", "text", "reason"].iter().zip(forms(*status, detail)) {
            let UploadReply::Refused { why: found, said } = reply else { panic!("{form}: {detail}: {reply:?}") };
            assert_eq!(found, *why, "{form}: {detail}");
            assert!(detail.starts_with(said.trim_end_matches('…')), "{form}: {said}");
        }
    }
    let seen: BTreeSet<Refused> = SAMPLES.iter().map(|(.., why)| *why).collect();
    assert_eq!(seen.len(), Refused::ALL.len(), "a refusal without a sample");
    let names: BTreeSet<&str> = Refused::ALL.iter().map(|why| why.as_str()).collect();
    assert_eq!(names.len(), Refused::ALL.len(), "two of one name");
}

#[test]
fn a_200_is_believed_only_where_pypi_speaks() {
    let none = UploadReply::Accepted { warnings: Vec::new() };
    assert_eq!(forms(200, "OK"), [none.clone(), none.clone(), none.clone(), none.clone()]);
    assert_eq!(reply(200, "one\n\n two \n"), UploadReply::Accepted { warnings: vec!["one".into(), "two".into()] });
    for page in [
        "<!DOCTYPE html><title>Sign in</title>",
        "\n <html><h1>Blocked by your administrator</h1>",
        "{\"status\":\"ok\"}",
        "{\"code\":\"403 Forbidden\"}",
        "[]",
    ] {
        let reply = reply(200, page);
        assert!(matches!(&reply, UploadReply::NotUnderstood { status: 200, .. }) && reply.is_uncertain(), "{page}");
    }
}

#[test]
fn what_nobody_said_before_is_not_guessed_at() {
    for (status, text) in
        [(400, "Something new."), (403, "Forbidden"), (404, ""), (204, ""), (201, "made"), (100, ""), (999, "x")]
    {
        for reply in forms(status, text) {
            assert!(
                matches!(reply, UploadReply::NotUnderstood { .. }) && reply.is_uncertain(),
                "{status} {text}: {reply:?}"
            );
        }
    }
    let contradiction = json!({"code": "400 File already exists ('a')."}).to_string();
    assert!(matches!(reply(403, &contradiction), UploadReply::NotUnderstood { .. }));
}

#[test]
fn a_used_up_quota_says_when_it_has_room() {
    let state = ("ratelimit", "\"project.create.ip\";r=0;t=55569, \"project.create.user\";r=0;t=60");
    let body = json!({"code": "429 Too many new projects created"}).to_string();
    let answered = answer(429, &[state], "", body.as_bytes());
    let said = "Too many new projects created".to_owned();
    let again_in = Some(std::time::Duration::from_secs(55_569));
    assert_eq!(answered.reply, UploadReply::RateLimited { again_in, said });
    assert_eq!(answered.limits.len(), 2);
    assert!(!answered.reply.is_uncertain());
}

#[test]
fn a_server_that_failed_may_have_stored_the_file() {
    let page = "<html><head><title>502 Bad Gateway</title></head>";
    let reply = reply(502, page);
    assert_eq!(reply, UploadReply::Failing { status: 502, said: "Bad Gateway".to_owned() });
    assert!(reply.is_uncertain());
}

#[test]
fn a_name_cannot_make_a_refusal_of_its_own() {
    let said = "The name 'acme' isn't allowed (conflict with Python Standard Library module name). See x";
    let [json, ..] = forms(400, said);
    assert!(matches!(json, UploadReply::Refused { why: Refused::NameStdlib, .. }));
    assert!(Pattern::Name("is invalid.").fits("The name 'x' is invalid.") && !Pattern::Name("is").fits("The name 'is"));
}

proptest! {
    #[test]
    fn any_bytes_are_survived_in_little(status in 100_u16..1000, body in proptest::collection::vec(any::<u8>(), 0..600)) {
        let reply = answer(status, &[], "", &body).reply;
        let said = match &reply {
            UploadReply::Accepted { warnings } => warnings.concat(),
            UploadReply::Refused { said, .. } | UploadReply::RateLimited { said, .. }
            | UploadReply::Failing { said, .. } | UploadReply::NotUnderstood { said, .. } => said.clone(),
            UploadReply::AlreadyThere | UploadReply::NoAnswer { .. } => String::new(),
        };
        prop_assert!(!said.contains(char::is_control));
        prop_assert!(said.chars().count() <= (WORDS + 1) * WARNINGS);
        let accepted = matches!(reply, UploadReply::Accepted { .. });
        prop_assert!(status == 200 || !accepted);
    }

    #[test]
    fn no_text_but_pypis_own_is_a_refusal(status in 400_u16..500, detail in "[a-z ]{0,80}") {
        prop_assume!(![401, 405, 410, 413, 429].contains(&status));
        prop_assume!(KNOWN_BY.iter().all(|(_, _, pattern)| *pattern == Pattern::Any || !pattern.fits(&detail)));
        for reply in forms(status, &detail) {
            prop_assert!(matches!(reply, UploadReply::NotUnderstood { .. }), "{:?}", reply);
        }
    }
}

#[test]
fn a_server_that_says_our_token_is_not_quoted() {
    let token = crate::config::Secret::new("pypi-AgEIcHlwaS5vcmcCJDEyMzQ1Njc4");
    let redactor = Redactor::of([&token]);
    let headers = HeaderMap::new();
    let said = |body: &str, cut| {
        let body = body.as_bytes();
        let response = Response {
            status: 400,
            headers: &headers,
            reason: "",
            body,
            cut,
            now: Time::default(),
            redactor: &redactor,
        };
        format!("{:?}", classify(&response))
    };
    let code = json!({"code": format!("400 you sent {} twice {0}", token.expose())}).to_string();
    let escaped = code.replace("pypi-", "\\u0070ypi-");
    let basic =
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("__token__:{}", token.expose()));
    let long = "x".repeat(WORDS - 10) + token.expose();
    for body in [code, escaped, format!("<title>400 Basic {basic}</title>"), long] {
        let said = said(&body, false);
        assert!(said.contains("[…]") && !said.contains("AgEI") && !said.contains(&basic[..20]), "{said}");
    }
    let beginning = &token.expose()[..12];
    assert!(!said(&format!("You sent {beginning}"), true).contains(beginning));
}
