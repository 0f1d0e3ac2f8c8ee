//! Addresses in the web and of mail.

use super::{Span, looked};

/// Where the signs of addresses stand in a chunk: read once, then each part of the chunk is judged without
/// another look at all of it. Each list is of bytes, ascending.
pub(super) struct Signs {
    schemes: Vec<usize>,
    ats: Vec<usize>,
    colons: Vec<usize>,
    dots: Vec<usize>,
    /// Slashes, question marks and hashes, which end the host.
    ends: Vec<usize>,
    /// Characters that no scheme has.
    beyond_scheme: Vec<usize>,
    /// Characters that no name of a host has; dots are none.
    beyond_name: Vec<usize>,
    /// Characters that no last name has.
    beyond_last: Vec<usize>,
    /// Dots that have no letter before or none after them.
    loose_dots: Vec<usize>,
}

impl Signs {
    pub(super) fn read(chunk: &str) -> Self {
        looked(chunk.len());
        let at = |is: fn(char) -> bool| -> Vec<usize> {
            chunk.char_indices().filter(|(_, character)| is(*character)).map(|(place, _)| place).collect()
        };
        let dots = at(|c| c == '.');
        let lacks_letter = |place: &&usize| {
            let (before, after) = (chunk.get(..**place), chunk.get(**place + 1..));
            !before.is_some_and(|before| before.ends_with(is_letter))
                || !after.is_some_and(|after| after.starts_with(is_letter))
        };
        Self {
            schemes: chunk.match_indices("://").map(|(place, _)| place).collect(),
            ats: at(|c| c == '@'),
            colons: at(|c| c == ':'),
            loose_dots: dots.iter().filter(lacks_letter).copied().collect(),
            dots,
            ends: at(|c| matches!(c, '/' | '?' | '#')),
            beyond_scheme: at(|c| !c.is_alphanumeric() && !matches!(c, '_' | '+' | '-' | '.')),
            beyond_name: at(|c| !is_letter(c) && !matches!(c, '-' | '_' | '.')),
            beyond_last: at(|c| !c.is_lowercase()),
        }
    }

    /// Whether a part of the chunk is an address that says so itself: by a scheme or by `www.`. It does not
    /// end in a mark of the sentence.
    pub(super) fn has_scheme(&self, chunk: &str, (start, end): Span) -> bool {
        let Some(word) = chunk.get(start..end) else { return false };
        // The last two bytes of the scheme's mark must be there too.
        let marked =
            first(&self.schemes, (start, end.saturating_sub(2))).is_some() || word.starts_with("www.");
        marked
            && !word.ends_with(['.', ',', ';', ':', '!', '?', ')', ']', '}', '>', '\'', '"', '”', '’', '…'])
            && self.is_one(chunk, (start, end))
    }

    /// Whether a part of the chunk is an address as a whole: a scheme, a user, names joined by dots of which
    /// the last is two small letters or more (or four numbers), a port and a path, all but the names at will.
    pub(super) fn is_one(&self, chunk: &str, (start, end): Span) -> bool {
        if first(&self.dots, (start, end)).is_none() {
            return false;
        }
        let place = match first(&self.schemes, (start, end.saturating_sub(2))) {
            Some(at) if at >= start + 2 && first(&self.beyond_scheme, (start, at)).is_none() => at + 3,
            _ => start,
        };
        let end = first(&self.ends, (place, end)).unwrap_or(end);
        let host = last(&self.ats, (place, end)).map_or(place, |at| at + 1);
        let end = match last(&self.colons, (host, end)) {
            Some(at) if chunk.get(at + 1..end).is_some_and(is_port) => at,
            Some(_) => return false,
            None => end,
        };
        let Some(dot) = last(&self.dots, (host, end)) else { return false };
        let (Some(names), Some(top)) = (chunk.get(host..dot), chunk.get(dot + 1..end)) else { return false };
        if between(&self.dots, (host, dot)).len() == 2 && names.split('.').all(is_number) {
            return is_number(top);
        }
        top.chars().nth(1).is_some()
            && first(&self.beyond_last, (dot + 1, end)).is_none()
            && first(&self.beyond_name, (host, dot)).is_none()
            && first(&self.loose_dots, (host, dot)).is_none()
            && names.starts_with(is_letter)
            && names.ends_with(is_letter)
    }
}

/// The places of a list that lie in a part.
fn between(places: &[usize], (start, end): Span) -> &[usize] {
    let from = places.partition_point(|place| *place < start);
    let to = places.partition_point(|place| *place < end);
    places.get(from..to).unwrap_or_default()
}

fn first(places: &[usize], part: Span) -> Option<usize> {
    between(places, part).first().copied()
}

fn last(places: &[usize], part: Span) -> Option<usize> {
    between(places, part).last().copied()
}

fn is_port(digits: &str) -> bool {
    (2..=5).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether this is one of an address's four numbers.
fn is_number(word: &str) -> bool {
    word.len() <= 64 && word.parse::<u8>().is_ok()
}

fn is_letter(character: char) -> bool {
    character.is_ascii_alphanumeric() || character >= '\u{a1}'
}
