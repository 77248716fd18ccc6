//! What the tests of a rule need: its predicate and its sentence on names as people write them.

use super::spec::Spec;
use crate::matcher::evidence::forms::Forms;
use crate::matcher::evidence::name::Name;
use crate::matcher::evidence::pair::Pair;
use crate::model::{ProjectName, Rule, WatchKind};

fn with<T>(spec: &Spec, watch: &str, name: &str, look: impl FnOnce(&Pair<'_>) -> T) -> T {
    let normal = ProjectName::parse(name).expect("a valid name");
    let (kind, text) = match (watch.strip_suffix('*'), watch.strip_prefix("brand:")) {
        (Some(prefix), _) => (WatchKind::Prefix, prefix),
        (_, Some(brand)) => (WatchKind::Brand, brand),
        _ => (WatchKind::Name, watch),
    };
    let (name, watch) = (Name::new(normal.as_str()), Forms::new(text));
    let mut pair = Pair::new(&name, &watch, kind);
    pair.exclusive = true;
    pair.listed = spec.rule == Rule::Listed && normal.as_str() == spec.example.1;
    look(&pair)
}

pub(super) fn holds(spec: &Spec, watch: &str, name: &str) -> bool {
    with(spec, watch, name, |pair| (spec.find)(pair).is_some())
}

/// The sentence for the rule's own example.
pub(super) fn says(spec: &Spec) -> String {
    with(spec, spec.example.0, spec.example.1, |pair| (spec.says)(pair))
}
