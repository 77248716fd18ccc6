//! The types that a file shows to more than its own folder.

use syn::visit::{self, Visit};
use syn::{Ident, Visibility};

/// The declared types of one file.
#[derive(Default)]
struct Types {
    shown: Vec<String>,
    /// Inside of what is compiled for tests only.
    tests: usize,
}

impl Types {
    fn declare(&mut self, visibility: &Visibility, name: &Ident) {
        if self.tests == 0 && is_shown(visibility) {
            self.shown.push(name.to_string());
        }
    }
}

/// To more than the files beside it: `pub(super)` is a folder's own matter.
fn is_shown(visibility: &Visibility) -> bool {
    match visibility {
        Visibility::Public(_) => true,
        Visibility::Restricted(to) => !to.path.is_ident("super") && !to.path.is_ident("self"),
        Visibility::Inherited => false,
    }
}

/// Is it for tests alone, of its package or also of those that stand on that?
pub(crate) fn is_test(attribute: &syn::Attribute) -> bool {
    let syn::Meta::List(cfg) = &attribute.meta else { return false };
    let said = cfg.tokens.to_string().replace(' ', "");
    cfg.path.is_ident("cfg") && (said == "test" || said == "any(test,feature=\"testing\")")
}

impl<'ast> Visit<'ast> for Types {
    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.declare(&item.vis, &item.ident);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.declare(&item.vis, &item.ident);
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.declare(&item.vis, &item.ident);
    }

    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        self.declare(&item.vis, &item.ident);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let tests = usize::from(item.attrs.iter().any(is_test));
        self.tests += tests;
        visit::visit_item_mod(self, item);
        self.tests -= tests;
    }
}

pub(crate) fn types(file: &syn::File) -> Vec<String> {
    let mut types = Types::default();
    types.visit_file(file);
    types.shown
}

#[test]
fn the_types_that_are_seen_are_those_that_others_can_name() {
    let text = "pub struct A; pub(crate) enum B {} pub(in crate::x) trait C {} pub type D = A; pub(super) struct E; struct F;\n\
                #[cfg(test)] mod tests { pub struct G; } mod inner { pub struct H; }";
    assert_eq!(types(&syn::parse_file(text).expect("Rust")), ["A", "B", "C", "D", "H"]);
}
