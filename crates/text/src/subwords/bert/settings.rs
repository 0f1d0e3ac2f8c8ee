//! What the files beside a `vocab.txt` say of the tokenizer.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use tokenizers::AddedToken;
use tokenizers::normalizers::BertNormalizer;

const CONFIG: &str = "tokenizer_config.json";
const SPECIALS: &str = "special_tokens_map.json";
const ADDED: &str = "added_tokens.json";

/// Tokenizers that cut a text in a way of their own before they look into a `vocab.txt`.
const OTHERS: [&str; 2] = ["BertJapanese", "RoFormer"];

/// The special tokens by their keys: unknown, first, last, padding, mask.
const ROLES: [(&str, &str); 5] = [
    ("unk_token", "[UNK]"),
    ("cls_token", "[CLS]"),
    ("sep_token", "[SEP]"),
    ("pad_token", "[PAD]"),
    ("mask_token", "[MASK]"),
];

pub(super) struct Settings {
    pub normalizer: BertNormalizer,
    /// Names of the special tokens, in the order of [`ROLES`].
    pub roles: [String; 5],
    /// Tokens with an id that are looked for in texts.
    pub added: BTreeMap<u32, AddedToken>,
    /// Others, which the vocabulary has, or which get the next ids.
    pub additional: Vec<AddedToken>,
    /// Words that are not cut further.
    pub never_split: Vec<String>,
}

/// A token: its text, or an object that says more.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected the text of a token, or an object with its content")]
enum Name {
    Text(String),
    Whole {
        content: String,
        #[serde(default)]
        single_word: bool,
        #[serde(default)]
        lstrip: bool,
        #[serde(default)]
        rstrip: bool,
        normalized: Option<bool>,
        #[serde(default)]
        special: bool,
    },
}

impl Name {
    fn text(&self) -> &str {
        match self {
            Self::Text(content) | Self::Whole { content, .. } => content,
        }
    }

    /// The token that is looked for. One of the specials is looked for as it is written.
    fn token(self, is_special: bool) -> AddedToken {
        match self {
            Self::Text(content) => AddedToken::from(content, false).normalized(!is_special),
            Self::Whole { content, single_word, lstrip, rstrip, normalized, special } => AddedToken {
                normalized: normalized.unwrap_or(!special && !is_special),
                special: false,
                content,
                single_word,
                lstrip,
                rstrip,
            },
        }
    }
}

impl Settings {
    /// Reads the files that lie beside a `vocab.txt`; those that do not say nothing.
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let mut config = object(path, CONFIG)?;
        let added: Option<BTreeMap<u32, Name>> = take(&mut config, "added_tokens_decoder")?;
        let legacy = added.is_none();
        if legacy {
            for (key, value) in object(path, SPECIALS)? {
                match (config.get_mut(&key), value) {
                    (Some(Value::Array(known)), Value::Array(more)) => known.extend(more),
                    (_, value) => drop(config.insert(key, value)),
                }
            }
        }
        if let Some(class) = take::<String>(&mut config, "tokenizer_class")?
            && OTHERS.iter().any(|other| class.starts_with(other))
        {
            return Err(format!("{CONFIG} beside it names a {class}, which cuts texts in a way of its own"));
        }
        let mut roles = ROLES.map(|(_, usual)| usual.to_owned());
        for (role, (key, _)) in roles.iter_mut().zip(ROLES) {
            if let Some(name) = take::<Name>(&mut config, key)? {
                *role = name.text().to_owned();
            }
        }
        let additional: Option<Vec<Name>> = take(&mut config, "additional_special_tokens")?;
        let mut additional: Vec<_> = additional.into_iter().flatten().map(|name| name.token(true)).collect();
        // Both files may name one.
        let mut seen = HashSet::new();
        additional.retain(|token| seen.insert(token.content.clone()));
        let mut added: BTreeMap<u32, AddedToken> =
            added.into_iter().flatten().map(|(id, name)| (id, name.token(false))).collect();
        if legacy {
            for (text, id) in object(path, ADDED)? {
                let id = serde_json::from_value(id)
                    .map_err(|error| format!("'{text}' in the {ADDED} beside it: {error}"))?;
                let is_special =
                    roles.contains(&text) || additional.iter().any(|token| token.content == text);
                let token = AddedToken::from(&*text, false).normalized(!is_special);
                if let Some(other) = added.insert(id, token) {
                    let other = other.content;
                    return Err(format!(
                        "'{other}' and '{text}' have the same id {id} in the {ADDED} beside it"
                    ));
                }
            }
        }
        let lowercase = take(&mut config, "do_lower_case")?.unwrap_or(true);
        let chinese = take(&mut config, "tokenize_chinese_chars")?.unwrap_or(true);
        let accents = take(&mut config, "strip_accents")?;
        Ok(Self {
            normalizer: BertNormalizer::new(true, chinese, accents, lowercase),
            roles,
            added,
            additional,
            never_split: take(&mut config, "never_split")?.unwrap_or_default(),
        })
    }
}

/// The object of a file beside another; empty if there is none.
fn object(path: &Path, name: &str) -> Result<Map<String, Value>, String> {
    let wrong = |error: &dyn std::fmt::Display| format!("the {name} beside it cannot be read ({error})");
    match assort_files::read_plain(&path.with_file_name(name)) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Map::new()),
        Err(error) => Err(wrong(&error)),
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| wrong(&error)),
    }
}

/// The value of a key, or `None` if it is not there or null.
fn take<T: DeserializeOwned>(config: &mut Map<String, Value>, key: &str) -> Result<Option<T>, String> {
    let value = config.remove(key).unwrap_or_default();
    serde_json::from_value(value).map_err(|error| format!("{key} in the {CONFIG} beside it: {error}"))
}
