//! How many of those who use something speak independently of each other: a user at a host is one use, and no two voices share a user, nor a
//! host. One account may be one attacker on however many machines; one machine may be one attacker with however many accounts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::client::place;
use super::logins::is_login;
use crate::model::{Requester, Time};

/// Uses of one user, and of one host, that are written down for a project, and voices: no rule asks for more voices, and of more uses of
/// either none makes another one.
const MOST: usize = 16;

/// Who uses it: by a word for the user, and one for the place of the host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct UsedBy {
    /// `None`: nobody had to log in, so that nobody knows whose use it shares.
    pub(super) user: Option<String>,
    /// `None`: an earlier version wrote down the user alone.
    pub(super) place: Option<String>,
}

impl UsedBy {
    /// `None`: nobody knows anything of them, and that is no use. Whoever logged in and is nobody knows where is at one place with all of those.
    pub(super) fn of(who: &Requester) -> Option<Self> {
        if *who == Requester::default() {
            return None;
        }
        let unknown = || Requester::default().word();
        Some(Self { user: who.user.clone(), place: Some(who.host.map_or_else(unknown, place)) })
    }

    /// As an earlier version wrote it down, which knew a user or a place.
    pub(super) fn of_word(word: &str) -> Self {
        match is_login(word) {
            true => Self { user: Some(word.to_owned()), place: None },
            false => Self { user: None, place: Some(word.to_owned()) },
        }
    }
}

impl fmt::Display for UsedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known: Vec<&str> = self.user.iter().chain(&self.place).map(String::as_str).collect();
        f.write_str(&known.join(" at "))
    }
}

/// Since when there are so many voices, of as many as are ever counted: of the first one, of two, of three.
pub(super) fn voices<'u>(uses: impl IntoIterator<Item = (&'u UsedBy, Time)>) -> Vec<Time> {
    let mut uses: Vec<(&UsedBy, Time)> = uses.into_iter().collect();
    uses.sort_by_key(|(_, first)| *first);
    let mut heard = Heard::default();
    uses.into_iter().filter(|(by, _)| heard.takes(by) && heard.hear(by)).map(|(_, first)| first).collect()
}

/// May this use make a voice that those which are written down do not make?
pub(super) fn adds<'u>(known: impl IntoIterator<Item = &'u UsedBy>, new: &'u UsedBy) -> bool {
    let known: Vec<&UsedBy> = known.into_iter().collect();
    let share = |of: fn(&UsedBy) -> &Option<String>| {
        of(new).is_some() && known.iter().filter(|by| of(by) == of(new)).count() >= MOST
    };
    // Told without hearing all of them, which whoever comes every day from many places would ask for each time.
    if share(|by| &by.user) || share(|by| &by.place) {
        return false;
    }
    let mut heard = Heard::default();
    for by in known {
        if heard.takes(by) {
            heard.hear(by);
        }
    }
    heard.takes(new)
}

/// One side of a use. What nobody knows is nobody else's: it stands for itself, by the number of its use.
type Side<'u> = Result<&'u str, usize>;

/// Users with their places, and which place speaks for which user: a largest matching of the two (by augmenting paths).
#[derive(Debug, Default)]
struct Heard<'u> {
    uses: usize,
    places: BTreeMap<Side<'u>, BTreeSet<Side<'u>>>,
    /// How many users each place has.
    users: BTreeMap<Side<'u>, usize>,
    speaks: BTreeMap<Side<'u>, Side<'u>>,
}

impl<'u> Heard<'u> {
    /// Is there room for it? Without it there are as many voices: in any choice of so few, another use of a user or place that has so many can
    /// stand for it.
    fn takes(&self, by: &'u UsedBy) -> bool {
        let (user, place) = self.sides(by);
        let places = self.places.get(&user).map_or(0, BTreeSet::len);
        self.speaks.len() < MOST && places < MOST && self.users.get(&place).is_none_or(|users| *users < MOST)
    }

    fn sides(&self, by: &'u UsedBy) -> (Side<'u>, Side<'u>) {
        let side = |of: &'u Option<String>| of.as_deref().ok_or(self.uses);
        (side(&by.user), side(&by.place))
    }

    /// Does it make one more voice? Others may move for that.
    fn hear(&mut self, by: &'u UsedBy) -> bool {
        let (user, place) = self.sides(by);
        self.uses += 1;
        if self.places.entry(user).or_default().insert(place) {
            *self.users.entry(place).or_default() += 1;
        }
        let heard: BTreeSet<Side<'u>> = self.speaks.values().copied().collect();
        let silent: Vec<Side<'u>> = self.places.keys().filter(|user| !heard.contains(*user)).copied().collect();
        let mut seen = BTreeSet::new();
        silent.into_iter().any(|user| self.finds(user, &mut seen))
    }

    /// A place for this user, where one is free or whoever has it finds another: no deeper than there are voices.
    fn finds(&mut self, user: Side<'u>, seen: &mut BTreeSet<Side<'u>>) -> bool {
        let places: Vec<Side<'u>> = self.places[&user].iter().copied().collect();
        places.into_iter().any(|place| {
            let other = self.speaks.get(&place).copied();
            let is_free = seen.insert(place) && other.is_none_or(|other| self.finds(other, seen));
            if is_free {
                self.speaks.insert(place, user);
            }
            is_free
        })
    }
}

#[cfg(test)]
mod tests;
