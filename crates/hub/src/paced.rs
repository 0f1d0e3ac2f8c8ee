//! A body that has to come at a pace.

use std::io::{self, Read};
use std::time::Instant;

use crate::Limits;

/// Reads on while bytes come fast enough. A time limit for each read alone lets a server send a byte now and
/// then for ever.
pub(crate) struct Paced<R> {
    body: R,
    limits: Limits,
    since: Instant,
    bytes: u64,
}

impl<R> Paced<R> {
    pub(crate) fn new(body: R, limits: Limits) -> Self {
        Self { body, limits, since: Instant::now(), bytes: 0 }
    }
}

impl<R: Read> Read for Paced<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.body.read(buffer)?;
        self.bytes += count as u64;
        let (least, taken) = (self.limits.least, self.since.elapsed());
        if taken >= self.limits.window {
            if self.bytes < least && count > 0 {
                let reason =
                    format!("{} bytes came in {:.0} s, fewer than {least}", self.bytes, taken.as_secs_f64());
                return Err(io::Error::new(io::ErrorKind::TimedOut, reason));
            }
            (self.since, self.bytes) = (Instant::now(), 0);
        }
        Ok(count)
    }
}
