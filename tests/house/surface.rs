//! What a file shows to everybody: the words of its `pub` signatures, fields, variants and types, without bodies.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Fields, ImplItem, Item, TraitItem, Visibility};

/// The line of each `pub` thing, and the identifiers in what it shows.
pub(crate) fn surface(text: &str) -> Vec<(usize, Vec<String>)> {
    let file = syn::parse_file(text).expect("our own source");
    file.items.iter().flat_map(shown).map(|(line, tokens)| (line, words(tokens))).collect()
}

fn shown(item: &Item) -> Vec<(usize, TokenStream)> {
    let of = |part: &dyn Fn() -> TokenStream| vec![(item.span().start().line, part())];
    match item {
        Item::Fn(item) if open(&item.vis) => of(&|| item.sig.to_token_stream()),
        Item::Type(item) if open(&item.vis) => of(&|| item.to_token_stream()),
        Item::Const(item) if open(&item.vis) => of(&|| item.ty.to_token_stream()),
        Item::Static(item) if open(&item.vis) => of(&|| item.ty.to_token_stream()),
        Item::Use(item) if open(&item.vis) => of(&|| item.tree.to_token_stream()),
        Item::Enum(item) if open(&item.vis) => of(&|| item.variants.to_token_stream()),
        Item::Struct(item) if open(&item.vis) => fields(&item.fields),
        Item::Trait(item) if open(&item.vis) => item.items.iter().filter_map(of_trait).collect(),
        Item::Impl(item) if item.trait_.is_none() => item.items.iter().filter_map(of_impl).collect(),
        _ => Vec::new(),
    }
}

fn of_impl(item: &ImplItem) -> Option<(usize, TokenStream)> {
    match item {
        ImplItem::Fn(item) if open(&item.vis) => Some((item.span().start().line, item.sig.to_token_stream())),
        ImplItem::Const(item) if open(&item.vis) => Some((item.span().start().line, item.ty.to_token_stream())),
        _ => None,
    }
}

fn of_trait(item: &TraitItem) -> Option<(usize, TokenStream)> {
    match item {
        TraitItem::Fn(item) => Some((item.span().start().line, item.sig.to_token_stream())),
        TraitItem::Type(item) => Some((item.span().start().line, item.to_token_stream())),
        _ => None,
    }
}

fn fields(fields: &Fields) -> Vec<(usize, TokenStream)> {
    let shown = fields.iter().filter(|field| open(&field.vis));
    shown.map(|field| (field.span().start().line, field.ty.to_token_stream())).collect()
}

fn open(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn words(tokens: TokenStream) -> Vec<String> {
    let word = |token| match token {
        TokenTree::Ident(ident) => vec![ident.to_string()],
        TokenTree::Group(group) => words(group.stream()),
        _ => Vec::new(),
    };
    tokens.into_iter().flat_map(word).collect()
}

#[test]
fn the_surface_is_what_others_see() {
    let text = "pub struct Tx { pub open: Row, shut: Hidden }\nimpl Tx { pub fn a(&self) -> Error { Body } fn b(_: Hidden) {} }\n\
                pub enum E { One(Error) }\nfn c(_: Hidden) {}\npub(super) fn d(_: Hidden) {}\npub type T = Row;";
    let all = surface(text);
    let seen = |word: &str| all.iter().filter(|(_, words)| words.iter().any(|seen| seen == word)).count();
    assert_eq!((seen("Row"), seen("Error"), seen("Hidden"), seen("Body")), (2, 2, 0, 0));
    assert_eq!(all.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 2, 3, 6]);
}
