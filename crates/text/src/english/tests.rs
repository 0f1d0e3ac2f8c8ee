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
