//! Rust source with what is not code blanked out, so that words can be looked for as text.
//!
//! A small scanner, not a parser: it knows comments, strings and characters, and where an item ends. Lines
//! keep their numbers.

use std::collections::BTreeSet;

use super::Tree;

/// The source with comments and the contents of strings and characters turned into spaces.
pub fn code(text: &str) -> String {
    let mut out = text.as_bytes().to_vec();
    for (start, end, _) in aside(text) {
        blank(&mut out[start..end]);
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// [`code`] without the items under `#[cfg(test)]`.
pub fn shipped(text: &str) -> String {
    let code = code(text);
    let mut out = code.as_bytes().to_vec();
    for (start, end) in test_items(&code) {
        blank(&mut out[start..end]);
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The strings of the source alone, all else turned into spaces, the items under `#[cfg(test)]` too.
pub fn strings(text: &str) -> String {
    let mut out = text.as_bytes().to_vec();
    blank(&mut out);
    for (start, end, _) in aside(text).into_iter().filter(|(_, _, kind)| *kind == Aside::Text) {
        out[start..end].copy_from_slice(&text.as_bytes()[start..end]);
    }
    for (start, end) in test_items(&code(text)) {
        blank(&mut out[start..end]);
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Parts that are not code.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Aside {
    Comment,
    Text,
}

/// Where comments, strings and characters begin and end.
fn aside(text: &str) -> Vec<(usize, usize, Aside)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let (end, kind) = match bytes[at] {
            b'/' if bytes.get(at + 1) == Some(&b'/') => (line_end(bytes, at), Aside::Comment),
            b'/' if bytes.get(at + 1) == Some(&b'*') => (block_comment_end(bytes, at), Aside::Comment),
            b'"' => (string_end(bytes, at), Aside::Text),
            b'r' if !follows_name(bytes, at) && raw_hashes(bytes, at).is_some() => {
                (raw_string_end(bytes, at), Aside::Text)
            }
            b'\'' => (character_end(text, at).unwrap_or(at + 1), Aside::Text),
            _ => {
                at += 1;
                continue;
            }
        };
        let end = end.min(bytes.len());
        found.push((at, end, kind));
        at = end;
    }
    found
}

fn blank(bytes: &mut [u8]) {
    bytes.iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
}

/// Where the modules lie that a file declares: `a` for `a.rs` and `a/mod.rs`, the folder for a crate's root.
pub fn module_stem(path: &str) -> &str {
    let stem = path.strip_suffix(".rs").unwrap_or(path);
    ["/lib", "/main", "/mod"].iter().find_map(|root| stem.strip_suffix(root)).unwrap_or(stem)
}

/// The files that are built for tests alone: modules under `#[cfg(test)]`, and what they declare.
pub fn test_files(tree: &Tree) -> BTreeSet<String> {
    let mut files = BTreeSet::new();
    for (path, text) in tree.ending(".rs") {
        for module in test_modules(text) {
            let stem = format!("{}/{module}", module_stem(path));
            files.insert(format!("{stem}.rs"));
            let inner = format!("{stem}/");
            files.extend(tree.ending(".rs").map(|(p, _)| p.to_owned()).filter(|p| p.starts_with(&inner)));
        }
    }
    files
}

/// The names of the modules that stand in files of their own and are built for tests alone.
fn test_modules(text: &str) -> Vec<String> {
    let code = code(text);
    let items = test_items(&code).into_iter().map(|(start, end)| code[start..end].trim_end());
    let declared = items.filter_map(|item| Some(item.strip_suffix(';')?.rsplit_once("mod ")?.1.trim()));
    declared.map(str::to_owned).collect()
}

/// The lines, from 1, where `word` stands by itself: not as a part of a longer name.
pub fn lines_with(code: &str, word: &str) -> Vec<usize> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let hit = |line: &str| {
        line.match_indices(word).any(|(at, _)| {
            let before = line[..at].chars().next_back().is_some_and(is_name);
            let after = line[at + word.len()..].chars().next().is_some_and(is_name);
            !(before && word.starts_with(is_name) || after && word.ends_with(is_name))
        })
    };
    code.lines().enumerate().filter(|(_, line)| hit(line)).map(|(index, _)| index + 1).collect()
}

/// Where the items under `#[cfg(test)]` begin and end.
fn test_items(code: &str) -> Vec<(usize, usize)> {
    let mut items: Vec<(usize, usize)> = Vec::new();
    loop {
        let from = items.last().map_or(0, |(_, end)| *end);
        let next = ["#[cfg(test)]", "#[cfg(all(test"].iter().filter_map(|a| code[from..].find(a)).min();
        let Some(start) = next.map(|at| from + at) else { return items };
        items.push((start, item_end(code.as_bytes(), start)));
    }
}

/// Where the item that begins at `start` with an attribute ends: behind its `;` or its closing brace.
fn item_end(bytes: &[u8], start: usize) -> usize {
    let (mut inner, mut braces) = (0usize, 0usize);
    for (at, byte) in bytes.iter().enumerate().skip(start) {
        match byte {
            b'(' | b'[' => inner += 1,
            b')' | b']' => inner = inner.saturating_sub(1),
            b'{' => braces += 1,
            b'}' if braces <= 1 => return at + 1,
            b'}' => braces -= 1,
            b';' if inner == 0 && braces == 0 => return at + 1,
            _ => {}
        }
    }
    bytes.len()
}

fn line_end(bytes: &[u8], start: usize) -> usize {
    bytes[start..].iter().position(|b| *b == b'\n').map_or(bytes.len(), |n| start + n)
}

fn block_comment_end(bytes: &[u8], start: usize) -> usize {
    let (mut depth, mut at) = (0, start);
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"/*" => (depth, at) = (depth + 1, at + 2),
            b"*/" => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    bytes.len()
}

fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// The number of `#` of the raw string whose `r` stands here.
fn raw_hashes(bytes: &[u8], start: usize) -> Option<usize> {
    let hashes = bytes[start + 1..].iter().take_while(|b| **b == b'#').count();
    (bytes.get(start + 1 + hashes) == Some(&b'"')).then_some(hashes)
}

fn raw_string_end(bytes: &[u8], start: usize) -> usize {
    let hashes = raw_hashes(bytes, start).unwrap_or(0);
    let close: Vec<u8> = std::iter::once(b'"').chain(std::iter::repeat_n(b'#', hashes)).collect();
    let from = start + hashes + 2;
    let found = bytes.get(from..).and_then(|rest| rest.windows(close.len()).position(|w| w == close));
    found.map_or(bytes.len(), |n| from + n + close.len())
}

/// Whether a name goes on here; `br"…"` begins with a prefix, not with a name.
fn follows_name(bytes: &[u8], at: usize) -> bool {
    let is_name = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    match at.checked_sub(1).map(|before| bytes[before]) {
        Some(b'b' | b'c') => at >= 2 && is_name(bytes[at - 2]),
        Some(byte) => is_name(byte),
        None => false,
    }
}

/// The end of the character that begins with this quote; `None` for a lifetime.
fn character_end(text: &str, start: usize) -> Option<usize> {
    let mut rest = text[start + 1..].char_indices();
    let (_, first) = rest.next()?;
    if first == '\\' {
        rest.next();
        return rest.find(|(_, c)| *c == '\'').map(|(at, _)| start + 1 + at + 1);
    }
    rest.next().filter(|(_, c)| *c == '\'').map(|(at, _)| start + 1 + at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_blanks_comments_strings_and_characters() {
        let check = |input: &str, expect: &str| {
            assert_eq!(code(input).split_whitespace().collect::<Vec<_>>().join(" "), expect, "{input}");
        };
        check("a // b\nc", "a c");
        check("a /* b /* c */ d */ e", "a e");
        check("/// b\n//! c\na", "a");
        check(r#"f("unsafe { } \" x", y)"#, "f( , y)");
        check(r###"f(r#"a " b"#, br"\", y)"###, "f( , b , y)");
        check(r#"for"a""#, "for");
        check("let q = '\"'; a", "let q = ; a");
        check(r"let q = '\''; a", "let q = ; a");
        check(r"let q = '\u{41}'; a", "let q = ; a");
        check("fn f<'a>(x: &'a str) {}", "fn f< a>(x: & a str) {}");
        check("let q = 'ü'; a // é", "let q = ; a");
        check("\"open", "");
    }

    #[test]
    fn shipped_leaves_test_items_out() {
        let check = |input: &str, expect: &str| {
            assert_eq!(shipped(input).split_whitespace().collect::<Vec<_>>().join(" "), expect, "{input}");
        };
        check("a #[cfg(test)] mod tests { fn f() { g(); } } b", "a b");
        check("a #[cfg(test)] mod tests; b", "a b");
        check("a #[cfg(test)] #[track_caller] fn f(x: [u8; 2]) { g() } b", "a b");
        check("a #[cfg(all(test, unix))] fn f() {} b #[cfg(test)] use c; d", "a b d");
        check("#[cfg(test)] mod t { const S: &str = \"}\"; } b", "b");
        check("#[cfg(not(test))] fn f() {}", "#[cfg(not(test))] fn f() {}");
    }

    #[test]
    fn strings_stand_alone() {
        let check = |input: &str, expect: &[&str]| {
            let strings = strings(input);
            assert_eq!(strings.split_whitespace().collect::<Vec<_>>(), expect, "{input}");
            assert_eq!(strings.len(), input.len());
        };
        check("a(\"b\", 'c') // \"d\"", &["\"b\"", "'c'"]);
        check("r#\"b \" c\"# \"\u{e9}\n\"", &["r#\"b", "\"", "c\"#", "\"\u{e9}", "\""]);
        check("\"a\" #[cfg(test)] mod tests { const B: &str = \"b\"; } \"c\"", &["\"a\"", "\"c\""]);
    }

    #[test]
    fn test_modules_are_named() {
        assert_eq!(test_modules("#[cfg(test)]\nmod tests;\n#[cfg(test)] mod b { }\nmod c;"), ["tests"]);
    }

    #[test]
    fn words_stand_alone() {
        let check =
            |code: &str, word: &str, expect: &[usize]| assert_eq!(lines_with(code, word), expect, "{code}");
        check("a\nprint!(x)\neprint!(x)", "print!", &[2]);
        check("unsafe_code\nunsafe {", "unsafe", &[2]);
        check("my_env::x\nenv::x", "env::", &[2]);
        check("xunsafe unsafe", "unsafe", &[1]);
    }
}
