//! Pages as merging indexes make them, and as others are.

use std::collections::BTreeMap;

use serde_json::json;

use super::*;
use crate::model::{Suspect, WatchId};

const OWN: &str = "https://pypi.acme.example/simple/";

fn name(text: &str) -> ProjectName {
    text.parse().expect("valid")
}

fn strays() -> Strays {
    let at = |text: &str| Url::parse(text).expect("an address");
    Strays::between(&at(OWN), &at("https://mirror.example/pypi/simple/"))
}

/// How each file is marked, of a page with these addresses.
fn marks(of: &Strays, project: &str, addresses: &[&str]) -> Vec<Option<Stray>> {
    let files = addresses.iter().enumerate().map(|(at, url)| {
        json!({"filename": format!("{project}-{at}.tar.gz"), "url": url, "hashes": {"sha256": "ab".repeat(32)}})
    });
    let page = json!({"name": project, "files": files.collect::<Vec<_>>()}).to_string();
    read(of, project, &page).files.iter().map(|file| file.stray).collect()
}

fn read(of: &Strays, project: &str, page: &str) -> ProjectPage {
    let base = Url::parse(&format!("{OWN}{project}/")).expect("an address");
    let mut page = ProjectPage::read(&name(project), &base, page.as_bytes()).expect("a page");
    of.mark(&mut page);
    page
}

/// As PyPI's store has it.
fn stored() -> String {
    format!("../../packages/packages/ab/cd/{}/widgets-9.tar.gz", "0f".repeat(30))
}

fn binding() -> Binding {
    let watch = WatchId::name(&name("acme"));
    Binding::of_watches(std::iter::once(watch), std::collections::BTreeSet::from([name("public")]))
}

fn suspects(of: &[&str]) -> Suspects {
    let suspect = || Suspect { finding: "nw-1".parse().expect("a case"), is_page: true };
    Suspects::new(of.iter().map(|of| (name(of), suspect())).collect::<BTreeMap<_, _>>())
}

#[test]
fn what_leads_to_pypi_is_sure_and_its_folders_among_others_are_likely() {
    let (of, store) = (strays(), stored());
    let files = ["https://files.python", "hosted.org/packages/x/widgets-9.tar.gz"].concat();
    let (sure, likely) = (Some(Stray::Sure), Some(Stray::Likely));
    for (addresses, wanted) in [
        (vec!["widgets/1.0/w.tar.gz", files.as_str()], vec![None, sure]),
        (vec![files.as_str()], vec![sure]),
        (vec!["https://mirror.example/pypi/w.tar.gz", "https://s3.example/w.tar.gz"], vec![sure, None]),
        (vec!["../../acme/1.0/w.tar.gz", &store], vec![None, likely]),
        (vec![&store, &store], vec![None, None]),
        (
            vec!["/acme/prod/+f/ab/w.tar.gz", "/root/pypi/+f/ab/w.tar.gz", "/root/pypi/+e/w.tar.gz"],
            vec![None, likely, likely],
        ),
        (vec!["/root/pypi/+f/ab/w.tar.gz"], vec![None]),
        (vec!["/packages/ab/cd/w.tar.gz", "/packages/AB/cd/0f/w.tar.gz", "/root/pypi/w.tar.gz"], vec![None; 3]),
    ] {
        assert_eq!(marks(&of, "widgets", &addresses), wanted, "{addresses:?}");
    }
    let in_a_folder = Strays::between(
        &Url::parse(OWN).expect("one"),
        &Url::parse("https://art.example/pypi-remote/simple/").expect("one"),
    );
    let addresses = ["https://art.example/own/w.tar.gz", "https://art.example/pypi-remote/w.tar.gz"];
    assert_eq!(marks(&in_a_folder, "widgets", &addresses), [None, sure], "one server has our files as well");
    let both =
        Strays::between(&Url::parse(OWN).expect("one"), &Url::parse("https://pypi.acme.example/pypi/").expect("one"));
    assert_eq!(
        marks(&both, "widgets", &["w.tar.gz"]),
        [None],
        "one server has both, and says nothing of which is which"
    );
}

