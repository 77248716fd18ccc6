//! What looks like a secret: tokens by the beginnings that their makers gave them, keys, accounts in addresses, passwords that
//! are assigned, and words as random as only machines write them. None is ever repeated.

use super::context::Context;
use crate::config::source::Fault;

/// Beginnings of tokens, as their makers publish them for scanners like this one.
const TOKENS: [&str; 31] = [
    "AGE-SECRET-KEY-",
    "AIza",
    "AKIA",
    "ASIA",
    "SG.",
    "dckr_pat_",
    "dop_v1_",
    "eyJ",
    "gho_",
    "ghp_",
    "ghr_",
    "ghs_",
    "ghu_",
    "github_pat_",
    "glpat-",
    "hf_",
    "hvs.",
    "npm_",
    "pypi-",
    "rk_live_",
    "shpat_",
    "sk-",
    "sk_live_",
    "whsec_",
    "xapp-",
    "xoxa-",
    "xoxb-",
    "xoxe-",
    "xoxp-",
    "xoxs-",
    "ya29.",
];
/// Shortest rest of one, characters.
const TOKEN_REST: usize = 12;
/// Words that somebody assigns a secret to.
const ASSIGNED: [&str; 10] =
    ["password", "passwd", "pwd", "secret", "token", "api_key", "apikey", "access_key", "private_key", "credential"];
/// Shortest random word, characters; and how often it changes between capitals, small letters and digits, where a capital that
/// begins a word counts once.
const RANDOM: usize = 20;
const CHANGES: usize = 5;
/// Shortest digest or key in hex, characters.
const HEX: usize = 32;
// What is too short to be random is not looked at.
const _: () = assert!(HEX >= RANDOM);

pub(super) fn secret(context: &Context<'_>, line: &str) -> Option<Fault> {
    let long_names = context.own.iter().filter(|name| name.len() >= TOKEN_REST);
    let line = long_names.fold(line.to_owned(), |line, name| line.replace(name, " "));
    let words = || line.split(|c: char| c.is_whitespace() || "\"'<>()[]{},;|`".contains(c));
    let what = match () {
        () if line.contains("PRIVATE KEY--") => "a private key",
        () if has_account(&line) => "an address with an account",
        () if words().any(is_token) => "a token",
        () if is_assigned(&line) => "a password",
        () if words().flat_map(|word| word.split(['/', '.', '=', ':'])).any(is_random) => "a random word, as keys are",
        () => return None,
    };
    Some(Fault::new(format!("holds what looks like a secret: {what}"), "take it out; if it is one, revoke it"))
}

/// What of a project's name looks like one.
pub(super) fn in_name(name: &str) -> Option<&'static str> {
    if is_token(name) {
        return Some("a token");
    }
    name.split(['-', '_', '.']).any(is_random).then_some("a random word, as keys are")
}

fn has_account(line: &str) -> bool {
    line.split("://").skip(1).any(|rest| {
        let authority = rest.split(|c: char| c.is_whitespace() || "/?#\"'<>`".contains(c)).next().unwrap_or_default();
        authority.contains('@')
    })
}

/// A beginning, and a rest that no person chose.
fn is_token(word: &str) -> bool {
    // Nearly every word is too short to be one.
    word.len() > TOKEN_REST
        && TOKENS.iter().any(|start| {
            let Some(rest) = word.find(start).map(|at| &word[at + start.len()..]) else { return false };
            let plain = rest.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.=".contains(&b));
            let mixed = rest.bytes().any(|b| b.is_ascii_digit()) && rest.bytes().any(|b| b.is_ascii_uppercase());
            plain && mixed && rest.len() >= TOKEN_REST
        })
}

/// `password = "hunter2"`, `token: 12ab…`; not the code that reads one.
fn is_assigned(line: &str) -> bool {
    let lower = line.to_lowercase().replace("-", "_");
    ASSIGNED.iter().any(|name| {
        lower.match_indices(name).any(|(at, _)| {
            let rest = lower[at + name.len()..].trim_start_matches(['s', '"', '\'']).trim_start();
            rest.strip_prefix(['=', ':']).is_some_and(|value| is_value(value.trim_start()))
        })
    })
}

fn is_value(value: &str) -> bool {
    let quoted = value.strip_prefix(['"', '\'']);
    let word = quoted.unwrap_or(value).split(['"', '\'', ' ']).next().unwrap_or_default();
    let filled_in = word.contains(['<', '{', '$', '%', '…']);
    word.len() >= 4 && !filled_in && (quoted.is_some() || word.bytes().any(|b| b.is_ascii_digit()))
}

fn is_random(word: &str) -> bool {
    if word.len() < RANDOM {
        return false;
    }
    let class = |b: &u8| match b {
        b'0'..=b'9' => 0,
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        _ => 3,
    };
    let classes: Vec<u8> = word.as_bytes().iter().map(class).collect();
    let has = |wanted: u8| classes.contains(&wanted);
    let changes = classes.windows(2).filter(|pair| pair[0] != pair[1] && pair != &[2, 1]).count();
    let random = word.is_ascii() && has(0) && has(1) && has(2) && changes >= CHANGES;
    let hex = word.len() >= HEX && word.bytes().all(|b| b.is_ascii_hexdigit()) && has(0) && (has(1) || has(2));
    random || hex
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds_a_secret(line: &str) -> bool {
        let words = || line.split(|c: char| c.is_whitespace() || "\"'<>()[]{},;|`".contains(c));
        has_account(line) || words().any(is_token) || is_assigned(line) || words().any(is_random)
    }

    #[test]
    fn tokens_keys_and_passwords_are_seen() {
        for line in [
            "pypi-AgEIcHlwaS5vcmcCJDU2Yz",
            "token ghp_16C7e42F292c6912E7710c838347Ae178B4a",
            "AKIAIOSFODNN7EXAMPLE",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
            "index-url = https://me:hunter2@pypi.acme.example/simple",
            "https://ghp_x@github.example",
            "password = \"hunter2\"",
            "API-Key: 12345678",
            "secrets: 'letmein'",
            "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY",
            "5f4dcc3b5aa765d61d8327deb882cf99",
        ] {
            assert!(holds_a_secret(line), "{line}");
        }
    }

    #[test]
    fn prose_and_code_are_not() {
        for line in [
            "Ask https://acme.example/python-names for the password: we do not send it",
            "pypi-look-alikes-of-acme-billing",
            "Questions: python-packages@acme.example",
            "token = read_token()",
            "password = <yours>",
            "an-ordinary-but-rather-long-name-of-a-project-2026",
            "AcmeBillingClientConnection2026",
            "def look_for_none(report, tool):",
        ] {
            assert!(!holds_a_secret(line), "{line}");
        }
    }
}
