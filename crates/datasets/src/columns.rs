//! Chooses the columns of texts and labels.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use crate::names::{join_names, quoted, split_names};
use crate::request::{Need, Request};
use crate::{Choice, ChosenColumn, ColumnRole, Error, Result};

/// Usual names of a text column, in lower case.
const TEXT_NAMES: &str = "\
    text texts content contents review reviews reviewtext review_text sentence sentences tweet tweets \
    title headline body comment comments comment_text message messages description question \
    question_text document utterance phrase query abstract summary \
    texte textes texto textos testo testi tekst teksten tekste inhalt contenu contenido contenuto conteúdo \
    nachricht mensaje messaggio mensagem kommentar commentaire comentario comentário commento \
    titel titre título titolo beschreibung текст тексты сообщение 文本 内容 テキスト 텍스트 النص";

/// Usual names of a label column, in lower case.
const LABEL_NAMES: &str = "\
    label labels sentiment class classes category categories target intent topic polarity emotion \
    label_text class_name class_index language genre \
    klasse classe clase kategorie catégorie categorie categoría categoria kategori kategoria \
    etikett étiquette etiqueta etichetta thema thème tema stimmung sentimiento sentimento \
    метка класс категория 标签 类别 ラベル 레이블 التصنيف";

/// Names that mark a column as neither text nor label.
const OTHER_NAMES: &str =
    "id ids index idx row nr no number date time timestamp created_at url user author username split";

/// The chosen columns by index and by name.
pub(crate) struct Chosen {
    pub text: Vec<usize>,
    pub label: Option<usize>,
    /// The columns that stand for one label each.
    pub flags: Vec<usize>,
    pub names: Vec<String>,
    pub text_column: ChosenColumn,
    pub label_column: Option<ChosenColumn>,
}

impl Chosen {
    /// The name of a column.
    pub(crate) fn name(&self, index: usize) -> &str {
        self.names.get(index).map(String::as_str).unwrap_or_default()
    }
}

/// Whether a name is among these, letter case and how its words are joined aside.
fn is_among(names: &str, name: &str) -> bool {
    let name = name.to_lowercase().replace([' ', '-'], "_");
    names.split(' ').any(|known| known == name)
}

/// Chooses the columns of a file with these column names.
pub(crate) fn choose(request: &Request<'_>, names: Vec<String>) -> Result<Chosen> {
    let options = request.options;
    let asked_texts = match &options.text {
        Some(asked) => Some(asked_for(request, &names, ColumnRole::Text, asked)?),
        None => None,
    };
    let flags = flags(request, &names)?;
    let mut label = match &options.label {
        Some(asked) => Found::One(position(request, &names, ColumnRole::Label, asked)?, Choice::Named),
        None if !flags.is_empty() => Found::None,
        None => guess(&names, ColumnRole::Label, asked_texts.as_deref().unwrap_or_default()),
    };
    let mut text = match asked_texts.as_deref() {
        Some([first, ..]) => Found::One(*first, Choice::Named),
        _ if !flags.is_empty() => guess(&names, ColumnRole::Text, &flags),
        _ => guess(&names, ColumnRole::Text, label.named().as_slice()),
    };
    // Where one of two columns is known, the other is what remains.
    if names.len() == 2 && flags.is_empty() && asked_texts.as_ref().is_none_or(|texts| texts.len() == 1) {
        let other =
            |known: Found| known.index().map(|index| 1 - index).filter(|&index| !is_other(&names, index));
        if matches!(text, Found::None) {
            text = other(label).map_or(text, |index| Found::One(index, Choice::Inferred));
        } else if matches!(label, Found::None) && request.need == Need::Labelled {
            label = other(text).map_or(label, |index| Found::One(index, Choice::Inferred));
        }
    }
    if let (Found::None, Found::None, true) =
        (text, label, request.need == Need::Labelled && flags.is_empty())
    {
        settle(request, &names, ColumnRole::TextAndLabel, Found::None)?;
    }
    let (text, text_choice) = settle(request, &names, ColumnRole::Text, text)?;
    let texts = asked_texts.unwrap_or_else(|| vec![text]);
    let label = match (request.need, label) {
        (Need::Texts, Found::None | Found::Several(_)) => None,
        (Need::Labelled, Found::None) if !flags.is_empty() => None,
        (_, label) => Some(settle(request, &names, ColumnRole::Label, label)?),
    };
    if label.is_some_and(|(label, _)| texts.contains(&label)) || flags.iter().any(|flag| texts.contains(flag))
    {
        let reason = "one column cannot be both text and label".into();
        return Err(unclear(request, &names, ColumnRole::Label, reason, &[]));
    }
    let name = |index: usize| names.get(index).cloned().unwrap_or_default();
    for &index in texts.iter().chain(label.as_ref().map(|(index, _)| index)).chain(&flags) {
        if names.iter().filter(|other| **other == name(index)).count() > 1 {
            return Err(Error::DuplicateColumn { path: request.path.into(), name: name(index) });
        }
    }
    let listed =
        |indices: &[usize]| join_names(&indices.iter().map(|&index| name(index)).collect::<Vec<_>>());
    let text_column = match texts.as_slice() {
        [one] => name(*one),
        several => listed(several),
    };
    let label_column = match (label, flags.as_slice()) {
        (_, [_, ..]) => Some(ChosenColumn { name: listed(&flags), choice: Choice::Named }),
        (label, []) => label.map(|(index, choice)| ChosenColumn { name: name(index), choice }),
    };
    Ok(Chosen {
        text: texts,
        text_column: ChosenColumn { name: text_column, choice: text_choice },
        label: label.map(|(index, _)| index),
        flags,
        label_column,
        names,
    })
}

