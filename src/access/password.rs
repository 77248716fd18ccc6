//! Passwords: kept as Argon2id hashes, and compared so that nobody learns from the time which accounts there are.

use std::sync::LazyLock;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};

use super::random::random;
use super::refusal::AccessRefusal;
use crate::model::UserName;

/// 19 MiB, two passes, one lane: OWASP, "Password Storage Cheat Sheet".
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);
/// Shortest and longest, bytes.
const LENGTH: std::ops::RangeInclusive<usize> = 12..=1024;

/// What unknown accounts are compared with.
static NOBODYS: LazyLock<String> = LazyLock::new(|| {
    let password = random().unwrap_or_default();
    hashed(&password).unwrap_or_default()
});

/// Is it good enough for this account? Length alone makes it (NIST SP 800-63B, 5.1.1.2).
///
/// # Errors
/// What is wrong with it.
pub fn check(password: &str, of: &UserName) -> Result<(), AccessRefusal> {
    let kinds = password.chars().collect::<std::collections::BTreeSet<_>>().len();
    if !LENGTH.contains(&password.len()) {
        return Err(AccessRefusal::Weak("a password has 12 to 1024 characters"));
    }
    if kinds < 5 || password.to_lowercase().contains(of.as_str()) && password.len() < of.as_str().len() + LENGTH.start()
    {
        return Err(AccessRefusal::Weak("this password is one of the first that anybody would try"));
    }
    Ok(())
}

/// As it is kept: a PHC string. Takes tens of milliseconds and 19 MiB.
///
/// # Errors
/// No random salt, or no memory.
pub fn hashed(password: &str) -> Result<String, AccessRefusal> {
    let mut salt = [0_u8; 16];
    getrandom::fill(&mut salt)?;
    let failed = |error: String| AccessRefusal::Hash(error);
    let argon2 = argon2().map_err(|e| failed(e.to_string()))?;
    let hash: PasswordHash =
        argon2.hash_password_with_salt(password.as_bytes(), &salt).map_err(|e| failed(e.to_string()))?;
    Ok(hash.to_string())
}

/// Is it this one? Takes as long where there is none.
pub fn is(password: &str, hash: Option<&str>) -> bool {
    let known = hash.and_then(|hash| PasswordHash::new(hash).ok());
    let there = known.is_some();
    let Some(hash) = known.or_else(|| PasswordHash::new(&NOBODYS).ok()) else { return false };
    argon2().is_ok_and(|argon2| argon2.verify_password(password.as_bytes(), &hash).is_ok()) && there
}

fn argon2() -> Result<Argon2<'static>, argon2::Error> {
    let (memory, passes, lanes) = COST;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(memory, passes, lanes, None)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_kept_as_argon2id_with_a_salt_of_its_own() {
        let (one, two) =
            (hashed("correct horse battery").expect("hashed"), hashed("correct horse battery").expect("hashed"));
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$") && one != two, "{one}");
        assert!(is("correct horse battery", Some(&one)) && !is("correct horse batterz", Some(&one)));
        assert!(!is("", Some(&one)) && !is("correct horse battery", Some("nonsense")) && !is("", None));
    }

    /// The time that it takes is that of these numbers; a clock would tell more of who else runs on the machine.
    #[test]
    fn nobody_is_compared_at_the_cost_of_somebody() {
        let cost = |hash: &str| hash.rsplitn(3, '$').last().map(str::to_owned);
        let of_somebody = hashed("correct horse battery").expect("hashed");
        assert!(cost(&of_somebody).is_some_and(|cost| cost.contains("m=19456,t=2,p=1")));
        assert_eq!(cost(&NOBODYS), cost(&of_somebody));
    }

    #[test]
    fn what_anybody_would_try_is_refused() {
        let ada = "ada".parse().expect("a name");
        let good = |password: &str| check(password, &ada).is_ok();
        assert!(good("correct horse battery") && good(&random().expect("bits")));
        for weak in ["", "short", "aaaaaaaaaaaaaaa", "abababababab", "ada123456789", &"x1y2z".repeat(300)] {
            assert!(!good(weak), "{weak:?}");
        }
    }
}
