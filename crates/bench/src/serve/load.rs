//! Connections that ask, each on a thread of its own.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// Bytes of a thread's stack: there may be thousands.
const STACK: usize = 256 << 10;

/// When requests are sent.
#[derive(Clone, Copy)]
pub enum Pace {
    /// Each connection asks again when it is answered.
    AsAnswered,
    /// So many a second, evenly, by whichever connection is free; late ones at once.
    Scheduled {
        /// Requests a second.
        rate: f64,
    },
}

/// A server, and what it is asked.
pub struct Load<'r> {
    pub address: SocketAddr,
    /// The bytes of each request; they are taken in turn.
    pub requests: &'r [Vec<u8>],
    pub connections: u16,
    pub duration: Duration,
}

/// What came back.
#[derive(Default)]
pub struct Found {
    /// The time of each request that was answered with status 200, the shortest first.
    pub times: Vec<Duration>,
    /// Requests that were answered otherwise, or not at all.
    pub failed: usize,
    /// From the first request to the last answer.
    pub elapsed: Duration,
}

impl Found {
    /// Good answers a second.
    pub fn per_second(&self) -> f64 {
        self.times.len() as f64 / self.elapsed.as_secs_f64()
    }

    /// The time within which this share of the requests was answered; `None` without any.
    pub fn quantile(&self, share: f64) -> Option<Duration> {
        let place = (share * self.times.len() as f64).ceil() as usize;
        self.times.get(place.max(1) - 1).copied()
    }
}

impl Load<'_> {
    /// Asks for the duration.
    ///
    /// # Errors
    /// If a connection cannot be made, or there are no threads.
    pub fn measure(&self, pace: Pace) -> Result<Found> {
        let connect = |_| TcpStream::connect(self.address);
        let streams: Vec<TcpStream> = (0..self.connections)
            .map(connect)
            .collect::<Result<_, _>>()
            .with_context(|| format!("cannot connect to {}", self.address))?;
        let (start, next) = (Instant::now(), AtomicUsize::new(0));
        let parts: Vec<Found> = std::thread::scope(|scope| {
            let threads = streams.into_iter().map(|stream| {
                let thread = std::thread::Builder::new().stack_size(STACK);
                thread.spawn_scoped(scope, || self.ask(stream, pace, start, &next))
            });
            let threads: Vec<_> = threads.collect::<Result<_, _>>()?;
            Ok::<_, std::io::Error>(threads.into_iter().filter_map(|thread| thread.join().ok()).collect())
        })?;
        let mut all = Found { elapsed: start.elapsed(), ..Found::default() };
        for part in parts {
            all.times.extend(part.times);
            all.failed += part.failed;
        }
        all.times.sort_unstable();
        Ok(all)
    }

    /// Asks on one connection, a new one after a failure; `next` is the number of the next request of all.
    fn ask(&self, stream: TcpStream, pace: Pace, start: Instant, next: &AtomicUsize) -> Found {
        let (mut stream, mut found, mut buffer) = (Some(stream), Found::default(), vec![0; 1 << 16]);
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let due = match pace {
                Pace::AsAnswered => Instant::now(),
                Pace::Scheduled { rate } => start + Duration::from_secs_f64(number as f64 / rate),
            };
            if due.duration_since(start) >= self.duration {
                return found;
            }
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            let open = stream.take().or_else(|| TcpStream::connect(self.address).ok());
            let request = &self.requests[number % self.requests.len()];
            match open.and_then(|mut open| Some((exchange(&mut open, request, &mut buffer)?, open))) {
                Some((200, open)) => {
                    found.times.push(due.elapsed());
                    stream = Some(open);
                }
                Some((_, open)) => {
                    found.failed += 1;
                    stream = Some(open);
                }
                None => found.failed += 1,
            }
        }
    }
}

/// Sends a request and reads its answer to the end; gives the status. `None` if the connection breaks.
fn exchange(stream: &mut TcpStream, request: &[u8], buffer: &mut [u8]) -> Option<u16> {
    stream.set_nodelay(true).ok()?;
    stream.write_all(request).ok()?;
    let mut filled = 0;
    loop {
        let read = stream.read(buffer.get_mut(filled..)?).ok().filter(|read| *read > 0)?;
        filled += read;
        if let Some((status, length)) = whole(&buffer[..filled])
            && filled >= length
        {
            return Some(status);
        }
    }
}

/// Status and length of an answer whose head is whole.
fn whole(bytes: &[u8]) -> Option<(u16, usize)> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    Some((status, end + length.unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn answers_end_where_their_heads_say() {
        assert_eq!(whole(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r"), None);
        assert_eq!(whole(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na"), Some((200, 41)));
        assert_eq!(whole(b"HTTP/1.1 503 Busy\r\n\r\n"), Some((503, 21)));
    }

    #[test]
    fn quantiles() {
        let times: Vec<Duration> = (1..=1000).map(Duration::from_millis).collect();
        let found = Found { times, failed: 0, elapsed: Duration::from_secs(2) };
        let milliseconds = |share| found.quantile(share).unwrap().as_millis();
        assert_eq!([0.0, 0.5, 0.99, 0.999, 1.0].map(milliseconds), [1, 500, 990, 999, 1000]);
        assert_eq!((found.per_second(), Found::default().quantile(0.5)), (500.0, None));
    }

    /// A server that stands still before its first answer: all requests that were due meanwhile have waited.
    #[test]
    fn a_pause_is_charged_to_all_requests_that_were_due() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let pause = Duration::from_millis(300);
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let (mut letter, mut rest) = ([0], pause);
            while stream.read(&mut letter).unwrap_or(0) == 1 {
                std::thread::sleep(std::mem::take(&mut rest));
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
            }
        });
        let requests = [b"a".to_vec()];
        let load =
            Load { address, requests: &requests, connections: 1, duration: Duration::from_millis(400) };
        let found = load.measure(Pace::Scheduled { rate: 100.0 }).unwrap();
        server.join().unwrap();
        assert_eq!((found.times.len(), found.failed), (40, 0));
        // Those that were due in the first half of the pause.
        assert!(found.times.iter().filter(|time| **time >= pause / 2).count() >= 15);
    }
}
