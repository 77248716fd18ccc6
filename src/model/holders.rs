//! Who holds a project.

/// Each user once, in order: PyPI lists roles, and who is owner and maintainer has two. What is kept of a look-up has both,
/// as its comparison with the next one needs.
pub fn holders(users: &[String]) -> Vec<String> {
    let first = |(at, user): (usize, &String)| (!users[..at].contains(user)).then(|| user.clone());
    users.iter().enumerate().filter_map(first).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_two_roles_is_one_holder_at_the_place_of_the_first() {
        let users = ["mallory", "eve", "mallory", "bob", "eve"].map(str::to_owned);
        assert_eq!(holders(&users), ["mallory", "eve", "bob"]);
        assert!(holders(&[]).is_empty());
    }
}