/// The columns that stand for one label each.
fn flags(request: &Request<'_>, names: &[String]) -> Result<Vec<usize>> {
    let asked = &request.options.label_columns;
    let places = || asked.iter().map(|name| position(request, names, ColumnRole::Label, name));
    match request.need {
        // Texts to predict need no labels.
        Need::Texts => Ok(places().filter_map(Result::ok).collect()),
        Need::Labelled => places().collect(),
    }
}

#[derive(Clone, Copy)]
enum Found {
    None,
    One(usize, Choice),
    /// Several usual names: the first two.
    Several([usize; 2]),
}

impl Found {
    fn index(self) -> Option<usize> {
        match self {
            Self::One(index, _) => Some(index),
            _ => None,
        }
    }

    /// The column that an option named.
    fn named(self) -> Option<usize> {
        match self {
            Self::One(index, Choice::Named) => Some(index),
            _ => None,
        }
    }
}

fn is_other(names: &[String], index: usize) -> bool {
    let name = names.get(index).map(|name| name.to_lowercase()).unwrap_or_default();
    name.is_empty() || is_among(OTHER_NAMES, &name) || name.ends_with("_id") || name.starts_with("unnamed:")
}

/// The columns of a name that is there as it stands, or of a list of names.
fn asked_for(request: &Request<'_>, names: &[String], role: ColumnRole, asked: &str) -> Result<Vec<usize>> {
    if let Some(index) = names.iter().position(|name| name == asked) {
        return Ok(vec![index]);
    }
    let mut asked_names = split_names(asked);
    if asked_names.is_empty() {
        asked_names.push(asked.to_owned());
    }
    asked_names.iter().map(|name| position(request, names, role, name)).collect()
}

fn position(request: &Request<'_>, names: &[String], role: ColumnRole, asked: &str) -> Result<usize> {
    names.iter().position(|name| name == asked).ok_or_else(|| Error::NoColumn {
        path: request.path.into(),
        name: asked.to_owned(),
        role,
        nearest: crate::nearest(asked, names.iter().map(String::as_str)).map(str::to_owned),
        columns: names.to_vec(),
    })
}

/// The column that has a usual name for a role, those taken for the other aside.
fn guess(names: &[String], role: ColumnRole, taken: &[usize]) -> Found {
    let free = || names.iter().enumerate().filter(|(index, _)| !taken.contains(index));
    // A column named `text` or `label` is meant, whatever else is there, and before one in other letter case.
    let role_name = role.to_string();
    let exact = free().find(|(_, name)| **name == role_name);
    if let Some((index, _)) = exact.or_else(|| free().find(|(_, name)| name.eq_ignore_ascii_case(&role_name)))
    {
        return Found::One(index, Choice::Guessed);
    }
    let usual_names = if role == ColumnRole::Text { TEXT_NAMES } else { LABEL_NAMES };
    let mut usual = free().filter(|(_, name)| is_among(usual_names, name)).map(|(index, _)| index);
    match (usual.next(), usual.next()) {
        (None, _) => Found::None,
        (Some(index), None) => Found::One(index, Choice::Guessed),
        (Some(first), Some(second)) => Found::Several([first, second]),
    }
}

