//! Numbers with their nouns, for people.

use std::fmt::Display;

/// `1 watch`, `2 watches`, `0 watches`.
pub fn count<N: Display + PartialEq + From<u8>>(n: N, one: &str, many: &str) -> String {
    let noun = if n == N::from(1) { one } else { many };
    format!("{n} {noun}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_the_only_one() {
        let said = [0_u64, 1, 2, 11, 21].map(|n| count(n, "watch", "watches"));
        assert_eq!(said, ["0 watches", "1 watch", "2 watches", "11 watches", "21 watches"]);
    }
}
