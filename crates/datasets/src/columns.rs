//! Chooses the columns of texts and labels.

use std::collections::HashSet;
use std::hash::Hash;

use crate::request::{Need, Request};
use crate::{Choice, ChosenColumn, ColumnRole, Error, Result};

/// Usual names of a text column, in lower case.
const TEXT_NAMES: &str = "\
    text texts content contents review reviews reviewtext review_text sentence sentences tweet tweets \
    title headline body comment comments comment_text message messages description question \
    question_text document utterance phrase query abstract summary";

/// Usual names of a label column, in lower case.
const LABEL_NAMES: &str = "\
    label labels sentiment class classes category categories target intent topic polarity emotion \
    label_text class_name language genre";

/// Names that mark a column as neither text nor label.
const OTHER_NAMES: &str =
    "id ids index idx row nr no number date time timestamp created_at url user author username split";

/// The chosen columns by index and by name.
pub(crate) struct Chosen {
    pub text: usize,
    pub label: Option<usize>,
    pub names: Vec<String>,
    pub text_column: ChosenColumn,
    pub label_column: Option<ChosenColumn>,
}

fn is_among(names: &str, name: &str) -> bool {
    names.split(' ').any(|known| known == name)
}

/// Chooses the columns of a file with these column names.
pub(crate) fn choose(request: &Request<'_>, names: Vec<String>) -> Result<Chosen> {
    let options = request.options;
    let mut text = pick(request, &names, ColumnRole::Text, options.text.as_deref())?;
    let mut label = pick(request, &names, ColumnRole::Label, options.label.as_deref())?;
    // Where one of two columns is known, the other is what remains.
    if names.len() == 2 {
        let other =
            |known: Found| known.index().map(|index| 1 - index).filter(|&index| !is_other(&names, index));
        if matches!(text, Found::None) {
            text = other(label).map_or(text, |index| Found::One(index, Choice::Inferred));
        } else if matches!(label, Found::None) && request.need == Need::Labelled {
            label = other(text).map_or(label, |index| Found::One(index, Choice::Inferred));
        }
    }
    let (text, text_choice) = settle(request, &names, ColumnRole::Text, text)?;
    let label = match (request.need, label) {
        (Need::Texts, Found::None | Found::Several(_)) => None,
        (_, label) => Some(settle(request, &names, ColumnRole::Label, label)?),
    };
    if label.is_some_and(|(label, _)| label == text) {
        return Err(unclear(
            request,
            &names,
            ColumnRole::Label,
            "one column cannot be both text and label".into(),
        ));
    }
    let column =
        |index: usize, choice| ChosenColumn { name: names.get(index).cloned().unwrap_or_default(), choice };
    Ok(Chosen {
        text,
        text_column: column(text, text_choice),
        label: label.map(|(index, _)| index),
        label_column: label.map(|(index, choice)| column(index, choice)),
        names,
    })
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
}

fn is_other(names: &[String], index: usize) -> bool {
    let name = names.get(index).map(|name| name.to_lowercase()).unwrap_or_default();
    name.is_empty() || is_among(OTHER_NAMES, &name) || name.ends_with("_id") || name.starts_with("unnamed:")
}

fn pick(request: &Request<'_>, names: &[String], role: ColumnRole, asked: Option<&str>) -> Result<Found> {
    if let Some(asked) = asked {
        return match names.iter().position(|name| name == asked) {
            Some(index) => Ok(Found::One(index, Choice::Named)),
            None => Err(Error::NoColumn {
                path: request.path.into(),
                name: asked.to_owned(),
                role,
                nearest: crate::nearest(asked, names.iter().map(String::as_str)).map(str::to_owned),
                columns: names.to_vec(),
            }),
        };
    }
    // A column that an option gave the other role is not free.
    let free = || {
        let taken = [&request.options.text, &request.options.label];
        names.iter().enumerate().filter(move |(_, name)| taken.into_iter().all(|t| t.as_ref() != Some(*name)))
    };
    // A column named exactly `text` or `label` is meant, whatever else is there.
    if let Some((index, _)) = free().find(|(_, name)| name.eq_ignore_ascii_case(&role.to_string())) {
        return Ok(Found::One(index, Choice::Guessed));
    }
    let usual_names = match role {
        ColumnRole::Text => TEXT_NAMES,
        ColumnRole::Label => LABEL_NAMES,
    };
    let mut usual =
        free().filter(|(_, name)| is_among(usual_names, &name.to_lowercase())).map(|(index, _)| index);
    Ok(match (usual.next(), usual.next()) {
        (None, _) => Found::None,
        (Some(index), None) => Found::One(index, Choice::Guessed),
        (Some(first), Some(second)) => Found::Several([first, second]),
    })
}

fn settle(
    request: &Request<'_>,
    names: &[String],
    role: ColumnRole,
    found: Found,
) -> Result<(usize, Choice)> {
    let reason = match found {
        Found::One(index, choice) => return Ok((index, choice)),
        Found::Several(indices) => {
            let [first, second] =
                indices.map(|index| names.get(index).map(String::as_str).unwrap_or_default());
            format!("both '{first}' and '{second}' could be the {}", role)
        }
        Found::None => format!("no column has a usual name for the {}", role),
    };
    Err(unclear(request, names, role, reason))
}

fn unclear(request: &Request<'_>, names: &[String], role: ColumnRole, reason: String) -> Error {
    Error::UnclearColumn { path: request.path.into(), role, reason, columns: names.to_vec() }
}

/// The first name that stands there again.
pub(crate) fn repeated<'n, N: Eq + Hash>(names: impl IntoIterator<Item = &'n N>) -> Option<&'n N> {
    let mut seen = HashSet::new();
    names.into_iter().find(|name| !seen.insert(*name))
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
    let name = name.trim().to_lowercase();
    is_among(TEXT_NAMES, &name) || is_among(LABEL_NAMES, &name)
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
            assert!(repeated(&names).is_none());
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
        assert_eq!(repeated(&names), Some(&"a"));
        let mut found = Distinct::new();
        found.add(&names);
        assert_eq!(found.names, ["b", "a", "c"]);
    }
}
