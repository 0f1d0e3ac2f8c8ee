//! Names of columns and labels: in lists that users write, and in messages.

use crate::invisible::is_invisible;
use crate::records::{Quotes, cells};

/// The names of a list parted by commas, trimmed. A name that has commas stands in double quotes, with the
/// marks inside it doubled, as in a CSV file.
///
/// ```
/// use assort_datasets::split_names;
/// assert_eq!(split_names("title, body"), ["title", "body"]);
/// assert_eq!(split_names("\"late, or lost\",Other"), ["late, or lost", "Other"]);
/// ```
pub fn split_names(list: &str) -> Vec<String> {
    cells(list, b',', Quotes::Enclose).into_iter().filter(|name| !name.is_empty()).collect()
}

/// The list that [`split_names`] splits into these names.
///
/// ```
/// assert_eq!(assort_datasets::join_names(&["late, or lost", "Other"]), "\"late, or lost\",Other");
/// ```
pub fn join_names<S: AsRef<str>>(names: &[S]) -> String {
    let written: Vec<String> = names.iter().map(|name| written(name.as_ref())).collect();
    written.join(",")
}

fn written(name: &str) -> String {
    if name.contains([',', '"']) { format!("\"{}\"", name.replace('"', "\"\"")) } else { name.to_owned() }
}

/// A name in a message: in single marks, its invisible characters as escapes, cut where it is long.
pub(crate) fn quoted(name: &str) -> String {
    const LONGEST: usize = 60;
    let mut text = String::from("'");
    for (index, character) in name.chars().enumerate() {
        if index == LONGEST {
            text.push('…');
            break;
        }
        if is_invisible(character) {
            text.extend(character.escape_unicode());
        } else {
            text.push(character);
        }
    }
    text.push('\'');
    text
}

/// Names for a message: at most twelve, the rest counted.
pub(crate) fn quoted_list<S: AsRef<str>>(names: &[S]) -> String {
    const SHOWN: usize = 12;
    if names.is_empty() {
        return "none".into();
    }
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| quoted(name.as_ref())).collect();
    let more = names.len().saturating_sub(SHOWN);
    shown.join(", ") + &if more > 0 { format!(" and {more} more") } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_names() {
        for (list, names) in [
            ("a", vec!["a"]),
            (" a , b,", vec!["a", "b"]),
            ("\"a, b\",c", vec!["a, b", "c"]),
            ("\"say \"\"hi\"\"\"", vec!["say \"hi\""]),
            ("5\" disk,b", vec!["5\" disk", "b"]),
        ] {
            assert_eq!(split_names(list), names, "{list}");
            assert_eq!(split_names(&join_names(&names)), names, "{list}");
        }
    }

    #[test]
    fn names_in_messages() {
        assert_eq!(quoted("a\u{feff}b\u{a0}c\nd"), "'a\\u{feff}b\\u{a0}c\\u{a}d'");
        assert_eq!(quoted(&"x".repeat(99)), format!("'{}…'", "x".repeat(60)));
        assert_eq!(quoted("प्रश्न é"), "'प्रश्न é'");
    }
}
