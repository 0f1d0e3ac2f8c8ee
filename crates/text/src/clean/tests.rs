use super::*;
use crate::{TextConfig, Tokenizer, TokenizerKind};

fn check(cleaning: Cleaning, text: &str, expect: &str) {
    let cleaned = cleaning.apply(text).map_or(text.to_owned(), |cleaned| cleaned.text);
    assert_eq!(cleaned, expect, "{text:?}");
}

const HTML: Cleaning = Cleaning {
    html: Html::Clean,
    unicode: UnicodeForm::Keep,
    accents: Accents::Keep,
    repeats: Repeats::Keep,
};

#[test]
fn rewritten_texts() {
    check(HTML, "good<br /><br />bad", "good  bad");
    check(HTML, "</p>a<!-- no -->b <b class=\"x\">c", " a b  c");
    check(HTML, "a < b > c, <3 & x&y; &unknown; &;", "a < b > c, <3 & x&y; &unknown; &;");
    check(
        HTML,
        "&quot;it&#39;s&quot; &lt;3 &#x1F642; &amp;amp; &#0; &#xD800;",
        "\"it's\" <3 🙂 &amp; &#0; &#xD800;",
    );
    let form = |unicode| Cleaning { unicode, ..Cleaning::default() };
    check(form(UnicodeForm::Nfc), "cafe\u{301} ﬁ Ａ", "café ﬁ Ａ");
    check(form(UnicodeForm::Nfd), "é가", "e\u{301}\u{1100}\u{1161}");
    check(form(UnicodeForm::Nfkc), "ﬁne Ａ² e\u{301}", "fine A2 é");
    check(form(UnicodeForm::Nfkd), "ﬁé", "fie\u{301}");
    let accents = Cleaning { accents: Accents::Strip, ..Cleaning::default() };
    check(accents, "café cafe\u{301} Ñandú 가 \u{301}x", "cafe cafe Nandu 가 x");
    let repeats = Cleaning { repeats: Repeats::Shorten, ..Cleaning::default() };
    check(repeats, "soooo good!!!! 1000   aab ééé", "soo good!! 1000   aab éé");
    check(repeats, "aaabbbaaa", "aabbaa");
    check(Cleaning::default(), "soooo<br />é", "soooo<br />é");
}

#[test]
fn offsets_lead_back_to_the_original() {
    let cleaning = Cleaning {
        html: Html::Clean,
        unicode: UnicodeForm::Nfkc,
        accents: Accents::Strip,
        repeats: Repeats::Shorten,
    };
    let text = "Soooo<br/>cafe\u{301}s &eacute;t&#233; ﬁn!!!!";
    let bert = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/text/bert");
    for tokenizer in [TokenizerKind::Words, TokenizerKind::English, TokenizerKind::Whitespace] {
        let config = TextConfig { tokenizer, cleaning, ..TextConfig::default() };
        let fitted = Tokenizer::fit(&[text], &config).unwrap();
        let tokens = fitted.tokens(text).unwrap();
        let shown: Vec<(&str, &str)> = tokens.iter().map(|t| (&*t.text, &text[t.start..t.end])).collect();
        assert_eq!(
            shown[..4],
            [("soo", "Soooo"), ("cafes", "cafe\u{301}s"), ("ete", "&eacute;t&#233;"), shown[3]],
            "{tokenizer:?}"
        );
        assert!(shown[3].0.starts_with("fin") && shown[3].1.starts_with("ﬁn"), "{shown:?}");
        assert_eq!(fitted.encode_batch(&[text]).unwrap().ids(), fitted.encode(text).unwrap().ids);
        assert_eq!(
            Tokenizer::fit_encode(&[text], &config).unwrap().1.ids(),
            fitted.encode(text).unwrap().ids
        );
    }
    let config = TextConfig { tokenizer: TokenizerKind::Pretrained, cleaning, ..TextConfig::default() };
    let pretrained = Tokenizer::load(std::path::Path::new(bert), config).unwrap();
    let encoding = pretrained.encode("I loooove<br />my d&#111;g").unwrap();
    let source = "I loooove<br />my d&#111;g";
    let pieces: Vec<&str> = encoding.offsets.iter().map(|(start, end)| &source[*start..*end]).collect();
    assert_eq!(pieces.last(), Some(&""));
    assert_eq!(encoding.offsets.last(), Some(&(source.len(), source.len())));
    assert_eq!(pieces[pieces.len() - 2], "d&#111;g");
    assert_eq!(pretrained.encode_batch(&[source]).unwrap().ids(), encoding.ids);
}

#[test]
fn any_text_has_a_way_back() {
    let parts = [
        "a",
        "aaa",
        "é",
        "e\u{301}",
        "\u{301}",
        "<br />",
        "<",
        ">",
        "&amp;",
        "&",
        ";",
        "ﬁ",
        "가",
        "🙂",
        " ",
        "\u{327}\u{301}",
        "1",
        "\0",
    ];
    let mut generator = assort_random::Seed::new(5).stream("clean").generator();
    for _ in 0..20_000 {
        let count = generator.below(9);
        let text: String = (0..count).map(|_| parts[generator.below(parts.len() as u64) as usize]).collect();
        for unicode in [UnicodeForm::Keep, UnicodeForm::Nfc, UnicodeForm::Nfd, UnicodeForm::Nfkd] {
            let cleaning =
                Cleaning { html: Html::Clean, unicode, accents: Accents::Strip, repeats: Repeats::Shorten };
            let Some(cleaned) = cleaning.apply(&text) else { continue };
            let mut last = 0;
            for (at, character) in cleaned.text.char_indices() {
                let (start, end) = cleaned.original(at, at + character.len_utf8());
                assert!(
                    last <= start && start < end && text.get(start..end).is_some(),
                    "{text:?} {cleaned:?}"
                );
                last = start;
            }
        }
    }
}
