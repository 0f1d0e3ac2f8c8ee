//! The paths that a source file names: in its `use` declarations and in its code.

use std::collections::BTreeSet;

use super::source;

/// The words before the name of an item.
const ITEMS: &[&str] = &["mod", "fn", "struct", "enum", "trait", "type", "const", "static", "union"];

/// Where a path stands, and what it does there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// `use path::local;` or `use path as local;`.
    Use {
        /// The name it has in this file.
        local: String,
        /// Whether the declaration is `pub`, for some or for all.
        is_public: bool,
    },
    /// `use path::*;`.
    Glob,
    /// In an expression, a type or a pattern.
    Code,
}

/// A path of names, as `crate::split::Ratios`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The names between the `::`.
    pub names: Vec<String>,
    /// The line of its last name, from 1.
    pub line: usize,
    /// Its role.
    pub role: Role,
}

/// The names of a file, its tests left out.
#[derive(Debug, Default)]
pub struct Names {
    /// The paths.
    pub paths: Vec<Path>,
    /// The items it defines.
    pub defined: BTreeSet<String>,
    /// The names and keywords of its code outside `use` declarations, without what follows a dot.
    pub words: BTreeSet<String>,
}

impl Names {
    /// Reads a source file.
    pub fn of(text: &str) -> Names {
        let code = source::shipped(text);
        let mut reader = Reader { tokens: tokens(&code), at: 0, inline: Vec::new(), names: Names::default() };
        while reader.at < reader.tokens.len() {
            reader.step();
        }
        reader.names
    }
}

/// A name, `::`, or a character that is neither, with its line.
type Token<'c> = (&'c str, usize);

fn tokens(code: &str) -> Vec<Token<'_>> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut tokens = Vec::new();
    for (index, line) in code.lines().enumerate() {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let length = match first {
                _ if is_name(first) => rest.find(|c| !is_name(c)).unwrap_or(rest.len()),
                ':' if rest.starts_with("::") => 2,
                other => other.len_utf8(),
            };
            tokens.push((&rest[..length], index + 1));
            rest = rest[length..].trim_start();
        }
    }
    tokens
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphanumeric() || c == '_')
}

struct Reader<'c> {
    tokens: Vec<Token<'c>>,
    at: usize,
    /// For each brace that is open whether it is a module's.
    inline: Vec<bool>,
    names: Names,
}

