//! Lists that come in any order, from whoever can write there, over restarts: what is in force is signed by its organisation, and never older than
//! what was.

use proptest::prelude::*;

use super::*;

/// By whom a list is signed that lies there.
#[derive(Clone, Copy, Debug)]
enum Signed {
    Well,
    /// By somebody else, who says so or does not.
    ByAnother,
    ByAnImpostor,
    /// The signature of the list of another day.
    OfAnother,
    /// It was cut off on its way.
    Torn,
    Not,
}

#[derive(Clone, Copy, Debug)]
enum Act {
    /// A list of that day, counted from the last of them.
    Lay(i64, Signed),
    Look,
    /// How new the next has to be is written down, or the disk takes nothing.
    Restart(bool),
    Pass(i64),
}

const DAYS: i64 = 40;

fn act() -> impl Strategy<Value = Act> {
    let signed = prop_oneof![
        5 => Just(Signed::Well),
        1 => Just(Signed::ByAnother),
        1 => Just(Signed::ByAnImpostor),
        1 => Just(Signed::OfAnother),
        1 => Just(Signed::Torn),
        1 => Just(Signed::Not),
    ];
    prop_oneof![
        4 => (0..DAYS, signed).prop_map(|(day, signed)| Act::Lay(day, signed)),
        4 => Just(Act::Look),
        1 => prop::bool::weighted(0.8).prop_map(Act::Restart),
        1 => (1_i64..20).prop_map(Act::Pass),
    ]
}

fn signature(day: i64, signed: Signed) -> String {
    let signer = Signer::new(1);
    let (text, whole) = (list(day), signer.sign(&list(day)));
    match signed {
        Signed::Well => whole,
        Signed::ByAnother => Signer::new(2).sign(&text),
        Signed::ByAnImpostor => Signer::new(2).posing_as(&signer).sign(&text),
        Signed::OfAnother => signer.sign(&list(day + 1)),
        Signed::Torn => whole[..whole.len() / 2].to_owned(),
        Signed::Not => String::new(),
    }
}

/// Where lists come, what reads them there, and what is in force.
struct Place {
    dir: tempfile::TempDir,
    file: SharedListFile,
    marks: SharedMarks,
    lists: SharedLists,
    now: Time,
    /// What lies there.
    lies: Option<(i64, bool)>,
    /// Since the start, and the newest that was since anybody wrote that down.
    in_force: Option<Time>,
    kept: Option<Time>,
}

impl Place {
    fn start(dir: tempfile::TempDir, now: Time, lies: Option<(i64, bool)>) -> Self {
        let (signer, at) = (Signer::new(1), dir.path().join("globex.json"));
        let marks = SharedMarks::read(dir.path()).expect("whole");
        let kept = marks.of(&signer.key());
        let file = SharedListFile::at(source(&signer.key(), at)).not_before(kept);
        let lists = SharedLists::within(TimeDelta::days(30));
        Self { dir, file, marks, lists, now, lies, in_force: None, kept }
    }

    fn happens(mut self, act: Act) -> Self {
        match act {
            Act::Lay(day, signed) => {
                lay(&self.dir.path().join("globex.json"), &list(day), &signature(day, signed));
                Self { lies: Some((day, matches!(signed, Signed::Well))), ..self }
            }
            Act::Look => {
                self.look();
                self
            }
            Act::Restart(is_kept) => {
                if is_kept {
                    self.marks.keep().expect("written");
                }
                let known = self.kept;
                let next = Self::start(self.dir, self.now, self.lies);
                // What nobody could write down nobody knows, and what was written before stays.
                assert!(!is_kept || next.kept == known, "{:?} {known:?}", next.kept);
                next
            }
            Act::Pass(days) => Self { now: self.now + TimeDelta::days(days), ..self },
        }
    }

    fn look(&mut self) {
        let looked = self.file.look(self.now);
        let made = |day: i64| noon() - TimeDelta::days(day);
        let good = self.lies.filter(|(day, is_signed)| *is_signed && self.kept.is_none_or(|kept| made(*day) >= kept));
        match looked {
            Ok(Some(list)) => {
                assert_eq!(Some(list.made_at), good.map(|(day, _)| made(day)), "{:?}", self.lies);
                self.marks.set(&Signer::new(1).key(), list.made_at);
                (self.in_force, self.kept) = (Some(list.made_at), Some(list.made_at));
                self.lists.set("globex".to_owned(), list);
            }
            Ok(None) => assert!(self.in_force.is_some(), "nothing speaks, and nothing is said"),
            Err(why) => assert!(good.is_none(), "{why}"),
        }
        // The list is of the first, however many lie there after it.
        let is_young = self.in_force.is_some_and(|made| self.now - made <= TimeDelta::days(30));
        for (project, digit, is_named) in [("widgets", "a", true), ("widgets", "b", false), ("gadgets", "a", false)] {
            let speaks = self.lists.speak_for(&name(project), &digit.repeat(64), self.now);
            assert_eq!(speaks, is_young && is_named, "{project} {digit} of {:?} at {}", self.in_force, self.now);
        }
        assert_eq!(self.lists.silent(self.now).is_some(), self.in_force.is_some() && !is_young);
        assert_eq!(self.lists.speaking(self.now), usize::from(is_young));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn what_is_forged_old_or_brought_back_has_no_voice(acts in prop::collection::vec(act(), 1..24)) {
        let mut place = Place::start(tempfile::tempdir().expect("a directory"), noon(), None);
        for act in acts {
            place = place.happens(act);
        }
    }

    /// Nothing of a list or of its signature can be another, but for the line that nobody signs.
    #[test]
    fn not_a_bit_of_what_was_signed_is_another(at in any::<prop::sample::Index>(), bit in 0_u8..8, of_list in any::<bool>()) {
        let (list, signer) = (list(1), Signer::new(1));
        let signature = signer.sign(&list);
        let unsigned = signature.find('\n').expect("lines");
        let (mut one, mut other) = (list.clone().into_bytes(), signature.clone().into_bytes());
        let changed = if of_list { &mut one } else { &mut other };
        let at = if of_list { at.index(changed.len()) } else { unsigned + 1 + at.index(changed.len() - unsigned - 1) };
        changed[at] ^= 1 << bit;
        let source = source(&signer.key(), PathBuf::new());
        let read = opened(&source, &one, &other, noon());
        // What base64 and lines leave open is no other signature.
        prop_assert!(read.is_err() || !of_list && signed_alike(&signature, &other), "{at} {bit}");
    }
}

/// The same two signatures and the same trusted comment, as they are decoded.
fn signed_alike(one: &str, other: &[u8]) -> bool {
    let Ok(other) = str::from_utf8(other) else { return false };
    let lines = |text: &str| text.lines().skip(1).map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
    lines(one) == lines(other)
}
