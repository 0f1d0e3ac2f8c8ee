//! Times reading, auditing, splitting and hashing:
//! `cargo run --release -p assort-datasets --example reading -- FILE...`
#![allow(clippy::print_stdout)]

use std::time::Instant;

use assort_datasets::{Audit, AuditOptions, Ratios, ReadOptions, leaks, read};
use assort_random::Seed;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let begin = Instant::now();
    let mut sets = Vec::new();
    for path in std::env::args().skip(1) {
        let start = Instant::now();
        let (data, report) = read(&path, &ReadOptions::default())?;
        println!(
            "{:.3} s read {path}: {} rows, {} kept",
            start.elapsed().as_secs_f64(),
            report.rows,
            report.kept
        );
        sets.push((path, data));
    }
    println!("{:.3} s read all", begin.elapsed().as_secs_f64());
    let (options, start) = (AuditOptions::default(), Instant::now());
    for (path, data) in &sets {
        let audit = Audit::of(data, &options);
        println!("  {path}: {} duplicate rows, longest {:?}", audit.duplicates.rows, audit.longest);
    }
    println!("{:.3} s audit", start.elapsed().as_secs_f64());
    let start = Instant::now();
    let named: Vec<_> = sets.iter().map(|(path, data)| (path.as_str(), data)).collect();
    for leak in leaks(&named, &options) {
        println!("  {} texts of {} are in {}", leak.texts, leak.second, leak.first);
    }
    println!("{:.3} s leaks", start.elapsed().as_secs_f64());
    let start = Instant::now();
    for (_, data) in &sets {
        data.split(&Ratios::parse("0.7,0.15,0.15")?, Seed::new(1))?;
    }
    println!("{:.3} s split", start.elapsed().as_secs_f64());
    let start = Instant::now();
    for (path, data) in &sets {
        println!("  {} {path}", data.digest());
    }
    println!("{:.3} s digest", start.elapsed().as_secs_f64());
    Ok(())
}
