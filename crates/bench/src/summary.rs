//! Many runs in one line: medians, ratios, means.

use anyhow::{Result, anyhow};
use serde_json::Value;

use crate::cases::{Case, Figure, Kind};
use crate::measure::Line;

/// The figures of a pair, in the order of the case; `None` where undefined.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    ours: Vec<Option<f64>>,
    /// `None` without a peer.
    peer: Option<Vec<Option<f64>>>,
}

impl Pair {
    /// Takes the case's figures out of the lines.
    ///
    /// # Errors
    /// The peer's line lacks one: the script is not the one that the table means.
    pub fn new(case: &Case, ours: &Line, peer: Option<&Line>) -> Result<Pair> {
        let take = |line: &Line| case.figures.iter().map(|f| line.get(f.key)?.as_f64()).collect();
        let lacking =
            |line: &Line| case.figures.iter().find(|f| !line.get(f.key).is_some_and(Value::is_number));
        if let Some(figure) = peer.and_then(lacking) {
            return Err(anyhow!(
                "the line of {} has no number `{}`",
                case.script.unwrap_or("the peer"),
                figure.key
            ));
        }
        Ok(Pair { ours: take(ours), peer: peer.map(take) })
    }
}

/// The last line: the first figure of the case at the top, each further one in an object under its key.
pub fn summary(case: &Case, pairs: &[Pair]) -> Line {
    let mut line = Line::new();
    line.insert("bench".into(), case.name.into());
    line.insert("pairs".into(), pairs.len().into());
    for (index, figure) in case.figures.iter().enumerate() {
        let ours: Vec<_> = pairs.iter().map(|pair| pair.ours.get(index).copied().flatten()).collect();
        let peer: Option<Vec<_>> =
            pairs.iter().map(|pair| Some(pair.peer.as_ref()?.get(index).copied().flatten())).collect();
        let told = compare(figure, &ours, peer.as_deref());
        if index == 0 {
            line.insert("figure".into(), figure.key.into());
            line.extend(told);
        } else {
            line.insert(figure.key.into(), Value::Object(told));
        }
    }
    line
}

fn compare(figure: &Figure, ours: &[Option<f64>], peer: Option<&[Option<f64>]>) -> Line {
    let mut line = Line::new();
    let mut tell = |key: &str, value: Option<f64>| line.insert(key.into(), value.map(rounded).into());
    match figure.kind {
        Kind::Cost { aim } | Kind::Rate { aim } => {
            tell("ours_median", median(ours));
            if let Some(peer) = peer {
                let is_rate = matches!(figure.kind, Kind::Rate { .. });
                let pairs = ours.iter().zip(peer);
                let ratios: Vec<_> = pairs
                    .map(|(&ours, &peer)| if is_rate { ratio(peer, ours) } else { ratio(ours, peer) })
                    .collect();
                tell("peer_median", median(peer));
                tell("ratio_median", median(&ratios));
            }
            tell("aim", Some(aim));
        }
        Kind::Score => {
            tell("ours_mean", mean(ours));
            if let Some(peer) = peer {
                tell("peer_mean", mean(peer));
            }
        }
    }
    line
}

/// How many times the first goes into the second; `None` if either is undefined or the first is 0.
fn ratio(first: Option<f64>, second: Option<f64>) -> Option<f64> {
    let ratio = second? / first?;
    ratio.is_finite().then_some(ratio)
}

/// The value in the middle, or the mean of the two there; `None` of no values or if one is undefined.
pub fn median(values: &[Option<f64>]) -> Option<f64> {
    let mut values = values.iter().copied().collect::<Option<Vec<f64>>>()?;
    values.sort_by(f64::total_cmp);
    let (low, high) = (values.len().checked_sub(1)? / 2, values.len() / 2);
    Some((values.get(low)? + values.get(high)?) / 2.0)
}

/// `None` of no values or if one is undefined.
fn mean(values: &[Option<f64>]) -> Option<f64> {
    let sum = values.iter().copied().sum::<Option<f64>>()?;
    (!values.is_empty()).then(|| sum / values.len() as f64)
}

