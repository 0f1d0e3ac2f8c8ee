//! Hyper-parameters with their sources.

use assort_settings::{Checked, Source};
use serde_json::{Value, json};

/// As TOML that `--config` takes, the source of each value in a comment.
pub fn toml(config: &Checked, model_source: &Source) -> String {
    let mut lines = vec![("model".to_owned(), word(config.model.name()), model_source.to_string())];
    lines.extend(config.settings().iter().map(|setting| {
        let value = if setting.value.is_null() { word("none") } else { setting.value.to_string() };
        (setting.key.clone(), value, setting.source.to_string())
    }));
    let longest_key = lines.iter().map(|(key, _, _)| key.len()).max().unwrap_or_default();
    let longest_value = lines.iter().map(|(_, value, _)| value.chars().count()).max().unwrap_or_default();
    let line = |(key, value, source): &(String, String, String)| {
        format!("{key:<longest_key$} = {value:<longest_value$}  # {}\n", crate::text::one_line(source))
    };
    lines.iter().map(line).collect()
}

/// A string of TOML, which JSON's are too.
fn word(word: &str) -> String {
    Value::from(word).to_string()
}

/// As one JSON object.
pub fn json(config: &Checked, model_source: &Source) -> Value {
    json!({ "model": config.model.name(), "model_source": model_source, "settings": config.settings() })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use assort_settings::Settings;

    use super::*;

    #[test]
    fn printed_settings_can_be_read_again() {
        let mut settings = Settings::defaults("bag").unwrap();
        settings.assign("patience=none", Source::Flag("set")).unwrap();
        settings.assign("learning_rate=1e-7", Source::Flag("set")).unwrap();
        settings.put("seed", json!(7), Source::Flag("seed")).unwrap();
        let config = settings.resolve().unwrap();
        let text = toml(&config, &Source::Default);
        let line = |key: &str| text.lines().find(|line| line.starts_with(key)).unwrap().to_owned();
        assert!(line("patience").contains("= \"none\"") && line("patience").ends_with("# --set"), "{text}");
        assert!(line("seed").ends_with("# --seed"), "{text}");
        assert!(line("model").contains("\"bag\""), "{text}");
        let mut again = Settings::defaults("bag").unwrap();
        again.assign_toml(&text, Path::new("again.toml")).unwrap();
        assert_eq!(*again.resolve().unwrap(), *config);
    }
}
