//! Bars of block characters.

use super::table::{Lean, Table};
use crate::numbers::{grouped, percent};

const EIGHTHS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// A bar of so many columns at a share of 1; what is not zero is seen.
pub fn bar(share: f64, columns: usize) -> String {
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    let eighths = (share * columns as f64 * 8.0).round() as usize;
    let eighths = if share > 0.0 { eighths.max(1) } else { 0 };
    let mut bar = "█".repeat(eighths / 8);
    match EIGHTHS.get(eighths % 8) {
        Some(part) if eighths % 8 > 0 => bar.push(*part),
        _ => {}
    }
    bar
}

/// Counts with names as bars, the largest filling what these columns leave.
pub fn counts(counts: &[(String, u64)], columns: usize) -> Vec<String> {
    let sum: u64 = counts.iter().map(|(_, count)| count).sum();
    let largest = counts.iter().map(|(_, count)| *count).max().unwrap_or_default().max(1);
    let longest = counts.iter().map(|(name, _)| console::measure_text_width(name)).max().unwrap_or_default();
    let room = columns.saturating_sub(longest + 24).clamp(8, 40);
    let mut table = Table::plain(&[Lean::Left, Lean::Right, Lean::Right, Lean::Left]);
    for (name, count) in counts {
        let share = (sum > 0).then(|| *count as f64 / sum as f64);
        let bar = bar(*count as f64 / largest as f64, room);
        table.row([name.clone(), grouped(*count), percent(share), bar]);
    }
    table.lines()
}

/// Lengths in at most so many bins of equal, round width; the last bin takes all that are longer than `end`.
pub fn bins(lengths: &[u64], end: u64, most: u64) -> Vec<(String, u64)> {
    let Some(&longest) = lengths.iter().max() else { return Vec::new() };
    let end = end.min(longest);
    let steps = (0..20).flat_map(|power| [1, 2, 5].map(|digit| digit * 10_u64.pow(power)));
    let width = steps.into_iter().find(|width| end / width < most).unwrap_or(end.max(1));
    let within = end / width + 1;
    let mut bins: Vec<(String, u64)> = (0..within)
        .map(|bin| match width {
            1 => (grouped(bin), 0),
            _ => (format!("{}–{}", grouped(bin * width), grouped((bin + 1) * width - 1)), 0),
        })
        .collect();
    if longest >= within * width {
        bins.push((format!("{} and more", grouped(within * width)), 0));
    }
    let last = bins.len() - 1;
    for length in lengths {
        if let Some((_, count)) = bins.get_mut(((length / width) as usize).min(last)) {
            *count += 1;
        }
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_bars() {
        let check = |share, expect: &str| assert_eq!(bar(share, 4), expect, "{share}");
        check(0.0, "");
        check(1.0, "████");
        check(0.5, "██");
        check(0.28, "█▏");
        check(1e-9, "▏");
        check(7.0, "████");
        check(f64::NAN, "");
    }

    #[test]
    fn counts_with_shares() {
        let found = counts(&[("a".into(), 3), ("bb".into(), 1)], 0);
        assert_eq!(found, ["a   3  75.0 %  ████████", "bb  1  25.0 %  ██▋"]);
        assert!(counts(&[], 80).is_empty());
    }

    #[test]
    fn bins_are_round_and_whole() {
        let check = |lengths: &[u64], end, expect: &[(&str, u64)]| {
            let found = bins(lengths, end, 4);
            let found: Vec<(&str, u64)> = found.iter().map(|(name, count)| (name.as_str(), *count)).collect();
            assert_eq!(found, expect);
        };
        check(&[], 10, &[]);
        check(&[0], 0, &[("0", 1)]);
        check(&[1, 1, 3], 3, &[("0", 0), ("1", 2), ("2", 0), ("3", 1)]);
        check(
            &[1, 12, 14, 90],
            15,
            &[("0–4", 1), ("5–9", 0), ("10–14", 2), ("15–19", 0), ("20 and more", 1)],
        );
        check(&[7, 8], 100, &[("0–4", 0), ("5–9", 2)]);
    }
}
