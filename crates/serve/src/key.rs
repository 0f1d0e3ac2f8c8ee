//! Keys that clients show.

use std::fmt;

use subtle::{Choice, ConstantTimeEq};

use crate::{Error, Result};

/// The keys of which a client must show one. Without any, everybody may ask.
#[derive(Clone, Default)]
pub struct Keys(Vec<String>);

impl Keys {
    /// Keys from the lines of a text; empty lines are none.
    ///
    /// # Errors
    /// If there is none, or one has a character that the head of a request cannot carry.
    pub fn from_lines(text: &str) -> Result<Self> {
        let keys: Vec<String> =
            text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
        if keys.is_empty() {
            return Err(Error::Key("there is no key: write one a line".into()));
        }
        match keys.iter().position(|key| !key.bytes().all(|byte| byte.is_ascii_graphic())) {
            Some(place) => Err(Error::Key(format!(
                "key number {} has a character that no header can carry: use letters, digits and signs of \
                 ASCII",
                place + 1
            ))),
            None => Ok(Self(keys)),
        }
    }

    /// Whether everybody may ask.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of them was shown. It takes as long whichever it is, and wherever a wrong one differs; the
    /// length of a key is no secret.
    pub(crate) fn admit(&self, shown: Option<&[u8]>) -> bool {
        let shown = shown.unwrap_or_default();
        let found = self.0.iter().fold(Choice::from(0), |found, key| found | key.as_bytes().ct_eq(shown));
        self.is_empty() || found.into()
    }
}

/// Keys are not shown.
impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} keys", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_the_keys_admits() {
        let keys = Keys::from_lines("secret-one\n\n  secret-two \r\n").unwrap();
        let check = |shown: Option<&str>, expect| {
            assert_eq!(keys.admit(shown.map(str::as_bytes)), expect, "{shown:?}");
        };
        check(Some("secret-one"), true);
        check(Some("secret-two"), true);
        check(Some("secret-"), false);
        check(Some("secret-one "), false);
        check(Some(""), false);
        check(None, false);
        assert!(Keys::default().admit(None) && Keys::default().admit(Some(b"any")));
        assert_eq!(format!("{keys:?}"), "2 keys");
    }

    #[test]
    fn keys_that_cannot_be_shown_are_refused() {
        let check = |text: &str, expect: &str| {
            assert!(Keys::from_lines(text).unwrap_err().to_string().contains(expect), "{text:?}");
        };
        check(" \n", "there is no key");
        check("fine\nschlüssel", "key number 2");
        check("two words", "key number 1");
    }
}
