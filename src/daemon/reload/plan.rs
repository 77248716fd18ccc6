//! What of two files read again is put in force. Pure: the caller reads them.
//!
//! They are judged together, since an owner may name a channel that comes with the same reload. Where they do not fit
//! together, whichever fits what is in force is taken, and the other waits.

use std::sync::Arc;

use super::answer::Reload;
use super::inventory::judged;
use crate::api::listings::Listings;
use crate::config::Settings;
use crate::model::Inventory;

/// What reads and judges inventories, which depends on the settings: where the file is, and who answers for what has no
/// owner.
pub(super) trait Files {
    fn inventory(&self, settings: &Settings) -> Result<Inventory, String>;

    /// Can every owner be told?
    fn fit(&self, settings: &Settings, inventory: &Inventory) -> Result<(), String>;
}

/// The files of this machine, and where it is kept what is to be said of them.
pub(super) struct OnDisk(pub(super) Listings);

impl Files for OnDisk {
    fn inventory(&self, settings: &Settings) -> Result<Inventory, String> {
        super::inventory::read_alone(&Arc::new(settings.clone()), &self.0)
    }

    fn fit(&self, settings: &Settings, inventory: &Inventory) -> Result<(), String> {
        super::inventory::fits(settings, inventory).map_err(|misfit| misfit.to_string())
    }
}

/// What is in force before.
pub(super) struct Before<'a> {
    pub(super) settings: &'a Settings,
    pub(super) inventory: &'a Inventory,
}

/// What is put in force.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// `Err`: why the configuration stays as it is.
    pub(super) settings: Result<Settings, String>,
    /// `None`: it stays as it is.
    pub(super) inventory: Option<Inventory>,
    pub(super) said: Reload,
}

/// `new`: the configuration as it could be in force, or what is wrong with it.
pub(super) fn plan(before: &Before<'_>, new: Result<Settings, String>, files: &impl Files) -> Plan {
    let new = match new {
        Ok(new) => new,
        Err(error) => return keep(before, error, files),
    };
    let (said, inventory) = inventory(before, &new, files);
    match misfit(before, &new, inventory.as_ref(), files) {
        Misfit::None => Plan { settings: Ok(new), inventory, said },
        Misfit::Inventory(error) => Plan { settings: Ok(new), inventory: None, said: Reload::Broken { error } },
        Misfit::Configuration(error) => keep(before, error, files),
    }
}

/// Which of the two does not fit.
enum Misfit {
    None,
    Inventory(String),
    Configuration(String),
}

fn misfit(before: &Before<'_>, new: &Settings, inventory: Option<&Inventory>, files: &impl Files) -> Misfit {
    let is_same = new == before.settings;
    // With the inventory that stays, a configuration that stays may not fit: it was started with the last good one.
    let alone = || if is_same { Ok(()) } else { files.fit(new, before.inventory) };
    match inventory.map(|inventory| files.fit(new, inventory)) {
        None => alone().err().map_or(Misfit::None, Misfit::Configuration),
        Some(Ok(())) => Misfit::None,
        Some(Err(error)) if alone().is_ok() => Misfit::Inventory(error),
        Some(Err(error)) => Misfit::Configuration(error),
    }
}

/// The configuration stays, and the inventory is judged by it.
fn keep(before: &Before<'_>, error: String, files: &impl Files) -> Plan {
    let (said, inventory) = inventory(before, before.settings, files);
    let fit = inventory.as_ref().map_or(Ok(()), |inventory| files.fit(before.settings, inventory));
    match fit {
        Ok(()) => Plan { settings: Err(error), inventory, said },
        Err(misfit) => Plan { settings: Err(error), inventory: None, said: Reload::Broken { error: misfit } },
    }
}

