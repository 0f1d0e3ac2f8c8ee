//! fastText's lines: `__label__name the text`.

use crate::Result;
use crate::carried::{Carried, CellKind};
use crate::collect::Collector;
use crate::read::pieces::{Parser, Piece, whole_lines};
use crate::request::Request;

const PREFIX: &str = "__label__";

/// Its columns, for those who carry them along.
const COLUMNS: [&str; 2] = ["label", "text"];

pub(crate) struct FastText {
    has_begun: bool,
}

impl FastText {
    pub(crate) fn new() -> Self {
        Self { has_begun: false }
    }
}

impl Parser for FastText {
    fn take<'r>(
        &mut self,
        request: &'r Request<'r>,
        piece: &Piece<'_>,
        collector: &mut Collector<'r>,
    ) -> Result<usize> {
        if !std::mem::replace(&mut self.has_begun, true) {
            let names = COLUMNS.map(String::from);
            collector.carried = Carried::of_text(request, &names, CellKind::Strings)?;
        }
        let (text, taken) = whole_lines(piece)?;
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
            let line = piece.lines + index as u64 + 1;
            let is_kept = match labels.as_slice() {
                [] | [_] => collector.add([Some(text)], labels.first().copied()),
                several => collector.add_several([Some(text)], several, Some(line))?,
            };
            if is_kept && !collector.carried.is_empty() {
                let cell = |place| if place == 0 { labels.join(" ") } else { text.to_owned() };
                collector.carried.push(|place| Some(cell(place)));
            }
            collector.flush_full()?;
        }
        Ok(taken)
    }
}
