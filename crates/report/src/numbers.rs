//! Numbers as people read them, the same in terminals, pages and cards. What is undefined is a dash, never
//! `NaN`.

use assort_metrics::{Interval, Scale};

/// The sign of an undefined value.
pub const UNDEFINED: &str = "–";

/// A count with a comma between thousands: 10,444,291.
pub fn grouped(number: impl TryInto<u64>) -> String {
    number.try_into().map_or(UNDEFINED.into(), |number| group(&number.to_string()))
}

/// A count and what is counted: 1 test row; 3,346 test rows.
pub fn counted(number: impl TryInto<u64>, what: &str) -> String {
    let number = grouped(number);
    let plural = if number == "1" { "" } else { "s" };
    format!("{number} {what}{plural}")
}

fn group(digits: &str) -> String {
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number with so many decimals and a comma between thousands.
pub fn decimal(number: impl Into<Option<f64>>, decimals: usize) -> String {
    let Some(number) = number.into().filter(|number| number.is_finite()) else { return UNDEFINED.into() };
    let text = format!("{:.decimals$}", number.abs());
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let is_negative = number < 0.0 && text.bytes().any(|byte| matches!(byte, b'1'..=b'9'));
    format!("{}{}{rest}", if is_negative { "−" } else { "" }, group(whole))
}

/// A number with four decimals.
pub fn figure(value: impl Into<Option<f64>>) -> String {
    decimal(value, 4)
}

/// A value on the scale of its figure: a share as a percentage, another number with four decimals.
pub fn scaled(value: impl Into<Option<f64>>, scale: Scale) -> String {
    match scale {
        Scale::Share => percent(value),
        Scale::Number => figure(value),
    }
}

/// The ends of an interval on the scale of its figure: 57.9 to 60.5 %.
pub fn range(interval: &Interval, scale: Scale) -> String {
    let [low, high] = [interval.low, interval.high].map(|end| scaled(end, scale));
    format!("{} to {high}", low.trim_end_matches(" %"))
}

/// A share of one as a percentage with one decimal: 59.2 %. What rounds to 0 or 100 without being it says so.
pub fn percent(share: impl Into<Option<f64>>) -> String {
    let Some(share) = share.into().filter(|share| share.is_finite()) else { return UNDEFINED.into() };
    match (share, decimal(share * 100.0, 1)) {
        (share, text) if share > 0.0 && text == "0.0" => "<0.1 %".into(),
        (share, text) if share < 1.0 && text == "100.0" => ">99.9 %".into(),
        (_, text) => format!("{text} %"),
    }
}

/// A time: 0.004 s; 0.42 s; 5.1 s; 3 min 12 s; 2 h 5 min.
pub fn seconds(time: impl Into<Option<f64>>) -> String {
    let Some(time) = time.into().filter(|time| time.is_finite() && *time >= 0.0) else {
        return UNDEFINED.into();
    };
    let (minutes, hours) = ((time / 60.0).floor(), (time / 3600.0).floor());
    match time {
        time if time < 0.0995 => format!("{} s", decimal(time, 3)),
        time if time < 0.995 => format!("{} s", decimal(time, 2)),
        time if time < 60.0 => format!("{} s", decimal(time, 1)),
        time if time < 3600.0 => format!("{minutes} min {} s", (time - minutes * 60.0).floor()),
        _ => format!("{} h {} min", decimal(hours, 0), minutes - hours * 60.0),
    }
}

/// A number of things a second.
pub fn rate(number: Option<f64>) -> String {
    decimal(number, if number.is_some_and(|number| number < 100.0) { 1 } else { 0 })
}

/// Bytes as MB of 10⁶, with one decimal: `2.0 MB`.
pub fn megabytes(bytes: u64) -> String {
    format!("{} MB", decimal(bytes as f64 / 1e6, 1))
}

/// A number with four digits that count, as learning rates: 0.0009877.
pub fn four_digits(number: f64) -> String {
    match format!("{number:.3e}").parse::<f64>() {
        Ok(rounded) if rounded.is_finite() => rounded.to_string(),
        _ => UNDEFINED.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<I>(format: impl Fn(I) -> String, cases: impl IntoIterator<Item = (I, &'static str)>) {
        for (input, expect) in cases {
            assert_eq!(format(input), expect);
        }
    }

    #[test]
    fn shares() {
        let cases =
            [(0.5923, "59.2 %"), (0.0, "0.0 %"), (1.0, "100.0 %"), (1e-5, "<0.1 %"), (0.99999, ">99.9 %")];
        check(percent, cases);
        check(percent, [(f64::NAN, "–"), (f64::INFINITY, "–"), (0.9994, "99.9 %"), (0.0006, "0.1 %")]);
        assert_eq!(percent(None), "–");
    }

    #[test]
    fn numbers() {
        check(
            |number: f64| decimal(number, 3),
            [(0.8915, "0.891"), (-1234.5, "−1,234.500"), (-0.0, "0.000"), (f64::NAN, "–")],
        );
        check(figure, [(Some(0.5), "0.5000"), (None, "–")]);
        check(
            |number: u32| grouped(number),
            [(0, "0"), (999, "999"), (1000, "1,000"), (10_444_291, "10,444,291")],
        );
        check(|number: u32| counted(number, "row"), [(0, "0 rows"), (1, "1 row"), (3346, "3,346 rows")]);
        check(
            rate,
            [(None, "–"), (Some(52_340.4), "52,340"), (Some(3.25), "3.2"), (Some(f64::INFINITY), "–")],
        );
        check(four_digits, [(3e-3, "0.003"), (0.000_987_654, "0.0009877"), (f64::NAN, "–")]);
    }

    #[test]
    fn times() {
        let short =
            [(0.0042, "0.004 s"), (0.42, "0.42 s"), (0.999, "1.0 s"), (5.11, "5.1 s"), (59.99, "60.0 s")];
        check(seconds, short);
        let long =
            [(60.0, "1 min 0 s"), (192.4, "3 min 12 s"), (7500.0, "2 h 5 min"), (-1.0, "–"), (f64::NAN, "–")];
        check(seconds, long);
    }
}
