//! Lower case of a piece.

/// The piece in lower case by Unicode's rules, the final sigma and letters whose lower case is longer or
/// shorter included: itself where it is so already, or else the text that is put into `room`.
#[inline]
pub(crate) fn lowercased<'p>(piece: &'p str, room: &'p mut String) -> &'p str {
    let (mut high, mut upper) = (0, false);
    for byte in piece.bytes() {
        high |= byte;
        upper |= byte.is_ascii_uppercase();
    }
    if high >= 128 {
        return lowercased_beyond_ascii(piece, room);
    }
    if !upper {
        return piece;
    }
    room.clear();
    room.push_str(piece);
    room.make_ascii_lowercase();
    room
}

fn lowercased_beyond_ascii<'p>(piece: &'p str, room: &'p mut String) -> &'p str {
    if piece.chars().all(|character| character.to_lowercase().eq([character])) {
        return piece;
    }
    room.clear();
    room.push_str(&piece.to_lowercase());
    room
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(piece: &str, expect: &str) {
        let mut room = "before".to_owned();
        let found = lowercased(piece, &mut room);
        assert_eq!(found, expect);
        assert_eq!(found, piece.to_lowercase());
        // An unchanged piece is not copied.
        assert_eq!(piece == expect, std::ptr::eq(found, piece));
    }

    #[test]
    fn lower_case() {
        check("", "");
        check("dog", "dog");
        check("Dog_9", "dog_9");
        check("naïve", "naïve");
        check("ÜBER", "über");
        check("İstanbul", "i̇stanbul");
        check("ΟΔΟΣ", "οδος");
        check("ẞ", "ß");
        check("Kelvin \u{212a}", "kelvin k");
        check("Ⱥ", "ⱥ");
        check("日本", "日本");
        check("ǅ", "ǆ");
    }
}
