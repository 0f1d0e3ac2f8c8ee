//! Rows that go on in blocks, so that few of them are held.

use super::Collector;
use crate::{Block, ReadReport, Result};

impl<'r> Collector<'r> {
    /// Hands rows on in blocks.
    pub(crate) fn hand_on(&mut self, sink: impl FnMut(Block) -> bool + 'r) {
        self.sink = Some(Box::new(sink));
    }

    /// Holds no rows.
    pub(crate) fn forget(&mut self) {
        self.hand_on(|_| true);
    }

    /// Hands on the rows that are here.
    pub(crate) fn flush(&mut self) -> Result<()> {
        if self.sink.is_none() || (self.has_flushed && self.rows.is_empty()) {
            return Ok(());
        }
        if !self.rows.is_empty() {
            self.check_words()?;
        }
        self.has_flushed = true;
        self.ids.clear();
        self.ends.clear();
        let block = Block {
            texts: std::mem::take(&mut self.texts),
            rows: std::mem::take(&mut self.rows),
            columns: self.carried.take(),
            bytes: self.bytes,
        };
        if let Some(sink) = self.sink.as_mut().filter(|_| !self.is_stopped) {
            self.is_stopped = !sink(block);
        }
        Ok(())
    }

    /// Hands on a block that is full. To be called between rows.
    pub(crate) fn flush_full(&mut self) -> Result<()> {
        let is_full = self.rows.len() >= Block::ROWS || self.texts.bytes() >= Block::BYTES;
        if self.sink.is_some() && is_full { self.flush() } else { Ok(()) }
    }

    /// What was read, where the rows were handed on; the last of them are handed on before.
    pub(crate) fn handed_on(mut self) -> Result<ReadReport> {
        self.flush()?;
        if !self.is_stopped {
            self.check()?;
        }
        Ok(self.report)
    }
}
