//! A model beside its small copy.

use super::table::{Lean, Table};
use crate::Evaluation;
use crate::numbers::{grouped, percent, rate};

/// A model's size.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Bytes of the files that predict.
    pub bytes: u64,
    /// Rows of its table.
    pub rows: usize,
}

/// Both models on the same rows.
pub struct Judged {
    /// The model, then its copy.
    pub evaluations: [Evaluation; 2],
    /// The share of rows of which both say the same.
    pub agreement: f64,
}

/// Bytes of a number in memory.
const NUMBER: u64 = 4;

/// Size, and where there are rows accuracy with its interval and texts a second, before and after.
pub fn table(sizes: [Size; 2], judged: Option<&Judged>) -> Vec<String> {
    let mut header = vec![("", Lean::Left), ("bytes", Lean::Right), ("rows", Lean::Right)];
    if judged.is_some() {
        header.extend([("accuracy", Lean::Right), ("interval", Lean::Right), ("texts/s", Lean::Right)]);
    }
    let mut table = Table::new(&header);
    for (at, (name, size)) in ["before", "after"].into_iter().zip(sizes).enumerate() {
        let mut cells = vec![name.to_owned(), grouped(size.bytes), grouped(size.rows)];
        if let Some(evaluation) = judged.and_then(|judged| judged.evaluations.get(at)) {
            let interval = evaluation.accuracy_interval.map_or(String::new(), |interval| {
                format!("{} to {}", percent(interval.low), percent(interval.high))
            });
            let speed = (evaluation.seconds > 0.0).then(|| evaluation.rows as f64 / evaluation.seconds);
            cells.extend([percent(evaluation.accuracy()), interval, rate(speed)]);
        }
        table.row(cells);
    }
    let mut lines = table.lines();
    let [before, after] = sizes.map(|size| size.bytes);
    let share = before as f64 / after.max(1) as f64;
    let same =
        judged.map_or(String::new(), |judged| format!(", the same answer for {}", percent(judged.agreement)));
    lines.push(String::new());
    lines.push(format!("1/{share:.0} of the size{same}; in memory each number takes {NUMBER} bytes again"));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_alone() {
        let size = |bytes, rows| Size { bytes, rows };
        let found = table([size(5_000_000, 40_000), size(100_000, 900)], None);
        assert_eq!(found[0], "            bytes    rows");
        assert_eq!(found[1], "before  5,000,000  40,000");
        assert!(found[4].starts_with("1/50 of the size; in memory"), "{found:?}");
    }
}
