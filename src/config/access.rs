//! Why a file is closed to this process, and what opens it: which group, which user. Asked of the kernel and of this
//! machine's own lists of users and groups; those of a directory service are not in them, and are told by number.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

const USERS: &str = "/etc/passwd";
const GROUPS: &str = "/etc/group";

/// Who runs this process.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Myself {
    uid: u32,
    /// Those of the process, the main one included.
    gids: Vec<u32>,
}

/// Where a path is barred, and by whom it may be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Bar {
    uid: u32,
    gid: u32,
    /// Does it open to its group?
    to_group: bool,
}

/// What opens a path that the kernel has refused: a sentence for people, without a full stop.
pub fn remedy(path: &Path) -> String {
    let (users, groups) = (list(USERS), list(GROUPS));
    match (myself(), bar(path)) {
        (Some(me), Some(bar)) => advice(&me, &bar, &users, &groups),
        _ => "ask as root: sudo".to_owned(),
    }
}

/// The same of a file that the service and its people are to read, which holds no secret: root can open it to them.
pub fn of_service(path: &Path) -> String {
    let (asked, shown) = (remedy(path), path.display());
    match bar(path) {
        Some(bar) if !bar.to_group => {
            let group = group_beside(path);
            format!("{asked}; or have root open it to the group: chgrp {group} {shown}; chmod 640 {shown}")
        }
        _ => asked,
    }
}

/// To whom a path is closed, by name: whoever asks a daemon hears what the daemon was refused, which is another user.
pub fn refused_user() -> String {
    myself().map_or_else(
        || "this user".to_owned(),
        |me| format!("the user {}", name_of(&list(USERS), me.uid).unwrap_or_else(|| me.uid.to_string())),
    )
}

/// The group that the directory of a file is for: that of its people, whatever they call it.
fn group_beside(path: &Path) -> String {
    let dir = path.parent().and_then(|dir| std::fs::metadata(dir).ok()).filter(|dir| dir.gid() != 0);
    dir.map_or_else(
        || "namewarden".to_owned(),
        |dir| name_of(&list(GROUPS), dir.gid()).unwrap_or_else(|| dir.gid().to_string()),
    )
}

/// Whose a path is, as `sudo -u` takes it, where that is not this process's user. `None` as well where nobody can tell.
pub fn other_owner(path: &Path) -> Option<String> {
    let (me, bar) = (myself()?, bar(path)?);
    (me.uid != bar.uid).then(|| sudoer(&list(USERS), bar.uid))
}

/// A user for `sudo -u`: a number stands behind `#`, which a shell must not see.
fn sudoer(users: &str, uid: u32) -> String {
    name_of(users, uid).unwrap_or_else(|| format!("'#{uid}'"))
}

/// The name of a user or a group by its number: the third field of a line of passwd(5) and group(5).
pub fn name_of(list: &str, number: u32) -> Option<String> {
    list.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, id) = (fields.next()?, fields.nth(1)?);
        (id.parse() == Ok(number)).then(|| name.to_owned())
    })
}

fn list(path: &str) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// The effective user and the groups, from `/proc/self/status` (proc_pid_status(5)).
fn myself() -> Option<Myself> {
    let status = list("/proc/self/status");
    let numbers = |label: &str| -> Vec<u32> {
        let line = status.lines().find_map(|line| line.strip_prefix(label));
        line.into_iter().flat_map(str::split_whitespace).filter_map(|word| word.parse().ok()).collect()
    };
    let (uid, gid) = (*numbers("Uid:").get(1)?, *numbers("Gid:").get(1)?);
    Some(Myself { uid, gids: std::iter::once(gid).chain(numbers("Groups:")).collect() })
}

/// The last part of the path that can be looked at: it is what does not let through, or is not for us to use.
fn bar(path: &Path) -> Option<Bar> {
    let mut parts: Vec<&Path> = path.ancestors().filter(|part| !part.as_os_str().is_empty()).collect();
    parts.reverse();
    let seen = parts.into_iter().map_while(|part| std::fs::metadata(part).ok()).last()?;
    let bit = if seen.is_dir() { 0o010 } else { 0o040 };
    Some(Bar { uid: seen.uid(), gid: seen.gid(), to_group: seen.mode() & bit != 0 && seen.gid() != 0 })
}

fn advice(me: &Myself, bar: &Bar, users: &str, groups: &str) -> String {
    let name = |list: &str, id: u32| name_of(list, id).unwrap_or_else(|| id.to_string());
    let (group, ada) = (name(groups, bar.gid), name(users, me.uid));
    let owner = match bar.uid {
        0 => "ask as root: sudo COMMAND".to_owned(),
        uid => format!("ask as its owner: sudo -u {} COMMAND", sudoer(users, uid)),
    };
    if !bar.to_group || me.gids.contains(&bar.gid) {
        return owner;
    }
    if is_listed(groups, bar.gid, &ada) {
        return format!("{ada} joined the group {group} after this session began: log in again");
    }
    format!("it is for the group {group}: sudo usermod -aG {group} {ada}, and log in again; or {owner}")
}

/// Is the user among the members that group(5) lists?
fn is_listed(groups: &str, gid: u32, user: &str) -> bool {
    groups.lines().any(|line| {
        let mut fields = line.split(':').skip(2);
        let id = fields.next().and_then(|id| id.parse().ok());
        id == Some(gid) && fields.next().is_some_and(|members| members.split(',').any(|member| member == user))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\nbroken\nnamewarden:x:998:998::/var/lib/namewarden:/sbin/nologin\n\
                          ada:x:1001:1001::/home/ada:/bin/sh\n";
    const GROUP: &str = "root:x:0:\nnamewarden:x:998:bob,eve\nada:x:1001:\n";

    #[test]
    fn the_number_is_the_third_field() {
        assert_eq!(name_of(PASSWD, 1001).as_deref(), Some("ada"));
        assert_eq!(name_of(PASSWD, 0).as_deref(), Some("root"));
        assert_eq!(name_of(PASSWD, 1002), None);
    }

    #[test]
    fn each_kind_of_closed_door_has_its_own_remedy() {
        let ada = Myself { uid: 1001, gids: vec![1001] };
        let door = Bar { uid: 998, gid: 998, to_group: true };
        let said = |me: &Myself, bar: &Bar, groups: &str| advice(me, bar, PASSWD, groups);
        insta::assert_snapshot!(said(&ada, &door, GROUP), @"it is for the group namewarden: sudo usermod -aG namewarden ada, and log in again; or ask as its owner: sudo -u namewarden COMMAND");
        let joined = GROUP.replace("bob,eve", "bob,ada");
        insta::assert_snapshot!(said(&ada, &door, &joined), @"ada joined the group namewarden after this session began: log in again");
        let member = Myself { uid: 1001, gids: vec![1001, 998] };
        insta::assert_snapshot!(said(&member, &door, &joined), @"ask as its owner: sudo -u namewarden COMMAND");
        let secret = Bar { uid: 0, gid: 0, to_group: false };
        insta::assert_snapshot!(said(&ada, &secret, GROUP), @"ask as root: sudo COMMAND");
        let elsewhere = Bar { uid: 4711, gid: 4712, to_group: true };
        insta::assert_snapshot!(said(&ada, &elsewhere, GROUP), @"it is for the group 4712: sudo usermod -aG 4712 ada, and log in again; or ask as its owner: sudo -u '#4711' COMMAND");
    }

    #[test]
    fn this_process_knows_itself() {
        let me = myself().expect("Linux");
        assert_eq!(std::fs::metadata("/proc/self").expect("is there").uid(), me.uid);
        assert!(!me.gids.is_empty());
    }
}
