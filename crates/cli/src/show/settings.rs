//! Hyper-parameters with their sources.

use assort_experiment::{Settings, Source};
use serde_json::{Value, json};

/// As TOML that `--config` takes, the source of each value in a comment.
pub fn toml(settings: &Settings, model_source: &Source) -> String {
    let mut lines = vec![("model".to_owned(), word(settings.model()), model_source.to_string())];
    lines.extend(settings.iter().map(|setting| {
        let value = if setting.value.is_null() { word("none") } else { setting.value.to_string() };
        (setting.key.clone(), value, setting.source.to_string())
    }));
    let longest_key = lines.iter().map(|(key, _, _)| key.len()).max().unwrap_or_default();
    let longest_value = lines.iter().map(|(_, value, _)| value.chars().count()).max().unwrap_or_default();
    let line = |(key, value, source): &(String, String, String)| {
        format!("{key:<longest_key$} = {value:<longest_value$}  # {}\n", crate::screen::one_line(source))
    };
    lines.iter().map(line).collect()
}

/// A string of TOML, which JSON's are too.
fn word(word: &str) -> String {
    Value::from(word).to_string()
}

/// As one JSON object.
pub fn json(settings: &Settings, model_source: &Source) -> Value {
    let settings_list: Vec<Value> = settings.iter().map(|setting| json!(setting)).collect();
    json!({ "model": settings.model(), "model_source": model_source, "settings": settings_list })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn printed_settings_can_be_read_again() {
        let mut settings = Settings::defaults("bag").unwrap();
        settings.assign("patience=none", Source::Set).unwrap();
        settings.assign("learning_rate=1e-7", Source::Set).unwrap();
        settings.put("seed", json!(7), Source::Flag("seed")).unwrap();
        let text = toml(&settings, &Source::Default);
        let line = |key: &str| text.lines().find(|line| line.starts_with(key)).unwrap().to_owned();
        assert!(line("patience").contains("= \"none\"") && line("patience").ends_with("# --set"), "{text}");
        assert!(line("seed").ends_with("# --seed"), "{text}");
        assert!(line("model").contains("\"bag\""), "{text}");
        let mut again = Settings::defaults("bag").unwrap();
        again.assign_toml(&text, Path::new("again.toml")).unwrap();
        assert_eq!(again.resolve().unwrap(), settings.resolve().unwrap());
    }
}