impl<'c> Reader<'c> {
    fn token(&self, at: usize) -> &'c str {
        self.tokens.get(at).map_or("", |token| token.0)
    }

    fn step(&mut self) {
        let (token, before) = (self.token(self.at), self.at.checked_sub(1).map_or("", |at| self.token(at)));
        match token {
            "use" if self.token(self.at + 1) != "<" => {
                let is_public = before == "pub" || before == ")";
                self.at += 1;
                self.tree(&[], is_public);
                return;
            }
            "{" => {
                let is_module = self.at >= 2 && self.token(self.at - 2) == "mod";
                self.inline.push(is_module);
            }
            "}" => drop(self.inline.pop()),
            "macro_rules" => {
                self.define(2);
                return;
            }
            _ if ITEMS.contains(&token) && before != "*" && !ITEMS.contains(&self.token(self.at + 1)) => {
                self.define(1);
                return;
            }
            _ if is_name(token) && before != "." => {
                self.path();
                return;
            }
            _ => {}
        }
        self.at += 1;
    }

    /// An item whose name stands so many tokens ahead.
    fn define(&mut self, ahead: usize) {
        self.names.defined.insert(self.token(self.at + ahead).to_owned());
        self.at += ahead + 1;
    }

    /// A path in the code; one name alone is none.
    fn path(&mut self) {
        self.names.words.insert(self.token(self.at).to_owned());
        let mut names = vec![self.token(self.at).to_owned()];
        while self.token(self.at + 1) == "::" && is_name(self.token(self.at + 2)) {
            self.at += 2;
            names.push(self.token(self.at).to_owned());
        }
        if names.len() > 1 {
            self.push(names, Role::Code);
        }
        self.at += 1;
    }

    /// The tree behind a `use`, or a branch within its braces.
    fn tree(&mut self, stem: &[String], is_public: bool) {
        let mut names = stem.to_vec();
        loop {
            match self.token(self.at) {
                "*" => {
                    self.push(names, Role::Glob);
                    self.at += 1;
                    return;
                }
                "{" => {
                    self.at += 1;
                    while !matches!(self.token(self.at), "}" | "") {
                        match self.token(self.at) {
                            "," => self.at += 1,
                            _ => self.tree(&names, is_public),
                        }
                    }
                    self.at += 1;
                    return;
                }
                "self" if !names.is_empty() => self.at += 1,
                name if is_name(name) => {
                    names.push(name.to_owned());
                    self.at += 1;
                }
                // A path that begins at the root of all crates.
                "::" if names.is_empty() => {}
                _ => {
                    self.at += 1;
                    return;
                }
            }
            if self.token(self.at) != "::" {
                break;
            }
            self.at += 1;
        }
        let mut local = names.last().cloned().unwrap_or_default();
        if self.token(self.at) == "as" {
            local = self.token(self.at + 1).to_owned();
            self.at += 2;
        }
        self.at -= 1;
        self.push(names, Role::Use { local, is_public });
        self.at += 1;
    }

    /// Takes a path up, seen from the file: a `super` in a module that stands in the file leads to the file.
    fn push(&mut self, mut names: Vec<String>, role: Role) {
        let within = self.inline.iter().filter(|is_module| **is_module).count();
        let up = names.iter().take(within).take_while(|name| *name == "super").count();
        if up > 0 {
            names.splice(..up, ["self".to_owned()]);
        }
        let line = self.tokens.get(self.at).or(self.tokens.last()).map_or(0, |token| token.1);
        self.names.paths.push(Path { names, line, role });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each path as `path`, `path as local`, `pub path as local`, with its line.
    #[track_caller]
    fn check(text: &str, expect: &[&str]) {
        let show = |path: &Path| {
            let names = path.names.join("::");
            let names = match &path.role {
                Role::Use { local, is_public: true } => format!("pub {names} as {local}"),
                Role::Use { local, is_public: false } => format!("{names} as {local}"),
                Role::Glob => format!("{names}::*"),
                Role::Code => names,
            };
            format!("{names}:{}", path.line)
        };
        assert_eq!(Names::of(text).paths.iter().map(show).collect::<Vec<_>>(), expect, "{text}");
    }

    #[test]
    fn use_declarations_are_taken_apart() {
        check("use crate::a::B;", &["crate::a::B as B:1"]);
        check("pub use a::{\n    B,\n    C as D,\n};", &["pub a::B as B:2", "pub a::C as D:3"]);
        check("pub(crate) use a::B;", &["pub a::B as B:1"]);
        check("use a::{self, b::{c, D}};", &["a as a:1", "a::b::c as c:1", "a::b::D as D:1"]);
        check("use super::*;\nuse {a::B, c::*};", &["super::*:1", "a::B as B:2", "c::*:2"]);
        check("use ::a::B;\nuse a;", &["a::B as B:1", "a as a:2"]);
        check("fn f() -> impl A + use<'a> { use b::C; }", &["b::C as C:1"]);
    }

    #[test]
    fn paths_stand_in_code_too() {
        check(
            "fn f(x: crate::A) {\n    super::g::<u8>(a::B::C, x.y::<Z>())\n}",
            &["crate::A:1", "super::g:2", "a::B::C:2"],
        );
        check("// crate::a::B\nlet x = \"crate::a\";", &[]);
        check("#[cfg(test)]\nmod tests { use crate::a::B; }", &[]);
        check(
            "mod a { use super::B; use super::super::C; }\nuse super::D;",
            &["self::B as B:1", "self::super::C as C:1", "super::D as D:2"],
        );
    }

    #[test]
    fn items_and_words_are_known() {
        let names = Names::of(
            "use a::B;\npub struct C { d: E }\nmacro_rules! f { () => {} }\nconst fn g() { h.i() }",
        );
        let list = |set: &BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>().join(" ");
        assert_eq!(list(&names.defined), "C f g");
        assert_eq!(list(&names.words), "E const d h pub");
    }
}
