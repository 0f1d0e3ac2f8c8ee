//! Numbers as people read them. What is undefined is a dash.

/// What stands for an undefined value.
pub const UNDEFINED: &str = "–";

/// A count with thousands separators: 10,444,291.
pub fn grouped(number: impl TryInto<u64>) -> String {
    let digits = number.try_into().map(|number| number.to_string()).unwrap_or_default();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A count with its noun: 1 row, 2,500 rows.
pub fn counted(number: impl TryInto<u64>, noun: &str) -> String {
    let number = grouped(number);
    let plural = if number == "1" { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// A share as a percentage: 44.1 %.
pub fn percent(share: impl Into<Option<f64>>) -> String {
    share.into().map_or(UNDEFINED.into(), |share| format!("{:.1} %", share * 100.0))
}

/// A figure with four digits behind the point.
pub fn figure(value: impl Into<Option<f64>>) -> String {
    value.into().map_or(UNDEFINED.into(), |value| format!("{value:.4}"))
}

/// A duration: 0.12 s, 75 s, 12 min 5 s.
pub fn seconds(seconds: f64) -> String {
    match seconds {
        short if short < 10.0 => format!("{short:.2} s"),
        middle if middle < 99.5 => format!("{middle:.0} s"),
        long => format!("{:.0} min {:.0} s", (long.round() / 60.0).floor(), long.round() % 60.0),
    }
}

/// A learning rate: 3.0e-3.
pub fn rate(rate: f64) -> String {
    format!("{rate:.1e}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        let check = |found: String, expect: &str| assert_eq!(found, expect);
        check(grouped(0_u64), "0");
        check(grouped(999_usize), "999");
        check(grouped(1_000_u32), "1,000");
        check(grouped(10_444_291_u64), "10,444,291");
        check(counted(1_u64, "row"), "1 row");
        check(counted(0_u64, "row"), "0 rows");
        check(counted(1_000_u64, "row"), "1,000 rows");
        check(percent(0.4414), "44.1 %");
        check(percent(None), "–");
        check(figure(0.5), "0.5000");
        check(figure(None), "–");
        check(seconds(0.123), "0.12 s");
        check(seconds(75.2), "75 s");
        check(seconds(725.0), "12 min 5 s");
        check(seconds(119.9), "2 min 0 s");
        check(rate(0.003), "3.0e-3");
    }
}
