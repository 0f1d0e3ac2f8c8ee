//! Addresses: what is asked, and what may be told of it.

use std::borrow::Cow;

/// The hub's address, parted from the user's name and password that may stand in it.
pub(crate) struct Endpoint {
    address: String,
    user: Option<String>,
}

impl Endpoint {
    /// Takes `http://` or `https://`, perhaps `USER:PASSWORD@`, and the rest. `None` if it is something else.
    pub(crate) fn parse(words: &str) -> Option<Self> {
        let (scheme, rest) = words.split_once("://")?;
        let (user, place) = match rest.rsplit_once('@') {
            Some((user, place)) => (Some(user.to_owned()), place),
            None => (None, rest),
        };
        // Of a password with one of these nobody can say where it ends.
        let is_torn = user.as_ref().is_some_and(|user| user.contains(['/', '?', '#', '@']));
        if !["http", "https"].contains(&scheme) || place.is_empty() || is_torn {
            return None;
        }
        Some(Self { address: format!("{scheme}://{place}"), user })
    }

    /// The address without user and password.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Whether an address is the hub's own.
    pub(crate) fn owns(&self, url: &str) -> bool {
        url.strip_prefix(self.address.as_str()).is_some_and(|rest| rest.starts_with('/'))
    }

    /// The address to ask at: with user and password where it is the hub's own, which the client sends as
    /// Basic authorization.
    pub(crate) fn asked<'u>(&self, url: &'u str) -> Cow<'u, str> {
        match (&self.user, url.split_once("://")) {
            (Some(user), Some((scheme, rest))) if self.owns(url) => {
                format!("{scheme}://{user}@{rest}").into()
            }
            _ => url.into(),
        }
    }

    /// A message of others without user and password.
    pub(crate) fn hushed(&self, message: &str) -> String {
        match &self.user {
            Some(user) => message.replace(&format!("{user}@"), ""),
            None => message.to_owned(),
        }
    }
}

/// An address as it may be told: without user and password, and without a query, which may hold a signature.
/// Other words stay as they are.
pub(crate) fn told(url: &str) -> Cow<'_, str> {
    let Some((scheme, rest)) = url.split_once("://") else { return url.into() };
    let place = rest.split(['?', '#']).next().unwrap_or_default();
    let place = match place.rsplit_once('@') {
        Some((_, place)) => place,
        // Perhaps a password with a question mark.
        None if rest.contains('@') => "…",
        None => place,
    };
    format!("{scheme}://{place}").into()
}

/// Scheme and host of an address, with a user if there is one.
pub(crate) fn origin(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url[start..].find('/').map_or(url.len(), |at| start + at);
    &url[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins() {
        assert_eq!(origin("https://a.b/c/d?e"), "https://a.b");
        assert_eq!(origin("http://127.0.0.1:80"), "http://127.0.0.1:80");
    }

    #[test]
    fn the_hub_knows_its_own() {
        for words in ["https://hub.example", "https://user:secret@hub.example"] {
            let endpoint = Endpoint::parse(words).unwrap();
            assert!(endpoint.owns("https://hub.example/a/b"));
            for foreign in
                ["https://hub.example.evil/a", "https://cdn.example/a", "https://hub.example@cdn/a"]
            {
                assert!(!endpoint.owns(foreign));
                assert_eq!(endpoint.asked(foreign), foreign);
            }
        }
    }

    #[test]
    fn a_password_is_asked_with_and_never_told() {
        let endpoint = Endpoint::parse("https://user:s%40cret@hub.example/mirror").unwrap();
        assert_eq!(endpoint.address(), "https://hub.example/mirror");
        let asked = endpoint.asked("https://hub.example/mirror/a").into_owned();
        assert_eq!(asked, "https://user:s%40cret@hub.example/mirror/a");
        assert_eq!(endpoint.hushed(&format!("bad uri: {asked}")), "bad uri: https://hub.example/mirror/a");
        for wrong in
            ["user:secret@host", "ftp://host", "https://", "https://user:se/cret@host", "https://a:b@"]
        {
            assert!(Endpoint::parse(wrong).is_none(), "{wrong}");
        }
        for (url, expect) in [
            ("https://u:secret@host/a?signature=x", "https://host/a"),
            ("https://u:s/ecret@host/a", "https://host/a"),
            ("https://u:s?ecret@host/a", "https://…"),
            ("https://host/a", "https://host/a"),
            ("owner/name@v1", "owner/name@v1"),
        ] {
            assert_eq!(told(url), expect);
        }
    }
}
