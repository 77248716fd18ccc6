//! Which numbers of this machine's users are one human's, by its own lists, and which are anybody's. Pure.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::Actor;

/// What the machine says of its users, as far as whoever needs a person has to know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// Who the service runs as: whoever has taken it over must not be able to approve.
    pub own: Option<u32>,
    /// Users that services run as, whatever their number, by the name of each.
    services: BTreeMap<u32, String>,
    lent: Vec<Lent>,
}

/// Why it is not known which human asks, and what to do instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPerson {
    #[error(
        "root is nobody in particular, and this takes a person: ask as yourself, without sudo, as a member of the socket's group"
    )]
    Root,
    #[error(
        "the service's own user is nobody in particular, and this takes a person: ask as yourself, as a member of the socket's group"
    )]
    Own,
    #[error(
        "user {0} is one that services have, as the uploader and the gate do, and this takes a person: ask as yourself, as a member of the \
         socket's group"
    )]
    System(u32),
    #[error(
        "user {uid} is {name}, which a service runs as or nobody can log in as, and this takes a person: ask as yourself, as a \
         member of the socket's group"
    )]
    Servant { uid: u32, name: String },
    #[error(
        "/etc/subuid lends user {uid} to {to}, who can be it at will, and this takes a person: ask as yourself, outside of any \
         user namespace"
    )]
    Lent { uid: u32, to: String },
    #[error(
        "no user of this machine has the number {0}, and this takes a person: ask as a user whom `getent passwd {0}` names, \
         outside of any user namespace"
    )]
    Nameless(u32),
    #[error(
        "who asks cannot be told, since the sandbox of the service hides users: take PrivateUsers= out of its unit"
    )]
    Hidden,
    #[error(
        "who asks cannot be told: ask through the socket, as a user of its machine, or by an account of the web that has a --uid, whose user gave \
         it its password there: `namewarden user password ACCOUNT`"
    )]
    Unknown,
}

/// Numbers that a user may take at will, in a user namespace (subuid(5)): one human is as many users as they like there.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Lent {
    numbers: RangeInclusive<u32>,
    to: String,
    /// Of whoever has them.
    uid: Option<u32>,
}

impl Machine {
    /// Nobody but the daemon's own user is known to be no person.
    pub fn run_by(own: u32) -> Self {
        Self { own: Some(own), ..Self::default() }
    }

    /// By the lists of passwd(5) and subuid(5), and the users that services are configured to run as, by name or number.
    pub fn read(own: Option<u32>, users: &str, lent: &str, services: &[&str]) -> Self {
        let users: Vec<Line<'_>> = users.lines().filter_map(Line::read).collect();
        let number = |name: &str| {
            let known = users.iter().find(|user| user.name == name).map(|user| user.uid);
            known.or_else(|| name.parse().ok())
        };
        let named = services.iter().filter_map(|name| Some((number(name)?, (*name).to_owned())));
        let closed = users.iter().filter(|user| user.is_closed()).map(|user| (user.uid, user.name.to_owned()));
        let lent = lent.lines().filter_map(|line| {
            let mut fields = line.split(':').map(str::trim);
            let (to, first, many) = (fields.next()?, fields.next()?.parse::<u32>().ok()?, fields.next()?);
            let last = first.saturating_add(many.parse::<u32>().ok()?.checked_sub(1)?);
            Some(Lent { numbers: first..=last, to: to.to_owned(), uid: number(to) })
        });
        // Root may be anybody as it is.
        let lent = lent.filter(|lent| lent.uid != Some(0)).collect();
        Self { own, services: closed.chain(named).collect(), lent }
    }

    /// Is it a user, by name or number, as whom somebody can log in?
    pub fn can_log_in(users: &str, user: &str) -> bool {
        let is_it = |line: &Line<'_>| line.name == user || user.parse() == Ok(line.uid);
        users.lines().filter_map(Line::read).any(|line| is_it(&line) && !line.is_closed())
    }

