//! Plain lines without labels.

use crate::carried::{Carried, CellKind};
use crate::collect::Collector;
use crate::read::pieces::{Parser, Piece, whole_lines};
use crate::request::{Need, Request};
use crate::{Error, Result};

pub(crate) struct Lines {
    has_begun: bool,
}

impl Lines {
    pub(crate) fn new() -> Self {
        Self { has_begun: false }
    }
}

impl Parser for Lines {
    fn take<'r>(
        &mut self,
        request: &'r Request<'r>,
        piece: &Piece<'_>,
        collector: &mut Collector<'r>,
    ) -> Result<usize> {
        if !std::mem::replace(&mut self.has_begun, true) {
            collector.carried = Carried::of_text(request, &["text".to_owned()], CellKind::Strings)?;
        }
        let (text, taken) = whole_lines(piece)?;
        if request.need == Need::Labelled {
            let problem = "its lines have no labels: give a CSV, TSV, JSON Lines or Parquet file with \
                           columns, lines that begin with __label__NAME, or a folder with a folder for each \
                           label";
            return Err(Error::format(request.path, problem));
        }
        // A blank line counts, so that a row has the number of its line.
        for line in text.lines() {
            if collector.add([Some(line)], None) && !collector.carried.is_empty() {
                collector.carried.push(|_| Some(line.to_owned()));
            }
            collector.flush_full()?;
        }
        Ok(taken)
    }
}
