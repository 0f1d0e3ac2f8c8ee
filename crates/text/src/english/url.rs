//! Addresses in the web and of mail.

/// Whether this is an address that says so itself: by a scheme or by `www.`. It does not end in a mark of the
/// sentence.
pub(super) fn has_scheme(word: &str) -> bool {
    let marked = word.contains("://") || word.starts_with("www.");
    marked
        && !word.ends_with(['.', ',', ';', ':', '!', '?', ')', ']', '}', '>', '\'', '"', '”', '’', '…'])
        && is_one(word)
}

/// Whether this is an address as a whole: a scheme, a user, names joined by dots of which the last is two
/// small letters or more (or four numbers), a port and a path, all but the names at will.
pub(super) fn is_one(word: &str) -> bool {
    if !word.contains('.') {
        return false;
    }
    let rest = match word.split_once("://") {
        Some((scheme, rest)) if is_scheme(scheme) => rest,
        _ => word,
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, _) = rest.split_at(end);
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host = match host.rsplit_once(':') {
        Some((host, port)) if (2..=5).contains(&port.len()) && port.bytes().all(|b| b.is_ascii_digit()) => {
            host
        }
        Some(_) => return false,
        None => host,
    };
    let Some((names, last)) = host.rsplit_once('.') else { return false };
    if names.split('.').all(|name| name.parse::<u8>().is_ok()) && names.split('.').count() == 3 {
        return last.parse::<u8>().is_ok();
    }
    let top = last.chars().count() >= 2 && last.chars().all(char::is_lowercase);
    top && names.split('.').all(is_name)
}

fn is_scheme(scheme: &str) -> bool {
    scheme.len() >= 2 && scheme.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '+' | '-' | '.'))
}

fn is_name(name: &str) -> bool {
    let inner = |character: char| is_letter(character) || matches!(character, '-' | '_');
    name.chars().all(inner) && name.starts_with(is_letter) && name.ends_with(is_letter)
}

fn is_letter(character: char) -> bool {
    character.is_ascii_alphanumeric() || character >= '\u{a1}'
}
