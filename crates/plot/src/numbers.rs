//! Numbers as people write them, and ticks at round ones.

/// How the numbers of an axis are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NumberFormat {
    /// As they are: 0.25; 40,000.
    #[default]
    Number,
    /// As shares: 0.25 becomes 25 %.
    Percent,
    /// As what the values are logarithms of, to base 10: 2 becomes 100. Ticks stand at whole powers.
    PowerOfTen,
}

/// Whether ticks may stand between whole numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Steps {
    Any,
    Whole,
}

/// The largest amount that is drawn; larger ones count as not finite.
const LARGEST: f64 = 1e100;

/// Whether a value has a place on an axis.
pub(crate) fn is_drawable(value: f64) -> bool {
    value.abs() <= LARGEST
}

/// Distances between ticks: 1, 2, 2.5 or 5 times a power of ten.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Step {
    pub size: f64,
    decimals: usize,
}

impl Step {
    /// The step that cuts `span` into about `wanted` parts, rather fewer than more.
    pub(crate) fn new(span: f64, wanted: f64, steps: Steps) -> Step {
        let raw = (span / wanted.max(1.0)).max(1e-100);
        let mut power = raw.log10().floor() as i32;
        let mut factor = [1.0, 2.0, 2.5, 5.0, 10.0]
            .into_iter()
            .find(|factor| factor * ten(power) >= raw * (1.0 - 1e-9))
            .unwrap_or(10.0);
        if factor == 10.0 {
            (factor, power) = (1.0, power + 1);
        }
        if steps == Steps::Whole {
            if power < 0 {
                (factor, power) = (1.0, 0);
            } else if power == 0 && factor == 2.5 {
                factor = 5.0;
            }
        }
        let decimals = (-power).max(0) as usize + usize::from(factor == 2.5 && power <= 0);
        Step { size: factor * ten(power), decimals }
    }

    /// The ticks from `low` to `high` with their words.
    pub(crate) fn ticks(&self, low: f64, high: f64, format: NumberFormat) -> Vec<(f64, String)> {
        let first = (low / self.size - 1e-6).ceil();
        let last = (high / self.size + 1e-6).floor();
        let count = (last - first).clamp(-1.0, 1000.0) as i64;
        let tick = |index: i64| {
            // Adding 0.0 turns -0.0 into 0.0.
            let value = (first + index as f64) * self.size + 0.0;
            (value, self.words(value, format))
        };
        (0..=count).map(tick).collect()
    }

    /// A tick's words: as many decimals as the step needs.
    fn words(&self, value: f64, format: NumberFormat) -> String {
        let largest = value.abs().max(self.size);
        match format {
            NumberFormat::Percent => {
                format!("{} %", grouped(value * 100.0, self.decimals.saturating_sub(2)))
            }
            NumberFormat::PowerOfTen => crate::numbers::value(ten(value.round() as i32)),
            NumberFormat::Number if value == 0.0 => "0".to_string(),
            NumberFormat::Number if largest >= 1e9 || self.decimals > 6 => short_exponent(value),
            NumberFormat::Number => grouped(value, self.decimals),
        }
    }
}

fn ten(power: i32) -> f64 {
    // Division is exact where multiplying with 0.1 is not.
    if power < 0 { 1.0 / 10f64.powi(-power) } else { 10f64.powi(power) }
}

/// 1.5e9, with up to four digits after the point.
fn short_exponent(value: f64) -> String {
    let text = format!("{value:.4e}");
    match text.split_once('e') {
        Some((digits, power)) => format!("{}e{power}", trimmed(digits)),
        None => text,
    }
}

fn trimmed(digits: &str) -> &str {
    if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits }
}

/// `value` with a comma between thousands.
pub(crate) fn grouped(value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut out = String::new();
    if value < 0.0 && text.bytes().any(|byte| matches!(byte, b'1'..=b'9')) {
        out.push('−');
    }
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

/// A value on its own: whole numbers whole, others with about four digits.
pub(crate) fn value(number: f64) -> String {
    let amount = number.abs();
    if amount >= 1e9 || (amount > 0.0 && amount < 1e-4) {
        return short_exponent(number);
    }
    if number.fract() == 0.0 {
        return grouped(number, 0);
    }
    let decimals = if amount >= 100.0 {
        1
    } else if amount >= 10.0 {
        2
    } else if amount >= 0.1 {
        3
    } else {
        5
    };
    trimmed(&grouped(number, decimals)).to_string()
}

/// A share of one as a whole per cent; what rounds to 0 or 100 without being it says so.
pub(crate) fn percent(share: f64) -> String {
    let rounded = (share * 100.0).round();
    match share {
        share if share > 0.0 && rounded == 0.0 => "<1 %".to_string(),
        share if share < 1.0 && rounded == 100.0 => ">99 %".to_string(),
        _ => format!("{} %", grouped(rounded, 0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(low: f64, high: f64, steps: Steps, format: NumberFormat, expect: &str) {
        let ticks = Step::new(high - low, 5.0, steps).ticks(low, high, format);
        let words: Vec<String> = ticks.into_iter().map(|(_, words)| words).collect();
        assert_eq!(words.join(" "), expect);
    }

    #[test]
    fn ticks_are_round() {
        check(0.0, 1.0, Steps::Any, NumberFormat::Number, "0 0.2 0.4 0.6 0.8 1.0");
        check(0.05, 0.34, Steps::Any, NumberFormat::Number, "0.1 0.2 0.3");
        check(0.0, 0.5, Steps::Any, NumberFormat::Percent, "0 % 10 % 20 % 30 % 40 % 50 %");
        check(0.970, 0.990, Steps::Any, NumberFormat::Percent, "97.0 % 97.5 % 98.0 % 98.5 % 99.0 %");
        check(-2.0, 2.0, Steps::Any, NumberFormat::Number, "−2 −1 0 1 2");
        check(0.0, 43_000.0, Steps::Any, NumberFormat::Number, "0 10,000 20,000 30,000 40,000");
        check(0.0, 5e12, Steps::Any, NumberFormat::Number, "0 1e12 2e12 3e12 4e12 5e12");
        check(0.0, 5e-9, Steps::Any, NumberFormat::Number, "0 1e-9 2e-9 3e-9 4e-9 5e-9");
        check(1.0, 4.0, Steps::Whole, NumberFormat::Number, "1 2 3 4");
        check(1.0, 12.0, Steps::Whole, NumberFormat::Number, "5 10");
        check(1.0, 1.0, Steps::Whole, NumberFormat::Number, "1");
        check(1.0, 120.0, Steps::Whole, NumberFormat::Number, "25 50 75 100");
    }

    #[test]
    fn values_have_few_digits() {
        let cases = [
            (8638.0, "8,638"),
            (0.1 + 0.2, "0.3"),
            (-0.25, "−0.25"),
            (1.23456, "1.235"),
            (123.456, "123.5"),
            (0.012345, "0.01235"),
            (-0.0, "0"),
            (1.5e10, "1.5e10"),
            (40733.0, "40,733"),
        ];
        for (number, expect) in cases {
            assert_eq!(value(number), expect);
        }
    }

    #[test]
    fn shares_do_not_hide_a_rest() {
        let cases = [(0.0, "0 %"), (0.001, "<1 %"), (0.444, "44 %"), (0.999, ">99 %"), (1.0, "100 %")];
        for (share, expect) in cases {
            assert_eq!(percent(share), expect);
        }
    }
}
