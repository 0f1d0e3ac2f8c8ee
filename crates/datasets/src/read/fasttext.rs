//! fastText's lines: `__label__name the text`.

use crate::collect::Collector;
use crate::request::Request;
use crate::{Format, Result};

const PREFIX: &str = "__label__";

pub(crate) fn read<'r>(request: &'r Request<'r>, text: &str) -> Result<Collector<'r>> {
    let mut collector = Collector::new(request, Format::FastText);
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let mut labels = Vec::new();
        let mut rest = line;
        while let Some(after) = rest.trim_start().strip_prefix(PREFIX) {
            let end = after.find(char::is_whitespace).unwrap_or(after.len());
            let (label, text) = after.split_at_checked(end).unwrap_or((after, ""));
            labels.push(label);
            rest = text;
        }
        let text = if labels.is_empty() { line } else { rest.trim_start() };
        match labels.as_slice() {
            [] | [_] => collector.add([Some(text)], labels.first().copied()),
            several => collector.add_several([Some(text)], several, Some(index as u64 + 1))?,
        }
    }
    Ok(collector)
}
