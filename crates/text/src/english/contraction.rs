//! Words that the rules name: contractions, which are cut, and words whose marks belong to them.

/// The longest contraction, "shouldn't've", has twelve letters.
const LONGEST: usize = 13;

/// Words whose marks belong to them, in lower case or with a capital at the beginning.
fn is_marked(letters: &str) -> bool {
    let is_dropped = |stem| matches!(stem, "do" | "go" | "hav" | "lov" | "noth" | "nuth" | "someth");
    matches!(
        letters,
        "'cause"
            | "'cos"
            | "'coz"
            | "'cuz"
            | "'bout"
            | "'em"
            | "'nuff"
            | "'ll"
            | "'re"
            | "'s"
            | "'d"
            | "ma'am"
            | "o'clock"
            | "ol'"
            | "and/or"
            | "w/o"
            | "c++"
            | "a.m."
            | "p.m."
            | "i.e."
            | "e.g."
            | "vs."
            | "v.s."
            | "co."
            | "''"
    ) || letters.strip_suffix("in'").is_some_and(is_dropped)
}

/// Abbreviations as they are written, without the full stop.
fn is_abbreviation(word: &str) -> bool {
    const WORDS: [&str; 68] = [
        "Mr", "Mrs", "Ms", "Dr", "St", "Jr", "Messrs", "Prof", "Rev", "Sen", "Gov", "Gen", "Rep", "Adm",
        "Ph.D", "Mt", "Co", "Corp", "Inc", "Ltd", "Bros", "Jan", "Feb", "Mar", "Apr", "Jun", "Jul", "Aug",
        "Sep", "Sept", "Oct", "Nov", "Dec", "Ak", "Ala", "Ariz", "Ark", "Calif", "Colo", "Conn", "Del",
        "Fla", "Ga", "Ia", "Id", "Ill", "Ind", "Kan", "Kans", "Ky", "La", "Mass", "Md", "Mich", "Minn",
        "Miss", "Mo", "Mont", "Neb", "Nebr", "Nev", "Okla", "Ore", "Pa", "Tenn", "Va", "Wash", "Wis",
    ];
    WORDS.contains(&word)
}

/// A quick look at a word of letters alone: false for what is surely no contraction.
pub(super) fn may_be(word: &str) -> bool {
    let bytes = word.as_bytes();
    match bytes {
        [.., b'm' | b'M'] => bytes.len() == 2,
        [.., b't'] => bytes.len() <= LONGEST && bytes.ends_with(b"nt") || word.eq_ignore_ascii_case("cannot"),
        [.., b'd' | b's'] => bytes.len() <= 6,
        [.., b'l'] => bytes.ends_with(b"ll") && bytes.len() <= 7,
        [.., b'e'] => bytes.len() <= LONGEST && (bytes.ends_with(b"ve") || bytes.ends_with(b"re")),
        [.., b'a'] => bytes.len() == 5,
        _ => false,
    }
}

/// Where a contraction is cut, in bytes; 0 stands for no second cut. `None` if it is no contraction.
pub(super) fn cuts(word: &str) -> Option<[usize; 2]> {
    if !matches!(word.as_bytes().last(), Some(b't' | b'm' | b's' | b'e' | b'd' | b'l' | b'a' | b'n' | b'.')) {
        return None;
    }
    let spelled = Spelled::new(word)?;
    let letters = spelled.letters();
    let place = |cut: usize| spelled.places.get(cut).copied().map(usize::from);
    let one = |cut: usize| Some([place(cut)?, 0]);
    match letters {
        "cannot" | "gonna" | "gotta" | "c'mon" => return one(3),
        "y'all" => return one(2),
        "yall" => return one(1),
        _ => (),
    }
    if letters.contains('\'') {
        if let Some(rest) = letters.strip_suffix("'ve")
            && let Some(cut) = cut(rest, "'").filter(|cut| stacks(&rest[*cut..]))
        {
            return Some([place(cut)?, place(rest.len())?]);
        }
        return one(cut(letters, "'")?);
    }
    // Words of their own.
    if matches!(
        letters,
        "its" | "ill" | "hell" | "shell" | "shed" | "well" | "were" | "whore" | "lets" | "id" | "wed"
    ) {
        return None;
    }
    if let Some(rest) = letters.strip_suffix("ve")
        && let Some(cut) = cut(rest, "").filter(|cut| stacks(&rest[*cut..]))
    {
        return Some([place(cut)?, place(rest.len())?]);
    }
    let clock = letters.strip_suffix("am").or_else(|| letters.strip_suffix("pm"));
    if let Some(hour) =
        clock.or_else(|| letters.strip_suffix("a.m.").or_else(|| letters.strip_suffix("p.m.")))
        && hour.parse().is_ok_and(|hour: u8| (1..=12).contains(&hour))
        && !hour.starts_with('0')
    {
        return one(hour.len());
    }
    one(cut(letters, "")?)
}