#[test]
fn a_whole_host_with_an_index_for_pypi_is_not_sure_but_where_its_files_lie_as_in_pypis_store() {
    let at = |text: &str| Url::parse(text).expect("an address");
    let of = Strays::between(&at(OWN), &at("https://repo.corp.example/simple/"));
    let stored = format!("https://repo.corp.example/packages/ab/cd/{}/w.tar.gz", "0f".repeat(30));
    let (there, also, files) = (
        "https://repo.corp.example/w.tar.gz",
        "https://repo.corp.example/own/w.tar.gz",
        ["https://files.python", "hosted.org/w.tar.gz"].concat(),
    );
    let (sure, likely) = (Some(Stray::Sure), Some(Stray::Likely));
    for (addresses, wanted) in [
        (vec![there, also], vec![None, None]),
        (vec![there, "https://s3.example/w.tar.gz"], vec![None, None]),
        (vec![there, "1.0/w.tar.gz"], vec![likely, None]),
        (vec![there, &stored], vec![None, sure]),
        (vec![&stored], vec![sure]),
        (vec![there, &files], vec![None, sure]),
    ] {
        assert_eq!(marks(&of, "widgets", &addresses), wanted, "{addresses:?}");
    }
    let provenance = "https://repo.corp.example/integrity/w/provenance";
    let file = json!({"filename": "widgets-1.tar.gz", "url": there, "hashes": {"sha256": "ab".repeat(32)}, "provenance": provenance});
    let page = read(&of, "widgets", &json!({"name": "widgets", "files": [file]}).to_string());
    assert_eq!(page.files[0].stray, None, "our own may be proven there");
}

#[test]
fn who_published_it_at_pypi_tells_as_well_and_at_the_index_itself_does_not() {
    for (provenance, wanted) in [
        (json!("https://mirror.example/pypi/integrity/w/provenance"), Some(Stray::Sure)),
        (json!("https://pypi.acme.example/integrity/w"), None),
        (json!("integrity/w"), None),
        (json!(7), None),
    ] {
        let file = json!({"filename": "widgets-1.tar.gz", "url": "w", "hashes": {"sha256": "ab".repeat(32)}, "provenance": provenance});
        let page = read(&strays(), "widgets", &json!({"name": "widgets", "files": [file]}).to_string());
        assert_eq!(page.files[0].stray, wanted, "{provenance}");
    }
}

#[test]
fn what_the_inventory_binds_is_held_where_it_is_sure_and_all_else_unless_somebody_chose_it() {
    let (none, of_acme) = (suspects(&[]), suspects(&["acme"]));
    for (text, how, suspects, wanted) in [
        ("acme", Stray::Sure, &none, true),
        ("acme", Stray::Likely, &none, false),
        ("acme", Stray::Likely, &of_acme, true),
        ("other", Stray::Likely, &none, true),
        ("public", Stray::Sure, &none, false),
    ] {
        assert_eq!(how.is_held(&name(text), &binding(), suspects), wanted, "{text} {how:?}");
    }
    let chosen = binding().with_copies(true);
    assert!(!Stray::Sure.is_held(&name("other"), &chosen, &none));
    assert!(Stray::Sure.is_held(&name("acme"), &chosen, &none), "nobody chooses a stranger's under a name of ours");
}

#[test]
fn what_is_merged_is_told_with_what_to_do_until_it_is_not() {
    let (of, none) = (strays(), suspects(&[]));
    assert_eq!(of.told(OWN, &binding(), &none), None);
    marks(&of, "acme", &["1.0/w.tar.gz", &stored()]);
    marks(&of, "other", &["https://mirror.example/pypi/w.tar.gz"]);
    marks(&of, "public", &["https://mirror.example/pypi/w.tar.gz"]);
    let told = of.told(OWN, &binding(), &none).expect("told");
    for words in [
        "of other those are held",
        "of acme, which the inventory binds, it is not sure",
        "mirror_whitelist",
        "copies = true",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    let told = of.told(OWN, &binding(), &suspects(&["acme"])).expect("told");
    assert!(told.contains("of acme, other those are held") && !told.contains("not sure"), "{told}");
    marks(&of, "acme", &["1.0/w.tar.gz"]);
    of.forget(&name("other"));
    assert_eq!(of.told(OWN, &binding(), &none), None, "what is public may be there");
}

#[test]
fn each_is_asked_for_again_in_its_turn_and_what_is_told_is_made_anew_where_they_are_others() {
    let of = strays();
    assert!(of.next(2).is_empty() && !of.changed());
    for project in ["acme", "beta", "gamma"] {
        marks(&of, project, &["https://mirror.example/pypi/w.tar.gz"]);
    }
    assert!(of.changed() && !of.changed());
    let next = || of.next(2).iter().map(|name| name.as_str().to_owned()).collect::<Vec<_>>();
    assert_eq!([next(), next(), next()], [["acme", "beta"], ["gamma", "acme"], ["beta", "gamma"]]);
    marks(&of, "acme", &["https://mirror.example/pypi/w.tar.gz"]);
    of.forget(&name("nobody"));
    assert!(!of.changed(), "nothing is another");
    of.forget(&name("gamma"));
    assert!(of.changed());
    marks(&of, "acme", &["1.0/w.tar.gz", &stored()]);
    assert!(of.changed(), "it is less sure");
    assert_eq!((of.next(8).len(), next()), (2, vec!["acme".to_owned(), "beta".to_owned()]), "each once");
}
