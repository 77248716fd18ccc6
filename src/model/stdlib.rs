//! The names PyPI refuses because the standard library has them.
//!
//! `stdlib.txt` is every dotted prefix of every module of Python 2.6, 2.7 and 3.2 to 3.14 in the `stdlib-list`
//! project (0.12.0, Apache-2.0), stripped and normalized as `warehouse/packaging/services.py` does; sorted bytewise.

use std::sync::LazyLock;

use super::{ProjectName, Registry};

static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("stdlib.txt").lines().collect());

/// Does PyPI refuse this name for conflicting with a module of the standard library?
pub fn is_stdlib(name: &ProjectName) -> bool {
    name.registry() == Registry::Pypi && NAMES.binary_search(&name.as_str()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_names_that_surprise_people() {
        let stdlib = |text| is_stdlib(&ProjectName::parse(text).expect("valid"));
        assert!(["w", "os", "main", "test", "antigravity", "os.path", "Xml-Etree"].into_iter().all(stdlib));
        assert!(!["requests", "acme-billing", "torch"].into_iter().any(stdlib));
    }

    #[test]
    fn the_table_is_sorted_for_the_search() {
        assert!(NAMES.is_sorted());
    }
}
