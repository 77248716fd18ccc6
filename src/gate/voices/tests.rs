//! Voices beside the largest choice of uses, looked for one by one.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;

fn by(user: &str, place: &str) -> UsedBy {
    let known = |of: &str| (!of.is_empty()).then(|| of.to_owned());
    UsedBy { user: known(user), place: known(place) }
}

fn at(minutes: i64) -> Time {
    Time::UNIX_EPOCH + TimeDelta::minutes(minutes)
}

/// One a minute.
fn said(uses: &[UsedBy]) -> Vec<i64> {
    let voices = voices(uses.iter().zip(0..).map(|(by, minutes)| (by, at(minutes))));
    voices.iter().map(|since| (*since - at(0)).num_minutes()).collect()
}

#[test]
fn one_account_on_many_machines_is_one_voice_and_so_is_one_machine_with_many_accounts() {
    let machines: Vec<UsedBy> = (0..300).map(|n| by("ci-1", &format!("10.0.{}.{}", n / 200, n % 200))).collect();
    let accounts: Vec<UsedBy> = (0..300).map(|n| by(&format!("u{n}"), "10.0.0.1")).collect();
    assert_eq!((said(&machines), said(&accounts)), (vec![0], vec![0]));
    // Somebody else at one of those machines, who share neither with the account at another.
    assert_eq!(said(&[by("ci-1", "10.0.0.1"), by("ci-1", "10.0.0.2"), by("ada", "10.0.0.1")]), [0, 2]);
    assert_eq!(said(&[by("ci-1", "10.0.0.1"), by("ada", "10.0.0.1"), by("ada", "10.0.0.2")]), [0, 2]);
    assert_eq!(said(&[by("ci-1", "10.0.0.1"), by("ada", "10.0.0.2")]), [0, 1]);
}

#[test]
fn without_logins_each_place_is_a_voice_and_what_an_earlier_version_wrote_down_counts_as_it_did() {
    assert_eq!(said(&[by("", "10.0.0.1"), by("", "10.0.0.2")]), [0, 1]);
    assert_eq!(said(&[by("ada", ""), by("bob", ""), by("", "10.0.0.1")]), [0, 1, 2]);
    // It is the same account, or the same place, once both are written down.
    assert_eq!(said(&[by("ada", ""), by("ada", "10.0.0.1"), by("", "10.0.0.1")]), [0, 2]);
    let of = |word: &str| UsedBy::of_word(word);
    let old = ["ada", "10.0.0.1", "2001:db8:0:0::/64", "fe80:0:0:0::/64"].map(of);
    assert_eq!(old, [by("ada", ""), by("", "10.0.0.1"), by("", "2001:db8:0:0::/64"), by("", "fe80:0:0:0::/64")]);
}

#[test]
fn whom_nobody_knows_has_no_use_and_users_whose_host_nobody_knows_are_at_one() {
    let of = |user: Option<&str>, host: Option<&str>| {
        let host = host.map(|host| host.parse().expect("an address"));
        UsedBy::of(&Requester { user: user.map(str::to_owned), host })
    };
    assert_eq!(of(None, None), None);
    let hidden = ["ada", "bob"].map(|user| of(Some(user), None).expect("a user"));
    assert_eq!(said(&hidden), [0]);
    // A machine has as many addresses of its network as it likes.
    let network = [("ada", "2001:db8::1"), ("bob", "2001:db8::2"), ("eve", "2001:db8:0:1::1")];
    let network = network.map(|(user, host)| of(Some(user), Some(host)).expect("a use"));
    assert_eq!(said(&network), [0, 2]);
}

/// Of few users and places, some of which nobody knows.
fn use_of_few() -> impl Strategy<Value = UsedBy> {
    let (users, places) = (["", "ada", "bob", "ci"], ["", "10.0.0.1", "10.0.0.2", "10.0.0.3"]);
    (0..4_usize, 0..4_usize)
        .prop_filter("somebody", |(user, place)| user + place > 0)
        .prop_map(move |(user, place)| by(users[user], places[place]))
}

/// The most that share nothing, by trying with and without each.
fn most(uses: &[UsedBy]) -> usize {
    let Some((first, rest)) = uses.split_first() else { return 0 };
    let shares = |other: &UsedBy| {
        (first.user.is_some() && first.user == other.user) || (first.place.is_some() && first.place == other.place)
    };
    let others: Vec<UsedBy> = rest.iter().filter(|other| !shares(other)).cloned().collect();
    most(rest).max(1 + most(&others))
}

proptest! {
    /// After each use there are as many voices as can be chosen of all so far without two that share a user or a place.
    #[test]
    fn voices_are_the_largest_choice_that_shares_nothing(uses in prop::collection::btree_set(use_of_few(), 1..12)) {
        let uses: Vec<UsedBy> = uses.into_iter().collect();
        let since = said(&uses);
        for end in 1..=uses.len() {
            let so_far = since.iter().filter(|minute| **minute < end as i64).count();
            prop_assert_eq!(so_far, most(&uses[..end]), "{:?}", &uses[..end]);
        }
        let (users, places): (BTreeSet<_>, BTreeSet<_>) =
            uses.iter().enumerate().map(|(n, of)| (of.user.clone().ok_or(n), of.place.clone().ok_or(n))).unzip();
        prop_assert!(since.len() <= users.len().min(places.len()), "no more than accounts, and no more than machines");
    }
}

proptest! {
    // Each of hundreds of uses is matched with all before it; `tests/hunt` tries others.
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// What is not written down would be no voice: of however many uses the few that are kept say the same, up to as many as are counted.
    #[test]
    fn what_is_not_kept_changes_no_voice(uses in prop::collection::vec((0..40_usize, 0..40_usize, 0..4_usize), 1..300)) {
        let of = |(user, place, crowd): &(usize, usize, usize)| match crowd {
            0 => by("ci-1", &format!("10.0.0.{place}")),
            1 => by(&format!("u{user}"), "10.0.0.1"),
            2 => by(&format!("u{}", user % 3), &format!("10.0.0.{place}")),
            _ => by(&format!("u{user}"), &format!("10.0.0.{place}")),
        };
        let all: Vec<UsedBy> = uses.iter().map(of).collect();
        let mut kept: Vec<UsedBy> = Vec::new();
        for by in &all {
            if !kept.contains(by) && adds(&kept, by) {
                kept.push(by.clone());
            }
        }
        prop_assert_eq!(said(&kept).len(), matched(&all).min(MOST));
        prop_assert!(kept.len() <= 2 * MOST * MOST, "{}", kept.len());
    }
}

/// The size of a largest matching, without any limit.
fn matched(uses: &[UsedBy]) -> usize {
    fn finds<'u>(
        user: &'u str,
        uses: &'u [UsedBy],
        seen: &mut BTreeSet<&'u str>,
        has: &mut BTreeMap<&'u str, &'u str>,
    ) -> bool {
        let of_user = uses.iter().filter(|by| by.user.as_deref() == Some(user));
        of_user.filter_map(|by| by.place.as_deref()).any(|place| {
            if !seen.insert(place) {
                return false;
            }
            let other = has.get(place).copied();
            let is_free = other.is_none_or(|other| finds(other, uses, seen, has));
            if is_free {
                has.insert(place, user);
            }
            is_free
        })
    }
    let (users, mut has): (BTreeSet<&str>, _) =
        (uses.iter().filter_map(|by| by.user.as_deref()).collect(), BTreeMap::new());
    users.into_iter().filter(|user| finds(user, uses, &mut BTreeSet::new(), &mut has)).count()
}
