//! `assort export`.

use anyhow::Result;
use assort_pipeline::{FasttextDifference, export_fasttext};
use assort_report::numbers::grouped;
use assort_report::terminal::block::block;

use super::sink;
use crate::arguments::ExportArguments;
use crate::exit::Exit;
use crate::interrupt;
use crate::screen::print;

/// Exports.
pub fn run(arguments: &ExportArguments) -> Result<Exit> {
    interrupt::end_at_once()?;
    let out = &arguments.fasttext;
    sink::check(out, arguments.overwrite, None)?;
    let differences = export_fasttext(&arguments.folder, out)?;
    let lines: Vec<String> = differences.iter().map(line).collect();
    if !lines.is_empty() {
        print(&block("differences", &lines))?;
    }
    print(&block("written", &[out.display().to_string()]))?;
    Ok(Exit::Fine)
}

fn line(difference: &FasttextDifference) -> String {
    match difference {
        FasttextDifference::Cutting => {
            "fastText cuts texts at blanks alone: give it the words that `assort tokenize` shows, with \
             blanks between"
                .into()
        }
        FasttextDifference::Longest(tokens) => {
            format!("fastText reads whole texts, the model the first {} tokens or so", grouped(*tokens))
        }
        FasttextDifference::UnknownWords => {
            "fastText leaves unknown words out, the model counts them; of a text without known words \
             fastText says nothing"
                .into()
        }
        FasttextDifference::Calibration => "probabilities are those before calibration".into(),
        FasttextDifference::Table => {
            "fastText rounds the scores of each label: probabilities differ by up to 0.008".into()
        }
    }
}
