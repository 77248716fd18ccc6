//! A plain model of accounts: what was said last of everything.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use crate::model::{Role, Time};

/// Whom the daemon runs as.
pub(super) const SERVICE: u32 = 990;

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub(super) enum Asking {
    /// A user of this machine at the socket.
    User(u32),
    /// Whoever signed in by this account, or was signed in by it once.
    Signed(&'static str),
    /// A program of this account.
    Program(&'static str),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Person {
    pub(super) role: Role,
    pub(super) uid: Option<u32>,
}

/// What was said last of everything.
#[derive(Default)]
pub(super) struct Said {
    pub(super) hours: i64,
    pub(super) people: BTreeMap<&'static str, Person>,
    pub(super) tokens: Vec<SaidToken>,
    pub(super) sessions: Vec<SaidSession>,
    pub(super) links: Vec<SaidLink>,
}

pub(super) struct SaidToken {
    pub(super) id: i64,
    pub(super) text: String,
    /// `None`: it was ended.
    pub(super) whose: Option<&'static str>,
    pub(super) scope: Role,
    pub(super) until: i64,
}

pub(super) struct SaidSession {
    pub(super) cookie: String,
    pub(super) whose: Option<&'static str>,
    pub(super) began: i64,
}

pub(super) struct SaidLink {
    pub(super) code: String,
    pub(super) whose: Option<&'static str>,
    pub(super) made: i64,
}

impl Said {
    pub(super) fn now(&self) -> Time {
        chrono::DateTime::from_timestamp(1_800_000_000, 0).expect("a time") + TimeDelta::hours(self.hours)
    }

    pub(super) fn accounts(&self, of: Asking) -> Vec<(&'static str, Role)> {
        let mine = |(name, person): (&&'static str, &Person)| match of {
            Asking::User(uid) => (person.uid == Some(uid)).then_some((*name, person.role)),
            Asking::Signed(own) | Asking::Program(own) => (*name == own).then_some((*name, person.role)),
        };
        self.people.iter().filter_map(mine).collect()
    }

    /// Root, the daemon and admins may; their own, where that may be, everybody; no program.
    pub(super) fn may(&self, asking: Asking, of: &str, own: bool) -> bool {
        let mine = self.accounts(asking);
        match asking {
            Asking::Program(_) => false,
            Asking::User(0 | SERVICE) => true,
            _ => mine.iter().any(|(name, role)| *role == Role::Admin || own && *name == of),
        }
    }

    /// Sessions and links end with whatever is done to an account, and tokens with its password and with itself.
    pub(super) fn end(&mut self, name: &'static str, tokens: bool) {
        let gone = |whose: &mut Option<&'static str>| *whose = whose.filter(|whose| *whose != name);
        self.sessions.iter_mut().for_each(|it| gone(&mut it.whose));
        self.links.iter_mut().for_each(|it| gone(&mut it.whose));
        self.tokens.iter_mut().filter(|_| tokens).for_each(|it| gone(&mut it.whose));
    }

    pub(super) fn role_of(&self, token: &SaidToken) -> Option<Role> {
        let person = self.people.get(token.whose?).filter(|_| self.hours < token.until)?;
        Some(person.role.min(token.scope))
    }

    pub(super) fn is_in(&self, session: &SaidSession) -> bool {
        session.whose.is_some() && self.hours < session.began + 8
    }
}