/// Five significant digits: more is noise in a measured time.
pub fn rounded(value: f64) -> f64 {
    format!("{value:.4e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cases;

    fn all(values: &[f64]) -> Vec<Option<f64>> {
        values.iter().copied().map(Some).collect()
    }

    #[test]
    fn medians() {
        let check = |values: &[f64], expect| assert_eq!(median(&all(values)), expect, "{values:?}");
        check(&[], None);
        check(&[7.0], Some(7.0));
        check(&[3.0, 1.0], Some(2.0));
        check(&[9.0, 1.0, 2.0], Some(2.0));
        check(&[10.0, 9.0, 1.0, 2.0], Some(5.5));
        assert_eq!(median(&[Some(1.0), None, Some(2.0)]), None);
    }

    #[test]
    fn means() {
        assert_eq!(mean(&all(&[1.0, 2.0, 6.0])), Some(3.0));
        assert_eq!(mean(&[]), None);
        assert_eq!(mean(&[Some(1.0), None]), None);
    }

    #[test]
    fn ratios() {
        assert_eq!(ratio(Some(2.0), Some(10.0)), Some(5.0));
        assert_eq!(ratio(Some(4.0), Some(1.0)), Some(0.25));
        assert_eq!(ratio(Some(0.0), Some(1.0)), None);
        assert_eq!(ratio(None, Some(1.0)), None);
        assert_eq!(ratio(Some(1.0), None), None);
    }

    #[test]
    fn digits() {
        let check = |value, expect| assert_eq!(rounded(value), expect);
        check(0.0123456789, 0.012346);
        check(1234.5678, 1234.6);
        check(300.0, 300.0);
        check(0.0, 0.0);
    }

    fn line(value: Value) -> Line {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn the_ratio_is_that_of_pairs() {
        let case = cases::find("bag").unwrap();
        let pair = |ours: f64, peer: f64| {
            let (ours, peer) = (line(json!({"epoch_step_s": ours})), line(json!({"epoch_step_s": peer})));
            Pair::new(case, &ours, Some(&peer)).unwrap()
        };
        // Ratios 10, 4 and 3: their median, not the ratio of the medians (12 / 3).
        let pairs = [pair(1.0, 10.0), pair(3.0, 12.0), pair(5.0, 15.0)];
        let expect = json!({"bench": "bag", "pairs": 3, "figure": "epoch_step_s", "ours_median": 3.0,
                            "peer_median": 12.0, "ratio_median": 4.0, "aim": 10.0});
        assert_eq!(Value::Object(summary(case, &pairs)), expect);
        let pairs = [pair(1.0, 10.0), pair(2.0, 12.0), pair(5.0, 15.0)];
        assert_eq!(summary(case, &pairs)["ratio_median"], json!(6.0));
    }

    #[test]
    fn further_figures_have_their_own_place() {
        let case = cases::find("linear-imdb").unwrap();
        let ours = line(json!({"total_s": 2.0, "infer_s": 0.5, "peak_rss_mb": null, "accuracy": 0.9}));
        let peer = line(json!({"total_s": 8.0, "infer_s": 3, "peak_rss_mb": 900, "accuracy": 0.8}));
        let told = summary(case, &[Pair::new(case, &ours, Some(&peer)).unwrap()]);
        assert_eq!(told["ratio_median"], json!(4.0));
        let expect = json!({"ours_median": 0.5, "peer_median": 3.0, "ratio_median": 6.0, "aim": 5.0});
        assert_eq!(told["infer_s"], expect);
        let expect = json!({"ours_median": null, "peer_median": 900.0, "ratio_median": null, "aim": 2.0});
        assert_eq!(told["peak_rss_mb"], expect);
        assert_eq!(told["accuracy"], json!({"ours_mean": 0.9, "peer_mean": 0.8}));
        let told = summary(case, &[Pair::new(case, &ours, None).unwrap()]);
        assert_eq!(told["infer_s"], json!({"ours_median": 0.5, "aim": 5.0}));
        assert_eq!(told["accuracy"], json!({"ours_mean": 0.9}));
        let error = Pair::new(case, &ours, Some(&line(json!({"total_s": 8.0})))).unwrap_err();
        assert_eq!(error.to_string(), "the line of tfidf_sklearn.py has no number `infer_s`");
    }
}
