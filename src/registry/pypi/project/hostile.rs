//! Pages of projects on which anything stands in the place of anything: what is said of one file hides nothing of another, and a page
//! that cannot be read is none.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// Anything at all, and little of it.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        "\\PC{0,12}".prop_map(Value::from),
        Just(json!("9999-12-31T23:59:59.999999Z")),
        Just(json!("a-99.0-py3-none-any.whl")),
        Just(json!("../../../etc/passwd")),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,4}", inner, 0..3).prop_map(|map| json!(map)),
        ]
    })
}

/// Fields of a file, by which of the two pages.
const JSON: [&str; 5] = ["filename", "packagetype", "requires_python", "yanked", "upload_time_iso_8601"];
const SIMPLE: [&str; 4] = ["filename", "requires-python", "yanked", "upload-time"];

fn file(version: u64) -> Value {
    json!({
        "filename": format!("a-{version}.0-py3-none-any.whl"), "packagetype": "bdist_wheel", "requires_python": null,
        "yanked": false, "upload_time_iso_8601": format!("2026-08-{:02}T16:57:37Z", version + 1),
    })
}

fn simple_file(version: u64) -> Value {
    json!({
        "filename": format!("a-{version}.0-py3-none-any.whl"), "requires-python": null, "yanked": false,
        "upload-time": format!("2026-08-{:02}T16:57:37Z", version + 1),
    })
}

/// Which file, which of its fields, and what stands there.
fn changes() -> impl Strategy<Value = Vec<(usize, usize, Value)>> {
    prop::collection::vec((0..4_usize, 0..5_usize, anything()), 0..6)
}

/// Those that stand, and those that are withdrawn.
fn all(releases: &Releases) -> BTreeSet<&str> {
    releases.iter().map(|release| release.version.as_str()).collect()
}

fn untouched(changes: &[(usize, usize, Value)]) -> Vec<usize> {
    (0..4).filter(|at| changes.iter().all(|(of, ..)| of != at)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn no_file_of_the_json_page_hides_another(changes in changes()) {
        let mut files: Vec<Value> = (1..5).map(file).collect();
        for (at, field, value) in &changes {
            files[*at][JSON[*field]] = value.clone();
        }
        let by_version: serde_json::Map<String, Value> =
            files.iter().zip(1..).map(|(file, n)| (format!("{n}.0"), json!([file]))).collect();
        let page = json!({"info": {"version": "4.0"}, "releases": by_version, "urls": [files[3]], "last_serial": 7});
        let page = ProjectJson::parse(page.to_string().as_bytes()).expect("a page");
        // The map says of which version a file is, whatever it is called.
        prop_assert_eq!(all(&page.releases), ["1.0", "2.0", "3.0", "4.0"].into());
        for at in untouched(&changes) {
            prop_assert!(page.releases.contains(&format!("{}.0", at + 1)), "{at} is untouched: {:?}", page.releases);
        }
        let dated = (0..4).find(|at| changes.iter().all(|(of, field, _)| (of, field) != (at, &4)));
        if let Some(at) = dated {
            let uploaded: Time = format!("2026-08-{:02}T16:57:37Z", at + 2).parse().expect("a time");
            prop_assert!(page.first_upload.is_some_and(|first| first <= uploaded), "{:?}", page.first_upload);
        }
    }

    #[test]
    fn no_file_of_the_simple_page_hides_another(changes in changes()) {
        let mut files: Vec<Value> = (1..5).map(simple_file).collect();
        for (at, field, value) in &changes {
            files[*at][SIMPLE[field % SIMPLE.len()]] = value.clone();
        }
        let page = json!({"meta": {"api-version": "1.4", "_last-serial": 7}, "name": "a", "files": files});
        let page = ProjectDetail::parse(page.to_string().as_bytes()).expect("a page");
        prop_assert_eq!((page.files, page.last_serial), (4, Some(Serial(7))));
        for at in untouched(&changes) {
            prop_assert!(page.releases.contains(&format!("{}.0", at + 1)), "{at} is untouched: {:?}", page.releases);
        }
    }

    #[test]
    fn a_page_that_is_cut_is_none(end in 0..600_usize) {
        let files: Vec<Value> = (1..5).map(simple_file).collect();
        let text = json!({"files": files, "meta": {"api-version": "1.4", "_last-serial": 7}, "name": "a"}).to_string();
        let cut = &text.as_bytes()[..end.min(text.len() - 1)];
        prop_assert!(matches!(ProjectDetail::parse(cut), Err(FetchError::Garbled(_))));
    }
}

/// A page where a list or a map belongs and something else stands is told as one that cannot be read, and never read as one without
/// releases, or that nobody holds.
#[test]
fn what_is_no_page_is_never_read_as_an_empty_one() {
    let of = |field: &str, value: Value| {
        let mut page = json!({"info": {}, "last_serial": 7, "urls": [], "releases": {"1.0": [file(1)]},
                              "ownership": {"organization": null, "roles": [{"role": "Owner", "user": "eve"}]}});
        page[field] = value;
        ProjectJson::parse(page.to_string().as_bytes())
    };
    for (field, value) in [
        ("info", json!([])),
        ("info", json!("x")),
        ("info", json!({"summary": 7})),
        ("releases", json!([])),
        ("releases", json!("x")),
        ("releases", json!({"1.0": {}})),
        ("releases", json!({"1.0": "x"})),
        ("urls", json!({})),
        ("ownership", json!([{"role": 7}])),
        ("ownership", json!({"roles": [{"role": "Owner"}]})),
        ("ownership", json!({"roles": {"eve": "Owner"}})),
        ("last_serial", json!(-1)),
        ("last_serial", json!("7")),
    ] {
        let said = of(field, value.clone());
        assert!(matches!(said, Err(FetchError::Garbled(_))), "{field}: {value}: {said:?}");
    }
    let page = of("info", json!({"requires_dist": 7, "version": null, "classifiers": {}})).expect("nobody reads these");
    assert_eq!((all(&page.releases), page.users.len()), (["1.0"].into(), 1));
}
