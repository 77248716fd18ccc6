//! What must not be published, found in filled in texts and in names: secrets, customers, hosts that are nobody else's business,
//! and what PyPI would refuse or its moderators remove.

mod address;
mod context;
mod form;
mod hosts;
mod letters;
mod markdown;
mod python;
mod secrecy;
mod secrets;
mod words;

use std::collections::BTreeSet;

use super::names::Names;
use super::placeholder::Placeholder;
use super::refusal::Refusal;
use super::render::Texts;
use super::templates::{Template, Templates, Text};
use crate::config::source::Fault;
use address::host;
use context::Context;
pub use secrecy::Secrecy;

/// A rule about one line of a text.
type Rule = fn(&Context<'_>, &str) -> Option<Fault>;

const RULES: [Rule; 5] = [letters::plain, secrets::secret, words::customer, words::self_naming, hosts::internal];

/// What is wrong with the name of this package.
pub(super) fn name(placeholder: &Placeholder, secrecy: &Secrecy) -> Option<Fault> {
    unnameable(placeholder.name.as_str(), &placeholder.display, &secrecy.customers)
}

/// What is wrong with publishing a project of this name at all, as it is written or as PyPI writes it.
pub fn unnameable(name: &str, display: &str, customers: &[String]) -> Option<Fault> {
    let ask = "ask PyPI to prohibit it, or take the customer out of claim.customers";
    if let Some(customer) = customers.iter().find(|customer| words::is_in_name(customer, name)) {
        return Some(Fault::new(
            format!("holds the name of the customer {customer:?}, whom it would tell everybody of"),
            ask,
        ));
    }
    let what = secrets::in_name(display).or_else(|| secrets::in_name(name))?;
    let take_out = "take it out of the inventory; if it is one, revoke it";
    Some(Fault::new(format!("holds what looks like a secret: {what}"), take_out))
}

/// Everything that is wrong with the texts, line by line.
pub(super) fn texts(
    placeholder: &Placeholder,
    templates: &Templates,
    names: &Names,
    texts: &Texts,
    secrecy: &Secrecy,
) -> Vec<Refusal> {
    let mut refusals = undeclared(placeholder, secrecy);
    let shown = pages(placeholder).filter_map(|(_, page)| host(page)).chain(host(&at_root(&placeholder.registry)));
    let shown: BTreeSet<String> = shown.chain([placeholder.domain().to_owned()]).collect();
    for template in &templates.0 {
        let Some(text) = texts.get(&template.text) else { continue };
        let own = [placeholder.name.as_str(), &placeholder.display, &names.module, &names.distribution];
        let context = Context { secrecy, template, own, domain: placeholder.domain(), shown: shown.clone() };
        if template.text == Text::Summary {
            refusals.extend(values(&context, placeholder));
        }
        refusals.extend(form::faults(template.text, text).map(|fault| Refusal::new(template.place(None), fault)));
        refusals.extend(lines(&context, text));
        if template.text == Text::Readme {
            let faults = markdown::faults(text).into_iter();
            refusals.extend(faults.map(|(line, fault)| Refusal::new(place(template, text, line), fault)));
        }
    }
    refusals
}

/// The values that the metadata say, whatever the texts do.
fn values(context: &Context<'_>, placeholder: &Placeholder) -> Vec<Refusal> {
    let said = [("company", placeholder.company.as_str()), ("contact", &placeholder.contact)];
    let judged = |(key, value): (&'static str, &str)| {
        let fault = secrets::secret(context, value).or_else(|| words::customer(context, value))?;
        Some(Refusal::new(format!("claim.{key}"), fault))
    };
    said.into_iter().chain(pages(placeholder)).filter_map(judged).collect()
}

fn lines(context: &Context<'_>, text: &str) -> Vec<Refusal> {
    let judged = |(at, line): (usize, &str)| {
        let faults = RULES.iter().filter_map(|rule| rule(context, line)).collect::<Vec<_>>();
        faults.into_iter().map(move |fault| Refusal::new(place(context.template, text, at), fault)).collect::<Vec<_>>()
    };
    text.split('\n').enumerate().flat_map(judged).collect()
}

/// Where a line that counts from 0 was written: in the template where it stands there as it is.
fn place(template: &Template, text: &str, at: usize) -> String {
    let line = text.split('\n').nth(at).unwrap_or_default();
    match template.source.split('\n').position(|written| written == line) {
        Some(written) => template.place(Some(written + 1)),
        None => format!("{}, line {} when it is filled in", template.place(None), at + 1),
    }
}

/// The addresses of the configuration that are shown, by their keys.
fn pages(placeholder: &Placeholder) -> impl Iterator<Item = (&'static str, &str)> {
    [("index", &placeholder.index), ("homepage", &placeholder.homepage), ("policy", &placeholder.policy)]
        .into_iter()
        .filter_map(|(key, page)| Some((key, page.as_deref()?)))
}

/// Addresses that look internal by their host: once in the texts, they would be there for ever.
fn undeclared(placeholder: &Placeholder, secrecy: &Secrecy) -> Vec<Refusal> {
    let internal = pages(placeholder).filter_map(|(key, page)| Some((key, host(page)?)));
    let internal = internal.filter(|(_, host)| hosts::looks_internal(host) && !secrecy.public.contains(host));
    let refused = |(key, host): (&str, String)| {
        let instead = format!("leave {key} out, or declare it: public_hosts = [\"{host}\"]");
        Refusal::new(format!("claim.{key}"), Fault::new(format!("{host} looks internal, and would be shown"), instead))
    };
    internal.map(refused).collect()
}

fn at_root(authority: &str) -> String {
    format!("https://{authority}/")
}
