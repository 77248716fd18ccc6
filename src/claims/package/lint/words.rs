//! Words that must not be read: customers, and what makes moderators remove a project.

use super::super::templates::Text;
use super::context::Context;
use crate::config::source::Fault;

/// Customers of so many letters are sought within words too.
const GLUED: usize = 5;

/// What names were removed and prohibited for (`pypi/support` 3138): a project that calls itself nothing is nothing.
const SELF_NAMING: [&str; 9] =
    ["dummy", "parked", "parking", "placeholder", "placeholders", "squat", "squatted", "squatter", "squatting"];

pub(super) fn customer(context: &Context<'_>, line: &str) -> Option<Fault> {
    if context.secrecy.customers.is_empty() {
        return None;
    }
    let read = words(&context.without_own(line));
    let customer = context.secrecy.customers.iter().find(|customer| holds(&read, &words(customer)))?;
    let what = format!("holds the name of the customer {customer:?}");
    Some(Fault::new(what, "take it out; nothing that is published is ever forgotten"))
}

pub(super) fn self_naming(context: &Context<'_>, line: &str) -> Option<Fault> {
    if context.template.text == Text::License {
        return None;
    }
    let word = words(&context.without_own(line)).into_iter().find(|word| SELF_NAMING.contains(&word.as_str()))?;
    let what = format!("says {word:?}, for which PyPI removes projects");
    Some(Fault::new(what, "say what the package does in its place"))
}

/// Between separators, or within a word where it is long enough not to be there by chance.
pub(super) fn is_in_name(customer: &str, name: &str) -> bool {
    let customer = words(customer);
    let whole = customer.concat();
    let glued = words(name).concat();
    holds(&words(name), &customer) || (whole.len() >= GLUED && glued.contains(&whole))
}

/// Runs of letters and digits, in lower case.
fn words(text: &str) -> Vec<String> {
    let runs = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    runs.map(str::to_lowercase).collect()
}

fn holds(text: &[String], wanted: &[String]) -> bool {
    !wanted.is_empty() && text.windows(wanted.len()).any(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customers_are_found_in_names_however_they_are_written() {
        let found = |customer: &str, name: &str| is_in_name(customer, name);
        assert!(found("Globex", "acme-globex-sync") && found("Globex", "acmeglobexsync"));
        assert!(found("Big Corp", "acme-big.corp") && found("Big-Corp", "bigcorp-sync") && found("3M", "acme-3m"));
        assert!(!found("3M", "acme-13m4") && !found("Big Corp", "big-acme-corp") && !found("Ärzte", "acme-arzte"));
    }
}
