//! Secrets, and who could see them: in whatever form a server or a message repeats one, nothing of it is shown.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;

use crate::config::difference::tests::{HOOK, TEXT, settings};
use crate::config::source::without_accounts;
use crate::config::{Redactor, Secret};

/// Every byte but letters and digits, as `%2f`.
fn coded(text: &str) -> String {
    let byte = |b: u8| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02x}") };
    text.bytes().map(byte).collect()
}

/// How servers, logs and protocols write a password.
fn forms(secret: &str, user: &str) -> Vec<String> {
    let plain = [
        secret.to_owned(),
        secret.to_ascii_uppercase(),
        coded(secret),
        coded(&coded(secret)),
        coded(secret).to_uppercase(),
    ];
    let logins =
        [secret.to_owned(), format!("\0{user}\0{secret}"), format!("{user}:{secret}"), format!("{secret}\r\n")];
    let in_base64 = logins.iter().flat_map(|login| [STANDARD.encode(login), URL_SAFE_NO_PAD.encode(login)]);
    plain.into_iter().chain(in_base64).collect()
}

/// Is a run of eight letters of it left?
fn is_left(of: &str, shown: &str) -> bool {
    let letters: Vec<char> = of.chars().collect();
    letters.windows(8.min(letters.len())).any(|run| shown.contains(&run.iter().collect::<String>()))
}

fn knowing(secret: &str) -> Redactor {
    Redactor::of(&[Secret::new(secret)])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn in_no_form_is_a_secret_shown(secret in "[!-~äö€]{6,24}", user in "[a-z]{1,9}") {
        for form in forms(&secret, &user) {
            let shown = knowing(&secret).redacted(&format!("535 5.7.8 <{form}> is wrong"));
            prop_assert!(!is_left(&form, &shown) && shown.contains("[…]"), "{form}: {shown}");
            prop_assert!(shown.starts_with("535 5.7.8") && shown.ends_with("is wrong"), "{shown}");
        }
    }

    /// A reply that was cut off may end within it, and within a letter of its coding.
    #[test]
    fn nor_is_the_beginning_of_one(secret in "[!-$&-~äö€]{6,16}", cut in any::<prop::sample::Index>()) {
        for form in [secret.clone(), coded(&secret), coded(&coded(&secret))] {
            let cut = form.floor_char_boundary(cut.index(form.len()) + 1);
            let (begun, mut seen) = (&form[..cut], form[..cut].to_owned());
            while let Some((before, _)) = seen.rsplit_once('%').filter(|(_, code)| code.len() < 2) {
                seen = before.to_owned();
            }
            let whole = percent_encoding::percent_decode_str(&seen).collect::<Vec<u8>>();
            let whole = percent_encoding::percent_decode(&whole).collect::<Vec<u8>>();
            let shown = knowing(&secret).redacted_beginning(&format!("535 {begun}"));
            let is_long = whole.len() >= 4 && secret.as_bytes().starts_with(&whole);
            prop_assert!(!is_long || shown == "535 […]", "{begun}: {shown}");
        }
    }

    /// What is no secret is shown as it is: an error that nobody can read helps nobody.
    #[test]
    fn and_all_else_is(secret in "[0-9]{8,12}", text in "[g-z ]{0,60}") {
        prop_assert_eq!(knowing(&secret).redacted(&text), text.clone());
        prop_assert_eq!(knowing(&secret).redacted_beginning(&text), text);
    }

    /// Whatever letters a password has, beside an address it is not repeated.
    #[test]
    fn no_password_of_an_address_is_repeated(
        (before, behind) in ("[a-z0-9/?#'\"<>`:%]{0,5}", "[a-z0-9/?#'\"<>`:%]{0,5}"),
        quote in "[\"'<` ]?",
    ) {
        for text in [
            format!("{quote}https://ada:{before}hunter2{behind}@host.example/simple{quote} is none"),
            format!("{:?} is none", format!("https://ada:{before}hunter2{behind}@host.example/simple")),
        ] {
            let shown = without_accounts(&text);
            prop_assert!(!shown.contains("hunter2"), "{text}: {shown}");
            prop_assert!(shown.contains("https://…@host.example/simple") && shown.ends_with(" is none"), "{shown}");
        }
    }
}

/// What a panic, a log line or `{:?}` would show.
#[test]
fn no_setting_shows_a_secret_that_was_read_for_it() {
    let text = TEXT.replace(
        "from = \"watch@acme.example\"",
        "from = \"watch@acme.example\"\nusername = \"nw\"\npassword_file = \"slack-secret\"",
    );
    let settings = settings(&text, HOOK);
    assert!(settings.alert.email().is_some_and(|email| email.password.is_some()), "it was read");
    let shown = format!("{settings:?}");
    let secrets = [
        "8f742231b10e8888abcd99yyyzzz85a5",
        "WHAT-ONLY-THE-PROXY-KNOWS-0123456789",
        "one of many random letters, 0123456789",
        "hooks.acme.example/services",
        "PRIVATE KEY",
    ];
    for secret in secrets {
        assert!(!shown.contains(secret), "{secret}");
    }
    let redactor = Redactor::new(&settings.alert);
    assert_eq!(redactor.redacted("no 8f742231b10e8888abcd99yyyzzz85a5 here"), "no […] here", "each channel's is known");
    assert_eq!(redactor.redacted("404 from /services/T0/B0/x"), "404 from /[…]/T0/B0/x");
}
