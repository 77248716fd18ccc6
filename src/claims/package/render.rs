//! Templates filled in. A value that stands in Python does so as a literal, or it is refused: a quote in a company's name would
//! end the text that it stands in.

use std::collections::BTreeMap;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};

use super::names::Names;
use super::placeholder::Placeholder;
use super::refusal::Refusal;
use super::templates::{Template, Text};
use crate::config::source::Fault;

/// Steps of one rendering; the longest of ours takes some dozens.
const FUEL: u64 = 100_000;
/// What a custom escape is called in the engine: values in Python.
const PYTHON: &str = "python";

/// The filled in texts, by what they are.
pub(super) type Texts = BTreeMap<Text, String>;

/// What a template may say.
type Values = BTreeMap<&'static str, Value>;

pub(super) fn values(placeholder: &Placeholder, names: &Names, version: &str) -> Values {
    let text = |text: &str| Value::from(text);
    let maybe = |text: &Option<String>| Value::from(text.clone());
    BTreeMap::from([
        ("command", text(&names.command)),
        ("company", text(&placeholder.company)),
        ("contact", text(&placeholder.contact)),
        ("display", text(&placeholder.display)),
        ("dist_info", Value::from(format!("{}.dist-info", names.sdist(version)))),
        ("homepage", maybe(&placeholder.homepage)),
        ("index", maybe(&placeholder.index)),
        ("license", text(&placeholder.license)),
        ("module", text(&names.module)),
        ("name", text(placeholder.name.as_str())),
        ("owner", text(&placeholder.owner)),
        ("policy", maybe(&placeholder.policy)),
        ("registry", text(&placeholder.registry)),
        ("version", text(version)),
    ])
}

/// Fills one in.
///
/// # Errors
/// With file and line of what does not render.
pub(super) fn render(template: &Template, values: &Values) -> Result<String, Refusal> {
    let mut engine = engine();
    let filled = engine
        .add_template(template.text.file(), &template.source)
        .and_then(|()| engine.get_template(template.text.file())?.render(values));
    let text = filled.map_err(|error| Refusal::new(template.place(error.line()), fault(&error, values)))?;
    Ok(format!("{}\n", text.trim_end()))
}

fn engine<'s>() -> Environment<'s> {
    let mut engine = Environment::new();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().unwrap_or_default());
    engine.set_fuel(Some(FUEL));
    engine.set_debug(true);
    engine.add_filter("literal", |value: Value| Value::from_safe_string(literal(&value)));
    engine.set_auto_escape_callback(|name| match name.ends_with(".py") {
        true => AutoEscape::Custom(PYTHON.into()),
        false => AutoEscape::None,
    });
    engine.set_formatter(|out, state, value| {
        let text = value.to_string();
        let bare = text.contains(|c: char| c.is_control() || "\"'\\".contains(c)) && !value.is_safe();
        if bare && matches!(state.auto_escape(), AutoEscape::Custom(name) if name == PYTHON) {
            return Err(Error::new(ErrorKind::BadEscape, "a quote in this value would end the text around it"));
        }
        if value.is_undefined() {
            return Err(Error::from(ErrorKind::UndefinedError));
        }
        out.write_str(if value.is_none() { "" } else { &text }).map_err(Error::from)
    });
    engine
}

/// A literal of Python: `None`, or a text in quotes.
fn literal(value: &Value) -> String {
    if value.is_none() {
        return "None".to_owned();
    }
    let mut out = String::from("\"");
    for c in value.to_string().chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\U{:08x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out + "\""
}

fn fault(error: &Error, values: &Values) -> Fault {
    let why = error.detail().map_or_else(|| error.kind().to_string(), |detail| format!("{}: {detail}", error.kind()));
    let instead = match error.kind() {
        ErrorKind::BadEscape => "write {{ value | literal }}, which puts the quotes itself".to_owned(),
        ErrorKind::UndefinedError => format!("known here: {}", values.keys().copied().collect::<Vec<_>>().join(", ")),
        ErrorKind::OutOfFuel => "make it shorter; a package needs no loops".to_owned(),
        _ => "see docs/claims.md for what a text may hold; {{ \"{{\" }} writes braces".to_owned(),
    };
    Fault::new(format!("does not render: {why}"), instead)
}
