//! Digests of files, wherever a lock has them, and nowhere else.

use std::path::Path;

use super::*;

fn of(text: &str) -> Vec<(String, String, Vec<String>)> {
    let source = Source::new(Path::new("lock"), text.replace("<a>", &"a".repeat(64)).replace("<b>", &"b".repeat(64)));
    let short = |digests: &BTreeSet<String>| digests.iter().map(|of| of[..1].to_owned()).collect();
    digests(&source).iter().map(|((name, version), found)| (name.to_string(), version.clone(), short(found))).collect()
}

/// What each of two releases has.
fn releases(of_first: &[&str], of_second: &[&str]) -> Vec<(String, String, Vec<String>)> {
    let digests = |of: &[&str]| of.iter().map(|of| (*of).to_owned()).collect::<Vec<_>>();
    let all = [("acme-core", "1.0", digests(of_first)), ("six", "2.1", digests(of_second))];
    let all = all.into_iter().filter(|(_, _, digests)| !digests.is_empty());
    all.map(|(name, version, digests)| (name.to_owned(), version.to_owned(), digests)).collect()
}

#[test]
fn every_lock_says_which_files_its_releases_have() {
    for (what, text) in [
        (
            "uv",
            "[[package]]\nname = \"Acme_Core\"\nversion = \"1.0\"\nsdist = { url = \"x\", hash = \"sha256:<a>\" }\nwheels = [\n  \
             { url = \"y\", hash = \"sha256:<b>\" },\n]\n[[package]]\nname = \"six\"\nversion = \"2.1\"\nwheels = [{ hash = \"sha256:<a>\" }]\n",
        ),
        (
            "poetry",
            "[[package]]\nname = \"acme-core\"\nversion = \"1.0\"\nfiles = [\n  {file = \"a\", hash = \"sha256:<a>\"},\n  {file = \"b\", \
             hash = \"sha256:<b>\"},\n]\n[[package]]\nname = \"six\"\nversion = \"2.1\"\nfiles = [{file = \"c\", hash = \"sha256:<a>\"}]\n",
        ),
        (
            "pylock",
            "lock-version = \"1.0\"\n[[packages]]\nname = \"acme-core\"\nversion = \"1.0\"\nsdist = { hashes = { sha256 = \"<a>\" } }\n\
             wheels = [{ hashes = { sha256 = \"<b>\", md5 = \"<a>\" } }]\n[[packages]]\nname = \"six\"\nversion = \"2.1\"\n\
             wheels = [{ hashes = { sha256 = \"<a>\" } }]\n",
        ),
        (
            "pipenv",
            r#"{"_meta": {"hash": {"sha256": "<b>"}}, "default": {"Acme.Core": {"version": "==1.0", "hashes": ["sha256:<a>", "sha256:<b>"]}},
                "develop": {"six": {"version": "==2.1", "hashes": ["sha256:<a>"]}}}"#,
        ),
        (
            "pip",
            "acme-core==1.0 \\\n    --hash=sha256:<a> \\\n    --hash=sha256:<b>\nsix==2.1 --hash sha256:<a> # of all\n",
        ),
    ] {
        assert_eq!(of(text), releases(&["a", "b"], &["a"]), "{what}");
        let upper = text.replace("<a>", &"A".repeat(64));
        assert_eq!(of(&upper), releases(&["a", "b"], &["a"]), "{what}: digits of either case");
    }
}

/// A digest that is none, and one of nothing that is pinned, vouches for no file.
#[test]
fn what_is_no_digest_of_a_release_is_left_out() {
    let package = |hash: &str| {
        format!("[[package]]\nname = \"acme-core\"\nversion = \"1.0\"\nfiles = [{{file = \"a\", hash = \"{hash}\"}}]\n")
    };
    assert_eq!(of(&package("sha256:<a>")), releases(&["a"], &[]));
    for none in ["md5:<a>", "sha256:", "<a>", "sha256:<a>a", "sha256:aa", "sha512:<a>", "sha256: <a>", "sha256:zzzz"] {
        assert_eq!(of(&package(none)), [], "{none}");
    }
    let wide = format!("sha256:{}", "é".repeat(32));
    for text in [
        package(&wide).as_str(),
        "",
        "{",
        "[]",
        "[[package]]\nversion = \"1.0\"\nhash = \"sha256:<a>\"\n",
        "[[package]]\nname = \"acme-core\"\nhash = \"sha256:<a>\"\n",
        "[[package]]\nname = \"no name/\"\nversion = \"1.0\"\nhash = \"sha256:<a>\"\n",
        "package = { name = \"acme-core\" }\n",
        r#"{"default": {"acme-core": {"hashes": ["sha256:<a>"]}}, "develop": 7}"#,
        "acme-core>=1.0 --hash=sha256:<a>\n# acme-core==1.0 --hash=sha256:<a>\n--hash=sha256:<a>\n",
        "acme-core==1.0\n    --hash=sha256:<a>\n",
    ] {
        assert_eq!(of(text), [], "{text}");
    }
}

#[test]
fn releases_that_are_named_twice_have_the_files_of_both() {
    let one = "[[package]]\nname = \"acme-core\"\nversion = \"1.0\"\nhash = \"sha256:<a>\"\n";
    let other = one.replace("acme-core", "Acme_Core").replace("<a>", "<b>");
    assert_eq!(of(&[one, &other].concat()), releases(&["a", "b"], &[]));
    assert_eq!(of(&[one, &other.replace("1.0", "1.1")].concat()).len(), 2, "each version has its own");
}
