//! The program `assort-bench-serve`: asks a server over HTTP for predictions, at several numbers of
//! connections, and tells how many requests a second it answers and how long they take.
//!
//! First all connections ask as fast as they are answered, which gives the rate that the server can hold.
//! Then requests are sent by a schedule, at a share of that rate or at a rate that is given, whether earlier
//! ones are answered or not; a request's time counts from when it was due. So a server that stands still for
//! a second is charged for all the requests of that second, and not for one. Any server that takes
//! `POST /predict` with `{"texts": […]}` can be asked, so a peer is measured alike.

mod load;

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Parser;
use serde_json::json;

use load::{Load, Pace};

/// Measure a server over HTTP: requests a second, and their times.
#[derive(Parser)]
#[command(name = "assort-bench-serve", bin_name = "cargo xtask bench serve")]
struct Arguments {
    /// The server's address, as 127.0.0.1:8080
    address: SocketAddr,
    /// File with texts, one a line; each request has one
    #[arg(long, value_name = "FILE")]
    texts: PathBuf,
    /// Name of the model, where the server has several
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    /// Numbers of connections
    #[arg(long, value_name = "N,…", value_delimiter = ',', default_value = "1,16,256",
        value_parser = clap::value_parser!(u16).range(1..))]
    connections: Vec<u16>,
    /// Seconds of each measurement
    #[arg(long, value_name = "N", default_value_t = 5,
        value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    /// Requests a second of the schedule [default: 0.7 of those that are held]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rate: Option<u32>,
}

/// Share of the rate that is held at which requests are scheduled.
const SHARE: f64 = 0.7;

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let path = &arguments.texts;
    let texts = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let requests: Vec<Vec<u8>> = texts
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|text| request(text, arguments.model.as_deref()))
        .collect();
    if requests.is_empty() {
        bail!("{}: it has no texts", path.display());
    }
    for &connections in &arguments.connections {
        let duration = Duration::from_secs(arguments.seconds);
        let load = Load { address: arguments.address, requests: &requests, connections, duration };
        let held = load.measure(Pace::AsAnswered)?;
        tell(connections, None, &held)?;
        let rate = arguments.rate.map_or(SHARE * held.per_second(), f64::from);
        tell(connections, Some(rate), &load.measure(Pace::Scheduled { rate })?)?;
    }
    Ok(())
}

/// A request for the labels of one text.
fn request(text: &str, model: Option<&str>) -> Vec<u8> {
    let mut body = json!({ "texts": [text] });
    if let Some(model) = model {
        body["model"] = model.into();
    }
    let body = body.to_string();
    let head = "POST /predict HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json";
    format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// Prints a line of JSON: with the schedule's rate, if there is one.
fn tell(connections: u16, rate: Option<f64>, found: &load::Found) -> Result<()> {
    let milliseconds = |share: f64| found.quantile(share).map(|time| 1e3 * time.as_secs_f64());
    let line = json!({
        "connections": connections,
        "scheduled_per_second": rate,
        "requests": found.times.len(),
        "failed": found.failed,
        "per_second": found.per_second(),
        "p50_ms": milliseconds(0.5),
        "p99_ms": milliseconds(0.99),
        "p99.9_ms": milliseconds(0.999),
    });
    Ok(writeln!(io::stdout(), "{line}")?)
}