    /// Is this user one human, as far as the machine can say? What a user takes in a namespace of their own has no name, or is
    /// lent to them.
    ///
    /// # Errors
    /// Root, the service's own user, those of other services, and whoever the kernel cannot name stand for anybody.
    pub fn is_a_person(&self, uid: Option<u32>, user: Option<&str>) -> Result<(), NoPerson> {
        match uid {
            None => Err(NoPerson::Unknown),
            Some(0) => Err(NoPerson::Root),
            Some(Actor::UNMAPPED) => Err(NoPerson::Hidden),
            Some(_) if uid == self.own => Err(NoPerson::Own),
            Some(uid) if Actor::is_of_services(uid) => Err(NoPerson::System(uid)),
            Some(uid) => self.is_nobody_elses(uid, user),
        }
    }

    /// Is it root, or a user that services have? Whoever is nobody in a namespace of their own is a person outside of it.
    pub fn is_a_service(&self, uid: Option<u32>, user: Option<&str>) -> bool {
        let service = |why: &NoPerson| {
            matches!(why, NoPerson::Root | NoPerson::Own | NoPerson::System(_) | NoPerson::Servant { .. })
        };
        self.is_a_person(uid, user).err().as_ref().is_some_and(service)
    }

    fn is_nobody_elses(&self, uid: u32, user: Option<&str>) -> Result<(), NoPerson> {
        if let Some(name) = self.service(uid) {
            return Err(NoPerson::Servant { uid, name: name.to_owned() });
        }
        if let Some(to) = self.lent_to(uid) {
            return Err(NoPerson::Lent { uid, to: to.to_owned() });
        }
        user.map(|_| ()).ok_or(NoPerson::Nameless(uid))
    }

    /// The name of the service that runs as this user.
    fn service(&self, uid: u32) -> Option<&str> {
        self.services.get(&uid).map(String::as_str)
    }

    /// Who else can be this user at will.
    fn lent_to(&self, uid: u32) -> Option<&str> {
        let lent = self.lent.iter().find(|lent| lent.numbers.contains(&uid) && lent.uid != Some(uid));
        lent.map(|lent| lent.to.as_str())
    }
}

/// A user of passwd(5).
struct Line<'l> {
    name: &'l str,
    uid: u32,
    shell: &'l str,
}

impl<'l> Line<'l> {
    fn read(line: &'l str) -> Option<Self> {
        let fields: Vec<&str> = line.split(':').collect();
        let uid = fields.get(2)?.parse().ok()?;
        Some(Self { name: fields[0], uid, shell: fields.get(6).copied().unwrap_or_default().trim() })
    }

    /// Can nobody log in as this user? So it is with those of services, whatever their number (useradd(8), `--system`).
    fn is_closed(&self) -> bool {
        matches!(self.shell.rsplit('/').next(), Some("nologin" | "false"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const USERS: &str = "root:x:0:0::/root:/bin/bash\nbroken\nada:x:1001:1001::/home/ada:/bin/sh\n\
                         gate:x:1500:1500::/:/usr/sbin/nologin\nup:x:1600:1600::/:/bin/bash\n";

    #[test]
    fn a_service_is_whoever_is_named_or_cannot_log_in_whatever_the_number() {
        let machine = Machine::read(Some(998), USERS, "", &["up", "1700", "not-there"]);
        let services = [1001, 1500, 1600, 1700, 1800].map(|uid| machine.service(uid));
        assert_eq!(services, [None, Some("gate"), Some("up"), Some("1700"), None]);
    }

    #[test]
    fn what_is_lent_to_oneself_or_to_root_is_nobody_elses() {
        let lent = "root:1000:9\nada:1001:1\nada:4294967295:9\n1600:200000:65536\nx:1:0\nbroken\n#a:b:c\n";
        let machine = Machine::read(None, USERS, lent, &[]);
        assert!(Machine::can_log_in(USERS, "ada") && Machine::can_log_in(USERS, "1600"));
        assert!(!Machine::can_log_in(USERS, "gate") && !Machine::can_log_in(USERS, "not-there"));
        let lent = [1001, 1002, 199_999, 200_000, 265_535, 265_536, u32::MAX].map(|uid| machine.lent_to(uid));
        assert_eq!(lent, [None, None, None, Some("1600"), Some("1600"), None, Some("ada")]);
    }

    proptest! {
        #[test]
        fn any_text_is_read(users in ".{0,80}", lent in "[a:0-9\n]{0,60}", uid in any::<u32>()) {
            let machine = Machine::read(None, &users, &lent, &[]);
            let _ = (machine.service(uid), machine.lent_to(uid));
        }
    }
}