/// Whether 've can follow this ending.
fn stacks(ending: &str) -> bool {
    matches!(ending.trim_start_matches('\''), "n't" | "nt" | "d" | "ll")
}

/// Where a contraction of two parts is cut.
fn cut(letters: &str, apostrophe: &str) -> Option<usize> {
    let negated = if apostrophe.is_empty() { "nt" } else { "n't" };
    if let Some(host) = letters.strip_suffix(negated) {
        return is_negated(host).then_some(host.len());
    }
    let ending = ["m", "s", "re", "d", "ll", "ve"].into_iter().find(|ending| letters.ends_with(ending))?;
    let host = letters.strip_suffix(ending)?.strip_suffix(apostrophe)?;
    let question = matches!(host, "what" | "when" | "where" | "who" | "why" | "how" | "there");
    let plural = matches!(host, "you" | "we" | "they" | "these" | "those");
    let single = matches!(host, "he" | "she" | "it" | "this" | "that");
    let fits = match ending {
        "m" => host == "i",
        "s" => question || single || (host == "let" && !apostrophe.is_empty()),
        "re" => question || plural,
        "ve" => {
            question
                || plural
                || matches!(host, "i" | "could" | "should" | "would" | "might" | "must" | "not")
        }
        _ => question || plural || single || host == "i",
    };
    fits.then_some(host.len())
}

/// Whether "n't" follows this.
fn is_negated(host: &str) -> bool {
    const WORDS: [&str; 23] = [
        "do", "did", "does", "is", "was", "are", "were", "ca", "could", "wo", "would", "should", "sha",
        "has", "have", "had", "ai", "dare", "may", "might", "must", "need", "ought",
    ];
    WORDS.contains(&host)
}

/// Whether a word's marks belong to it.
pub(super) fn is_whole(word: &str) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric();
    let [first, .., last] = word.as_bytes() else { return false };
    if word.len() > 12
        || (plain(first)
            && plain(last)
            && word.bytes().all(|byte| byte != b'/' && byte < 128 && byte != b'\''))
    {
        return false;
    }
    if let Some(name) = word.strip_suffix('.') {
        let single = name.len() == 1 && name.starts_with(|first: char| first.is_ascii_lowercase());
        if single || is_abbreviation(name) {
            return true;
        }
    }
    Spelled::new(word).is_some_and(|spelled| is_marked(spelled.letters()))
}

/// A word in lower case with plain apostrophes, and where each letter stands in it.
struct Spelled {
    letters: [u8; LONGEST],
    places: [u8; LONGEST],
    length: usize,
}

impl Spelled {
    /// `None` for what is too long, not ASCII but for apostrophes, or in capitals beyond the first letter.
    fn new(word: &str) -> Option<Self> {
        let mut spelled = Self { letters: [0; LONGEST], places: [0; LONGEST], length: 0 };
        let mut seen = false;
        for (place, character) in word.char_indices() {
            let letter = match character {
                '’' => b'\'',
                upper @ 'A'..='Z' if !seen => upper.to_ascii_lowercase() as u8,
                'A'..='Z' => return None,
                other => u8::try_from(other).ok().filter(u8::is_ascii)?,
            };
            seen |= letter.is_ascii_alphabetic();
            *spelled.letters.get_mut(spelled.length)? = letter;
            *spelled.places.get_mut(spelled.length)? = place as u8;
            spelled.length += 1;
        }
        Some(spelled)
    }

    fn letters(&self) -> &str {
        self.letters.get(..self.length).and_then(|letters| str::from_utf8(letters).ok()).unwrap_or_default()
    }
}
