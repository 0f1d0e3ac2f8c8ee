//! `assort help`.

use anyhow::{Result, bail};
use assort_datasets::nearest;
use assort_report::terminal::block::{MARGIN, block};
use assort_report::terminal::{models, reference};
use assort_report::{markdown, text::word};
use assort_settings::Settings;
use assort_settings::reference::{CHAPTERS, MODELS, topic};
use clap::{CommandFactory, Parser};

use crate::arguments::{Arguments, HelpArguments};
use crate::exit::{Exit, misused};
use crate::screen::{print, width};

/// The head of `docs/settings.md`.
const SETTINGS: &str = "\
# Settings

Every setting with its meaning, its values, its default for each model, and when to change it.
`--set KEY=VALUE` gives one, a file does with `--config FILE`, one `key = value` a line. `assort train
--print-config` shows what holds and where each value came from, `assort help KEY` one of them. `assort help
settings --markdown` makes this page.
";

/// The head of `docs/models.md`.
const MODELS_PAGE: &str = "\
# Which model?

`assort train` without `--model` fits `linear` and `bag` and keeps the better one; `assort auto` tries all
kinds within limits of time, size and speed. `--model NAME` chooses one of these, in the order in which to
try them. [Settings](settings.md) lists what each can be told, [fine-tuning](fine-tuning.md) says more of
encoders. `assort help models --markdown` makes this page.
";

/// Shows a topic.
pub fn run(arguments: &HelpArguments) -> Result<Exit> {
    let topics: Vec<&str> = arguments.topic.iter().map(String::as_str).collect();
    let text = match topics.as_slice() {
        ["settings"] if arguments.markdown => markdown::settings(SETTINGS)?,
        ["models"] if arguments.markdown => markdown::models(MODELS_PAGE),
        _ if arguments.markdown => bail!("--markdown makes a page of `settings` or `models`: name one"),
        ["settings"] => settings(None)?,
        ["models"] => which_model(),
        [key] if topic(key).is_some() => setting(key)?,
        words => return command(words),
    };
    print(&text)?;
    Ok(Exit::Fine)
}

/// All settings with their meaning, or those of one model.
pub fn settings(model: Option<&str>) -> Result<String> {
    let of_model = model.map(Settings::defaults).transpose()?;
    let is_wanted = |key: &str| of_model.as_ref().is_none_or(|settings| settings.get(key).is_some());
    let chapters = reference::topics(width(), is_wanted).into_iter();
    let mut text: String =
        chapters.map(|(title, lines)| format!("{title}\n{}\n\n", lines.join("\n"))).collect();
    text.push_str("assort help KEY tells values, defaults and when to change one.\n");
    Ok(text)
}

fn setting(key: &str) -> Result<String> {
    let Some(topic) = topic(key) else { bail!("`{key}` is no setting: `assort help settings` lists them") };
    let blocks = reference::topic(topic, width().saturating_sub(MARGIN))?;
    let text: String = blocks.iter().map(|(title, lines)| block(title, lines)).collect();
    Ok(format!("{key}\n\n{text}\nassort train --set {} gives it a value.\n", word(&format!("{key}=VALUE"))))
}

fn which_model() -> String {
    let columns = width().saturating_sub(MARGIN);
    let blocks = models::models(columns).into_iter().chain(models::measured(columns));
    blocks.map(|(title, lines)| block(title, &lines) + "\n").collect::<String>()
        + "assort train --model NAME chooses one; assort help settings lists what it can be told.\n"
}

/// The help of a command as its flag gives it, or of the program without one.
fn command(words: &[&str]) -> Result<Exit> {
    if let [name] = words
        && let Some(model) = MODELS.iter().find(|model| model.name == *name)
    {
        print(&block(model.name, &models::lines(model, width().saturating_sub(MARGIN))))?;
        return Ok(Exit::Fine);
    }
    let mut program = Arguments::command();
    let mut found = &mut program;
    for word in words {
        let Some(command) = found.find_subcommand_mut(word) else { bail!("{}", unknown(word)) };
        found = command;
    }
    let line = ["assort"].into_iter().chain(words.iter().copied()).chain(["--help"]);
    match Arguments::try_parse_from(line) {
        Err(help) => Ok(misused(&help)),
        Ok(_) => bail!("there is no help on `{}`", words.join(" ")),
    }
}

fn unknown(word: &str) -> String {
    let program = Arguments::command();
    let keys = CHAPTERS.iter().flat_map(|chapter| chapter.topics).map(|topic| topic.key);
    let known = program.get_subcommands().map(clap::Command::get_name).chain(keys);
    let like = nearest(word, known.chain(["settings", "models"]));
    let like = like.map(|like| format!(": did you mean `{like}`?")).unwrap_or_default();
    format!("there is no help on `{word}`{like}; `assort help` lists the commands")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pages of the documentation are those that the program makes.
    #[track_caller]
    fn check(made: &str, name: &str) {
        let path = format!("{}/../../docs/{name}.md", env!("CARGO_MANIFEST_DIR"));
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        let differing = made.lines().zip(kept.lines()).find(|(made, kept)| made != kept);
        assert!(
            made == kept,
            "docs/{name}.md differs, first in {differing:?}: write it with `assort help {name} --markdown`"
        );
    }

    #[test]
    fn pages_are_made_from_the_code() {
        check(&markdown::settings(SETTINGS).unwrap(), "settings");
        check(&markdown::models(MODELS_PAGE), "models");
    }

    #[test]
    fn a_typing_error_is_told_with_what_may_be_meant() {
        assert!(unknown("learning_rat").contains("did you mean `learning_rate`?"));
        assert!(unknown("trian").contains("did you mean `train`?"));
        assert!(!unknown("qqqqqqqq").contains("did you mean"));
    }
}