fn settle(
    request: &Request<'_>,
    names: &[String],
    role: ColumnRole,
    found: Found,
) -> Result<(usize, Choice)> {
    let (reason, candidates) = match found {
        Found::One(index, choice) => return Ok((index, choice)),
        Found::Several(indices) => {
            let candidates = indices.map(|index| names.get(index).cloned().unwrap_or_default());
            let [first, second] = candidates.each_ref().map(|name| quoted(name));
            (format!("both {first} and {second} could be the {role}"), candidates.to_vec())
        }
        Found::None => (format!("no column has a usual name for the {role}"), Vec::new()),
    };
    Err(unclear(request, names, role, reason, &candidates))
}

fn unclear(
    request: &Request<'_>,
    names: &[String],
    role: ColumnRole,
    reason: String,
    candidates: &[String],
) -> Error {
    let (columns, candidates) = (names.to_vec(), candidates.to_vec());
    Error::UnclearColumn { path: request.path.into(), role, reason, candidates, columns }
}

/// The names that stand there more than once, in the order in which they came again.
pub(crate) fn repeated<'n, N: Eq + Hash>(names: impl IntoIterator<Item = &'n N>) -> Vec<&'n N> {
    let mut counts: HashMap<&N, u64> = HashMap::new();
    let mut again = |name| {
        let count = counts.entry(name).or_default();
        *count += 1;
        *count == 2
    };
    names.into_iter().filter(|name| again(*name)).collect()
}

/// Names without repeats, in the order in which they came first.
pub(crate) struct Distinct<N> {
    seen: HashSet<N>,
    pub names: Vec<N>,
}

impl<N: Eq + Hash + Clone> Distinct<N> {
    pub(crate) fn new() -> Self {
        Self { seen: HashSet::new(), names: Vec::new() }
    }

    pub(crate) fn add<'n>(&mut self, names: impl IntoIterator<Item = &'n N>)
    where
        N: 'n,
    {
        for name in names {
            if !self.seen.contains(name) {
                self.seen.insert(name.clone());
                self.names.push(name.clone());
            }
        }
    }
}

/// Whether a header cell is a usual name of a text or label column.
pub(crate) fn is_usual(name: &str) -> bool {
    is_among(TEXT_NAMES, name) || is_among(LABEL_NAMES, name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::hash::Hasher;

    thread_local! {
        static COMPARED: Cell<usize> = const { Cell::new(0) };
    }

    /// A name that counts how often it is compared.
    #[derive(Clone)]
    struct Counted(String);

    impl PartialEq for Counted {
        fn eq(&self, other: &Self) -> bool {
            COMPARED.set(COMPARED.get() + 1);
            self.0 == other.0
        }
    }

    impl Eq for Counted {}

    impl Hash for Counted {
        fn hash<H: Hasher>(&self, state: &mut H) {
            self.0.hash(state);
        }
    }

    fn names(count: usize) -> Vec<Counted> {
        (0..count).map(|name| Counted(format!("c{name}"))).collect()
    }

    #[test]
    fn comparisons_grow_with_the_columns_alone() {
        for count in [1_000, 2_000, 4_000] {
            let names = names(count);
            COMPARED.set(0);
            assert!(repeated(&names).is_empty());
            let mut found = Distinct::new();
            found.add(&names);
            found.add(&names);
            assert_eq!(found.names.len(), count);
            // Each name is compared with itself once, and with few that share a part of its hash.
            assert!(COMPARED.get() < 2 * count, "{} of {count}", COMPARED.get());
        }
    }

    #[test]
    fn repeats() {
        let names = ["b", "a", "c", "a", "b"];
        assert_eq!(repeated(&names), [&"a", &"b"]);
        let mut found = Distinct::new();
        found.add(&names);
        assert_eq!(found.names, ["b", "a", "c"]);
    }
}
