//! Remedies of the libraries' errors, in the words of the command line.
//!
//! The libraries say what is wrong and carry their advice as data; here alone it becomes a flag of the
//! command.

use assort_datasets::ColumnRole;
use assort_report::text::word;

use crate::arguments::Command;

/// How an error's line goes on: the advice that the error carries, if any, by the flags of this command.
pub fn render(error: &anyhow::Error, command: &Command) -> Option<String> {
    use assort_experiment::Advice as Experiment;
    if let Some(error) = error.downcast_ref::<assort_experiment::Error>() {
        return error.advice().and_then(|advice| match advice {
            Experiment::Settings(advice) => settings(advice, command),
            Experiment::Data(advice) => data(&advice, command),
            Experiment::Text(advice) => text(&advice, command),
            Experiment::Tensor(advice) => tensor(&advice),
            Experiment::Train(advice) => train(&advice),
            Experiment::Folder(advice) => folder(&advice, command),
            advice => run(&advice),
        });
    }
    if let Some(error) = error.downcast_ref::<assort_settings::Error>() {
        return settings(error.advice()?, command);
    }
    if let Some(error) = error.downcast_ref::<assort_datasets::Error>() {
        return data(&error.advice()?, command);
    }
    if let Some(error) = error.downcast_ref::<assort_pipeline::Error>() {
        return folder(&error.advice()?, command);
    }
    if let Some(error) = error.downcast_ref::<assort_score::Error>() {
        return score(&error.advice()?, command);
    }
    if let Some(error) = error.downcast_ref::<assort_serve::Error>() {
        return server(&error.advice()?, command);
    }
    if let Some(error) = error.downcast_ref::<assort_text::Error>() {
        return text(&error.advice()?, command);
    }
    tensor(&error.downcast_ref::<assort_tensor::Error>()?.advice()?)
}

/// How a sentence of a run goes on: its advice, by flags.
pub fn run(advice: &assort_experiment::Advice) -> Option<String> {
    use assort_experiment::Advice;
    Some(match advice {
        Advice::StartAnew => "; start without --resume".into(),
        Advice::StartAnewKeepingState => {
            "; start without --resume, with --keep-state to add epochs later".into()
        }
        Advice::StartAnewElsewhere => "; start without --resume in another --out".into(),
        Advice::ResumeOrReplace => ": go on with --resume, or start anew with --overwrite".into(),
        Advice::ResumeOrOtherFolder => ": go on with --resume, or choose another --out".into(),
        Advice::OtherFolder => "; choose another --out".into(),
        Advice::SameOrOtherFolder => ": name the same, or choose another --out".into(),
        Advice::ListSeeds => "; name seeds with --seeds".into(),
        Advice::KeepGroups => "; --group COLUMN keeps them in one".into(),
        Advice::Set { key, value } => format!(", as in --set {key}={value}"),
        _ => return None,
    })
}

fn settings(advice: assort_settings::Advice, command: &Command) -> Option<String> {
    use assort_settings::Advice;
    match advice {
        Advice::ListSettings => Some("; `assort help settings` lists them all".into()),
        Advice::Text(advice) => text(&advice, command),
        _ => None,
    }
}

fn data(advice: &assort_datasets::Advice, command: &Command) -> Option<String> {
    use assort_datasets::Advice;
    // Where `--text` is a text, the column has a longer name.
    let text = match command {
        Command::Predict(_) | Command::Explain(_) | Command::Features(_) => "--text-column",
        _ => "--text",
    };
    let named = |role| match role {
        ColumnRole::Text => format!("name the text column with {text}"),
        ColumnRole::TextAndLabel => {
            format!("name the text column with {text} and the label column with --label")
        }
        ColumnRole::Label => "name the label column with --label".into(),
        ColumnRole::Group => "name the column of groups with --group".into(),
        ColumnRole::Carried => "name others with --columns".into(),
    };
    Some(match advice {
        Advice::NameColumn { role: ColumnRole::Text, candidates } if candidates.len() > 1 => {
            let joined = word(&assort_datasets::join_names(candidates));
            format!("; name the text column with {text}, or join them with {text} {joined}")
        }
        Advice::NameColumn { role, .. } => format!("; {}", named(*role)),
        Advice::NoHeader { role } => {
            format!("; {}, or give --no-header if the first line is a row", named(*role))
        }
        Advice::ConfirmText { column } => {
            format!(": if it is the text all the same, say so with {text} {}", word(column))
        }
        Advice::NameFormat => ", or name it with --format".into(),
        Advice::QuoteLabel { label } => {
            let list = assort_datasets::join_names(&[label]);
            format!(": write it in double quotes, as in --keep {}", word(&list))
        }
        Advice::LeaveOutRare { at_least } => format!(", or leave rare labels out with --at-least {at_least}"),
        Advice::AnyNumberOfLabels => ", with --multi-label".into(),
        Advice::Overwrite => ", or allow it to be replaced with --overwrite".into(),
        _ => return None,
    })
}

