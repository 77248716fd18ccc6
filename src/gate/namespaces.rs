//! What the index says of reserved prefixes (PEP 752), as a reviewer is told it. It is the index's own word and names no organisation, so it has no
//! voice: who holds a namespace may publish an attack as anybody may, and most names stand in none.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// More than these a name cannot be in for a reason: each is a part of it.
const MOST: usize = 8;
/// As long as a name of a project may be, in characters.
const LONGEST: usize = 200;

/// A prefix that somebody has reserved, and in which the name is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct ReservedNamespace {
    /// A stranger's text.
    pub name: String,
    /// Whoever holds it holds the project, too. What was there before it was reserved is not.
    pub owned: bool,
}

/// Of a page: `namespaces` is a list of `name` and `owned`, or null for a name in none (version 1.5 of the simple API). What is neither is passed
/// over. `None`: the index knows no namespaces, as PyPI does not yet.
pub(super) fn namespaces(page: &Map<String, Value>) -> Option<Vec<ReservedNamespace>> {
    let said = page.get("namespaces")?;
    let all = said.as_array().map(Vec::as_slice).unwrap_or_default();
    Some(all.iter().filter_map(one).take(MOST).collect())
}

fn one(said: &Value) -> Option<ReservedNamespace> {
    let name: String = said.get("name")?.as_str()?.chars().take(LONGEST).collect();
    Some(ReservedNamespace { name, owned: said.get("owned")?.as_bool()? })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(page: Value) -> Option<Vec<(String, bool)>> {
        let page = page.as_object().cloned().expect("a page");
        Some(namespaces(&page)?.into_iter().map(|of| (of.name, of.owned)).collect())
    }

    #[test]
    fn a_prefix_is_told_as_the_index_has_it_and_what_is_none_is_passed_over() {
        let acme = |owned| Some(vec![("acme-".to_owned(), owned)]);
        assert_eq!(of(json!({"namespaces": [{"name": "acme-", "owned": true}]})), acme(true));
        assert_eq!(of(json!({"namespaces": [{"name": "acme-", "owned": false, "more": 1}]})), acme(false));
        assert_eq!(of(json!({"namespaces": null})), Some(Vec::new()), "it is in none");
        assert_eq!(of(json!({"name": "widgets"})), None, "nobody says");
        let odd = json!({"namespaces": ["acme-", {"name": 7, "owned": true}, {"name": "a"}, {"name": "acme-", "owned": true}]});
        assert_eq!(of(odd), acme(true));
        let many = vec![json!({"name": "a".repeat(900), "owned": true}); 900];
        let kept = of(json!({"namespaces": many})).expect("some");
        assert!(kept.len() == MOST && kept.iter().all(|(name, _)| name.len() == LONGEST));
    }
}
