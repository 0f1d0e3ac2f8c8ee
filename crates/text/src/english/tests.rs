use super::*;

fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut last = 0;
    English.pieces(text, |start, end| {
        assert!(last <= start && start < end, "{text:?} at {start}");
        assert!(text[last..start].trim().is_empty(), "{text:?} loses {:?}", &text[last..start]);
        last = end;
        pieces.push(&text[start..end]);
        ControlFlow::Continue(())
    });
    assert!(text[last..].trim().is_empty(), "{text:?} loses {:?}", &text[last..]);
    pieces
}

/// `fixtures/text/english.json`, made by `fixtures/text/english.py` with spaCy.
#[test]
fn sentences_equal_golden() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/text/english.json");
    let golden: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let cases = golden["cases"].as_array().unwrap();
    assert!(cases.len() > 100, "{} cases", cases.len());
    let mut others = Vec::new();
    for case in cases {
        let expect: Vec<String> = serde_json::from_value(case["tokens"].clone()).unwrap();
        let found = pieces(case["text"].as_str().unwrap());
        if found != expect {
            others.push(format!("{found:?}\nis not {expect:?}"));
        }
    }
    assert!(others.is_empty(), "{}", others.join("\n"));
}

fn check(text: &str, expect: &str) {
    assert_eq!(pieces(text).join(" "), expect);
}

#[test]
fn what_stays_whole_beyond_spacy() {
    check("(#followfriday, #2)", "( #followfriday , # 2 )");
    check("go to http://bit.ly/x2m.", "go to http://bit.ly/x2m .");
    check("❤️❤️ 👩‍🚀👍🏽!", "❤️ ❤️ 👩‍🚀 👍🏽 !");
    check("yes:-))) no;( ok:^) :\\", "yes :-))) no ;( ok :^) :\\");
    check("my id: 8)", "my id : 8 )");
    check("a.b.c@d.org?", "a.b.c@d.org ?");
}

#[test]
fn looks_grow_with_the_text_alone() {
    let units = [
        "(", ")", "[", "'", "\"", "«", "—", ".", "?!", "()", "[)", "a(", "(a", "a)", ":)", ":-))", "8)(",
        "$", "%5", "5%", "://", "a://", "://.", "a.b/", "www.", "@", "_", "#", "*", "-", "--", "+", "❤",
        "é'", "don't", "'s",
    ];
    // What stands at the end of them all, or at the beginning.
    for (before, after) in [("", ""), ("", "a://b.c"), ("www.a.b", ""), ("x://a.b1", "(a.b/://c")] {
        for unit in units {
            let count = |repeats: usize| {
                LOOKED.set(0);
                pieces(&format!("{before}{}{after}", unit.repeat(repeats)));
                LOOKED.get()
            };
            let (once, twice) = (count(400), count(800));
            let bytes = unit.len() * 800 + before.len() + after.len();
            assert!(twice <= 2 * once + 100 && twice <= 8 * bytes, "{before}{unit}{after}: {once} {twice}");
        }
    }
}

/// Addresses as they are read without lists of signs.
fn is_address(word: &str) -> bool {
    let letter = |c: char| c.is_ascii_alphanumeric() || c >= '\u{a1}';
    let in_scheme = |c: char| c.is_alphanumeric() || matches!(c, '_' | '+' | '-' | '.');
    let rest = match word.split_once("://") {
        Some((scheme, rest)) if scheme.len() >= 2 && scheme.chars().all(in_scheme) => rest,
        _ => word,
    };
    let host = rest.split(['/', '?', '#']).next().unwrap();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host = match host.rsplit_once(':') {
        Some((host, port)) if (2..=5).contains(&port.len()) && port.bytes().all(|b| b.is_ascii_digit()) => {
            host
        }
        Some(_) => return false,
        None => host,
    };
    let Some((names, last)) = host.rsplit_once('.') else { return false };
    if names.split('.').count() == 3 && names.split('.').all(|name| name.parse::<u8>().is_ok()) {
        return last.parse::<u8>().is_ok();
    }
    let name = |name: &str| {
        name.chars().all(|c| letter(c) || matches!(c, '-' | '_'))
            && name.starts_with(letter)
            && name.ends_with(letter)
    };
    last.chars().count() >= 2 && last.chars().all(char::is_lowercase) && names.split('.').all(name)
}

#[test]
fn parts_of_chunks_are_judged_as_words_are() {
    let parts = [
        "a", "bc", "D", "7", "255", "0", "é", ".", ".", "..", "://", ":", "/", "?", "#", "@", "-", "_", "+",
        "(", "www.", "a.bc", "«", ":80", "1.2.3.4", "http://",
    ];
    let mut generator = assort_random::Seed::new(5).stream("addresses").generator();
    let mut found = 0;
    for _ in 0..20_000 {
        let count = 1 + generator.below(9);
        let chunk: String = (0..count).map(|_| parts[generator.below(parts.len() as u64) as usize]).collect();
        let signs = url::Signs::read(&chunk);
        for (start, _) in chunk.char_indices() {
            for end in (start + 1..=chunk.len()).filter(|end| chunk.is_char_boundary(*end)) {
                let (word, part) = (&chunk[start..end], (start, end));
                assert_eq!(signs.is_one(&chunk, part), is_address(word), "{word} of {chunk}");
                let marked = (word.contains("://") || word.starts_with("www."))
                    && !word.ends_with(|c| ".,;:!?)]}>'\"”’…".contains(c));
                assert_eq!(signs.has_scheme(&chunk, part), marked && is_address(word), "{word} of {chunk}");
                found += usize::from(is_address(word));
            }
        }
    }
    assert!(found > 1000, "{found} addresses");
}

#[test]
fn nothing_is_lost() {
    let parts = [
        "a",
        "B",
        "don't",
        "I",
        "’",
        "'",
        "s",
        "ve",
        ".",
        "..",
        ",",
        ":",
        ")",
        "(",
        "-",
        "--",
        "5",
        "km",
        "$",
        "US$",
        "#",
        "@",
        "://",
        "www.",
        "é",
        "日",
        "🙂",
        "\u{200d}",
        "\u{fe0f}",
        "°",
        "<3",
        "^_^",
        "ಠ_ಠ",
        "…",
        "%",
        "+",
        "/",
        "=",
        "_",
        " ",
        "\t",
        "\u{a0}",
        "\0",
        "n't",
        "can",
        "Mr.",
        "http://a.bc",
        "²",
    ];
    let mut generator = assort_random::Seed::new(3).stream("english").generator();
    for _ in 0..20_000 {
        let count = generator.below(9);
        let text: String = (0..count).map(|_| parts[generator.below(parts.len() as u64) as usize]).collect();
        pieces(&text);
    }
}