fn text(advice: &assort_text::Advice, command: &Command) -> Option<String> {
    use assort_text::Advice;
    let flag = match command {
        Command::Tokenizer(_) => "--size",
        _ => "--set vocabulary_size",
    };
    match advice {
        Advice::EnlargeVocabulary { needed } => Some(format!("; give more, as in {flag}={needed}")),
        _ => None,
    }
}

fn tensor(advice: &assort_tensor::Advice) -> Option<String> {
    use assort_tensor::Advice;
    match advice {
        Advice::BuildOrUseCpu { feature } => {
            Some(format!(": build it with `--features {feature}`, or choose --device cpu"))
        }
        _ => None,
    }
}

fn train(advice: &assort_train::Advice) -> Option<String> {
    use assort_train::Advice;
    match advice {
        Advice::StartAnew => Some("; start without --resume".into()),
        _ => None,
    }
}

fn folder(advice: &assort_pipeline::Advice, command: &Command) -> Option<String> {
    use assort_pipeline::Advice;
    Some(match advice {
        Advice::OtherFolder => ", or choose another --out".into(),
        Advice::OtherFolderOrReplace => ": choose another --out, or give --overwrite to replace it".into(),
        Advice::TrustFiles => "; --no-check loads it all the same".into(),
        Advice::TrainFrom(folder) => {
            format!(": make one of it with assort train --pretrained {}", folder.display())
        }
        Advice::Text(advice) => return text(advice, command),
        _ => return None,
    })
}

fn score(advice: &assort_score::Advice, command: &Command) -> Option<String> {
    use assort_score::Advice;
    match advice {
        Advice::Data(advice) => data(advice, command),
        Advice::Folder(advice) => folder(advice, command),
        Advice::Overwrite => Some(", or allow them to be replaced with --overwrite".into()),
        _ => None,
    }
}

fn server(advice: &assort_serve::Advice, command: &Command) -> Option<String> {
    use assort_serve::Advice;
    Some(match advice {
        Advice::OtherAddress => "; choose another --address".into(),
        Advice::NameModel(name) => format!(": give one another, as in {}", word(&format!("{name}-2=FOLDER"))),
        Advice::Folder(advice) => return folder(advice, command),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::Arguments;
    use clap::Parser;

    #[track_caller]
    fn check(line: &str, error: impl Into<anyhow::Error>, expect: Option<&str>) {
        let words = ["assort"].into_iter().chain(line.split_whitespace());
        let arguments = Arguments::try_parse_from(words).unwrap();
        assert_eq!(render(&error.into(), &arguments.command).as_deref(), expect, "{line}");
    }

    const TRAIN: &str = "train --train a.csv --out m";

    #[test]
    fn each_command_names_its_own_flags() {
        let numbers = || assort_datasets::Error::NumericText { path: "a.csv".into(), column: "n".into() };
        let confirm = |flag| format!(": if it is the text all the same, say so with {flag} n");
        check(TRAIN, numbers(), Some(&confirm("--text")));
        check("predict m --data a.csv", numbers(), Some(&confirm("--text-column")));
        let small = || assort_text::Error::VocabularyTooSmall { size: 3, needed: 9 };
        check(TRAIN, small(), Some("; give more, as in --set vocabulary_size=9"));
        check("tokenizer train --data a.csv --out t.json", small(), Some("; give more, as in --size=9"));
    }

    #[test]
    fn advice_is_found_through_what_wraps_it() {
        let exists = || assort_pipeline::Error::Exists("m".into());
        let expect = Some(": choose another --out, or give --overwrite to replace it");
        check(TRAIN, exists(), expect);
        check(TRAIN, assort_experiment::Error::from(exists()), expect);
        check(TRAIN, anyhow::Error::from(exists()).context("in the end"), expect);
        let other = assort_train::Error::OtherRun("seed was 1, is 2".into());
        check(TRAIN, assort_experiment::Error::from(other), Some("; start without --resume"));
        check(TRAIN, assort_pipeline::Error::NoModel("m".into()), None);
        check(TRAIN, anyhow::anyhow!("else"), None);
    }
}