fn inventory(before: &Before<'_>, settings: &Settings, files: &impl Files) -> (Reload, Option<Inventory>) {
    match files.inventory(settings) {
        Ok(new) => judged(before.inventory, new, false),
        Err(error) => (Reload::Broken { error }, None),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;
    use proptest::sample::{select, subsequence};

    use super::*;
    use crate::config::sample::least;
    use crate::config::source::Source;
    use crate::model::OwnerId;
    use crate::watchlist::from_source;

    /// Settings that differ by a number alone.
    fn settings(hour: u8) -> Settings {
        let mut settings = least();
        (settings.file, settings.inventory) = ("namewarden.toml".into(), "inventory.toml".into());
        settings.alert.daily_at_hour = hour;
        settings
    }

    /// So many names.
    fn names(number: usize) -> Inventory {
        let text = format!("names = [{}]", (0..number).map(|n| format!("\"acme-{n}\",")).collect::<String>());
        let source = Source::new(Path::new("inventory.toml"), text);
        from_source(source, &OwnerId("security".to_owned())).unwrap_or_else(|error| panic!("{error}"))
    }

    struct Fake {
        inventory: Result<Inventory, String>,
        /// Hours and numbers of names that do not fit together.
        misfits: Vec<(u8, usize)>,
    }

    impl Files for Fake {
        fn inventory(&self, _: &Settings) -> Result<Inventory, String> {
            self.inventory.clone()
        }

        fn fit(&self, settings: &Settings, inventory: &Inventory) -> Result<(), String> {
            let (hour, names) = (settings.alert.daily_at_hour, inventory.watches.len());
            if self.misfits.contains(&(hour, names)) { Err(format!("{hour} and {names}")) } else { Ok(()) }
        }
    }

    /// In force: hour 1 and 10 names. `HOUR|NAMES|what is said of the inventory`; a word for what stays as it is.
    fn planned(new: Result<u8, &str>, inventory: Result<usize, &str>, misfits: &'static [(u8, usize)]) -> String {
        let (now, in_force) = (settings(1), names(10));
        let before = Before { settings: &now, inventory: &in_force };
        let files = Fake { inventory: inventory.map(names).map_err(str::to_owned), misfits: misfits.to_vec() };
        let plan = plan(&before, new.map(settings).map_err(str::to_owned), &files);
        let settings = plan.settings.map_or_else(|error| error, |new| new.alert.daily_at_hour.to_string());
        let inventory = plan.inventory.map_or_else(|| "stays".to_owned(), |new| new.watches.len().to_string());
        let said = match plan.said {
            Reload::Unchanged => "unchanged".to_owned(),
            Reload::Applied { added, removed, .. } => format!("+{added} -{removed}"),
            Reload::Held { .. } => "held".to_owned(),
            Reload::Broken { error } => error,
            Reload::Waits { needs } => needs,
        };
        format!("{settings}|{inventory}|{said}")
    }

    #[test]
    fn both_are_applied_as_one_where_they_fit() {
        assert_eq!(planned(Ok(1), Ok(10), &[]), "1|stays|unchanged");
        assert_eq!(planned(Ok(2), Ok(11), &[(2, 10), (1, 11)]), "2|11|+1 -0", "neither fits what is in force");
    }

    #[test]
    fn what_is_broken_keeps_the_other_from_nothing() {
        assert_eq!(planned(Err("no TOML"), Ok(11), &[]), "no TOML|11|+1 -0");
        assert_eq!(planned(Ok(2), Err("no list"), &[]), "2|stays|no list");
        assert_eq!(planned(Ok(2), Ok(5), &[]), "2|stays|held");
        assert_eq!(planned(Err("no TOML"), Err("no list"), &[]), "no TOML|stays|no list");
    }

    #[test]
    fn what_does_not_fit_waits_and_the_other_is_taken() {
        assert_eq!(planned(Ok(1), Ok(11), &[(1, 11)]), "1|stays|1 and 11", "the inventory alone was changed");
        assert_eq!(planned(Ok(2), Ok(10), &[(2, 10)]), "2 and 10|stays|unchanged", "the configuration alone was");
        assert_eq!(planned(Ok(2), Ok(11), &[(2, 11)]), "2|stays|2 and 11");
        assert_eq!(planned(Ok(2), Ok(11), &[(2, 11), (2, 10)]), "2 and 11|11|+1 -0");
        assert_eq!(planned(Ok(2), Ok(11), &[(2, 11), (2, 10), (1, 11)]), "2 and 11|stays|1 and 11");
        assert_eq!(planned(Err("no TOML"), Ok(11), &[(1, 11)]), "no TOML|stays|1 and 11");
    }

    #[test]
    fn with_an_inventory_that_stays_the_configuration_has_to_fit_too() {
        assert_eq!(planned(Ok(2), Err("no list"), &[(2, 10)]), "2 and 10|stays|no list");
        assert_eq!(planned(Ok(2), Ok(5), &[(2, 10)]), "2 and 10|stays|held");
        // It was started with the last good inventory, which it does not fit.
        assert_eq!(planned(Ok(1), Err("no list"), &[(1, 10)]), "1|stays|no list");
    }

    /// A half that is broken, or one of these.
    fn half<T: Clone + std::fmt::Debug + 'static>(of: &'static [T]) -> impl Strategy<Value = Option<T>> {
        prop_oneof![1 => Just(None), 4 => select(of).prop_map(Some)]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
        /// Whatever is on disk: what is in force afterwards fits together, if it did before; and what is whole, fits, and need
        /// not be held is taken.
        #[test]
        fn what_is_in_force_afterwards_fits(
            hour in half(&[1_u8, 2]),
            number in half(&[5_usize, 10, 11]),
            misfits in subsequence(vec![(1_u8, 11_usize), (2, 10), (2, 11), (1, 5), (2, 5)], 0..=5),
        ) {
            let (now, in_force) = (settings(1), names(10));
            let before = Before { settings: &now, inventory: &in_force };
            let files = Fake { inventory: number.map(names).ok_or("no list".to_owned()), misfits: misfits.clone() };
            let Plan { settings: planned, inventory, said } =
                plan(&before, hour.map(settings).ok_or("no TOML".to_owned()), &files);
            let then = planned.clone().unwrap_or(now.clone());
            let watched = inventory.as_ref().unwrap_or(&in_force);
            prop_assert!(files.fit(&then, watched).is_ok(), "{said:?}");
            let wanted = hour.zip(number.filter(|number| *number >= 10));
            if let Some((hour, number)) = wanted.filter(|both| !misfits.contains(both)) {
                prop_assert_eq!(planned.map(|new| new.alert.daily_at_hour), Ok(hour));
                prop_assert_eq!(watched.watches.len(), number);
            }
        }
    }
}
