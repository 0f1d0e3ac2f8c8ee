//! Serde's errors of values that do not fit, in the words of those who write settings.

/// The message in plain words; as it is where it is of no known form.
pub fn plain(message: &str) -> String {
    let ticked = |text: &str| -> Vec<String> {
        text.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()
    };
    if let Some((_, known)) =
        message.split_once("unknown variant").and_then(|(_, rest)| rest.split_once(", expected "))
    {
        return format!("choose {}", listed(&ticked(known), "or"));
    }
    let Some((_, expected)) = message.rsplit_once("expected ") else { return message.into() };
    let expected = expected.split(" at line ").next().unwrap_or(expected);
    let found = message.split(['`', '"']).nth(1).unwrap_or_default();
    let is_whole = !found.is_empty() && found.bytes().all(|byte| byte.is_ascii_digit());
    let most = match expected.trim_start_matches("a nonzero ") {
        "u8" => Some(u64::from(u8::MAX)),
        "u16" => Some(u64::from(u16::MAX)),
        "u32" => Some(u64::from(u32::MAX)),
        "u64" => Some(u64::MAX),
        "usize" => Some(usize::MAX as u64),
        _ => None,
    };
    if let Some(most) = most.filter(|_| is_whole && found != "0") {
        return format!("give a whole number of at most {most}");
    }
    let words = match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" if message.contains("integer `-") => {
            "give a whole number from 0 on"
        }
        "u8" | "u16" | "u32" | "u64" | "usize" => "give a whole number",
        "a nonzero u32" | "a nonzero usize" => "give a whole number from 1 on",
        "f32" | "f64" if found.parse::<f64>().is_ok_and(|number| !number.is_finite()) => {
            "give a finite number"
        }
        "f32" | "f64" => "give a number",
        "a number or auto" => "give a number, or auto",
        "a range of words" => "give two numbers, as [1, 2], or one n for [1, n]",
        "a tuple of size 2" => "give two numbers, as [2, 3]",
        "a sequence" => "give a list, as [3, 4, 5]",
        "a boolean" => "give true or false",
        "a string" | "path string" => "give a word or a text in quotes",
        "string or map" | "variant identifier" => "give one of its words",
        _ => return message.into(),
    };
    words.into()
}

/// `a`, `a or b`, `a, b or c`.
pub fn listed<W: AsRef<str>>(words: &[W], last_joint: &str) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match words.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} {last_joint} {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::DeserializeOwned;
    use serde_json::{Value, json};

    #[derive(Debug, serde::Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Kind {
        Sum,
        Mean,
        HeadAndTail,
    }

    #[track_caller]
    fn check<T: DeserializeOwned + std::fmt::Debug>(value: Value, expect: &str) {
        assert_eq!(plain(&serde_json::from_value::<T>(value).unwrap_err().to_string()), expect);
    }

    #[test]
    fn messages() {
        check::<usize>(json!("many"), "give a whole number");
        check::<usize>(json!(1.5), "give a whole number");
        check::<usize>(json!(null), "give a whole number");
        check::<u32>(json!(-1), "give a whole number from 0 on");
        check::<u32>(json!(5_000_000_000_u64), "give a whole number of at most 4294967295");
        let (wide, too_wide) =
            ("18446744073709551616", "give a whole number of at most 18446744073709551615");
        check::<u64>(json!(wide), too_wide);
        check::<std::num::NonZeroU32>(json!(wide), "give a whole number of at most 4294967295");
        check::<f64>(json!("nan"), "give a finite number");
        check::<f64>(json!("-inf"), "give a finite number");
        check::<std::num::NonZeroU32>(json!(0), "give a whole number from 1 on");
        check::<std::num::NonZeroUsize>(json!("many"), "give a whole number from 1 on");
        check::<f64>(json!("small"), "give a number");
        check::<(usize, usize)>(json!([1]), "give two numbers, as [2, 3]");
        check::<(usize, usize)>(json!(3), "give two numbers, as [2, 3]");
        check::<Vec<usize>>(json!(3), "give a list, as [3, 4, 5]");
        check::<Kind>(json!("median"), "choose sum, mean or head-and-tail");
        check::<Kind>(json!(3), "give one of its words");
        check::<std::path::PathBuf>(json!(3), "give a word or a text in quotes");
        assert_eq!(plain("something else"), "something else");
        let _ = [Kind::Sum, Kind::Mean, Kind::HeadAndTail];
    }
}
