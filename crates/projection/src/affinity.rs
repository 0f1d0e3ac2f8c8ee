//! How much points are neighbours: the joint probabilities p of t-SNE, of each point with its nearest ones.

use rayon::prelude::*;

use crate::Points;

/// A sparse symmetric matrix whose entries sum to one, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Affinities {
    /// Where each row begins; one more than there are rows.
    starts: Vec<usize>,
    entries: Vec<(u32, f64)>,
}

impl Affinities {
    /// A Gaussian around each point, as wide as gives it this perplexity among its three times as many
    /// nearest points; then the mean of both directions (van der Maaten 2014, equations 4 and 5).
    pub fn new(points: &Points, perplexity: f64) -> Self {
        let count = points.len();
        let most = ((3.0 * perplexity).ceil() as usize).clamp(1, count - 1);
        let rows: Vec<&[f32]> = points.rows().collect();
        let one_way = |(index, row): (usize, &&[f32])| {
            let mut near: Vec<(f32, u32)> =
                (0..).zip(&rows).map(|(other, values)| (squared_distance(row, values), other)).collect();
            near.swap_remove(index);
            // By distance, then by number: a full order.
            let order = |a: &(f32, u32), b: &(f32, u32)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
            near.select_nth_unstable_by(most - 1, order);
            near.truncate(most);
            near.sort_unstable_by(order);
            let distances: Vec<f64> = near.iter().map(|(distance, _)| f64::from(*distance)).collect();
            let shares = conditional(&distances, perplexity);
            near.iter().zip(shares).map(|((_, other), share)| (*other, share)).collect::<Vec<_>>()
        };
        let one_way: Vec<Vec<(u32, f64)>> = rows.par_iter().enumerate().map(one_way).collect();
        symmetric(&one_way)
    }

    pub fn row(&self, row: usize) -> &[(u32, f64)] {
        let place = |row: usize| self.starts.get(row).copied().unwrap_or_default();
        self.entries.get(place(row)..place(row + 1)).unwrap_or_default()
    }
}

fn squared_distance(one: &[f32], other: &[f32]) -> f32 {
    let (one, one_rest) = one.as_chunks::<16>();
    let (other, other_rest) = other.as_chunks::<16>();
    let mut sums = [0f32; 16];
    for (a, b) in one.iter().zip(other) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += (a - b) * (a - b);
        }
    }
    let rest: f32 = one_rest.iter().zip(other_rest).map(|(a, b)| (a - b) * (a - b)).sum();
    sums.iter().sum::<f32>() + rest
}

/// `exp(-β d)` for each squared distance, summing to one, with the β that gives the perplexity; the distances
/// rise.
fn conditional(distances: &[f64], perplexity: f64) -> Vec<f64> {
    const STEPS: usize = 200;
    const TOLERANCE: f64 = 1e-7;
    let nearest = distances.first().copied().unwrap_or_default();
    let wanted = perplexity.ln();
    let (mut low, mut high) = (0.0, f64::INFINITY);
    let typical = distances.iter().map(|distance| distance - nearest).sum::<f64>() / distances.len() as f64;
    let mut beta = if typical > 0.0 { 1.0 / typical } else { 1.0 };
    let mut shares = vec![0.0; distances.len()];
    for _ in 0..STEPS {
        let (mut sum, mut weighted) = (0.0, 0.0);
        for (share, distance) in shares.iter_mut().zip(distances) {
            let beyond = distance - nearest;
            *share = (-beta * beyond).exp();
            sum += *share;
            weighted += beyond * *share;
        }
        shares.iter_mut().for_each(|share| *share /= sum);
        let entropy = sum.ln() + beta * weighted / sum;
        if (entropy - wanted).abs() < TOLERANCE {
            break;
        }
        if entropy > wanted {
            low = beta;
            beta = if high.is_finite() { (beta + high) / 2.0 } else { beta * 2.0 };
        } else {
            high = beta;
            beta = (beta + low) / 2.0;
        }
        if !beta.is_finite() {
            break;
        }
    }
    shares
}

/// `(p(j|i) + p(i|j)) / 2N`.
fn symmetric(one_way: &[Vec<(u32, f64)>]) -> Affinities {
    let scale = 0.5 / one_way.len() as f64;
    let mut all: Vec<(u32, u32, f64)> = Vec::new();
    for (row, entries) in (0u32..).zip(one_way) {
        for (column, share) in entries {
            all.push((row, *column, share * scale));
            all.push((*column, row, share * scale));
        }
    }
    // A pair comes at most twice, and the sum of two numbers does not depend on their order.
    all.par_sort_unstable_by_key(|(row, column, _)| (*row, *column));
    let mut starts = vec![0];
    let mut entries: Vec<(u32, f64)> = Vec::with_capacity(all.len());
    let mut last = None;
    for (row, column, share) in all {
        match entries.last_mut() {
            Some(entry) if last == Some((row, column)) => entry.1 += share,
            _ => {
                starts.resize(row as usize + 1, entries.len());
                entries.push((column, share));
            }
        }
        last = Some((row, column));
    }
    starts.resize(one_way.len() + 1, entries.len());
    Affinities { starts, entries }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assort_random::{Seed, fill_normal};

    #[test]
    fn perplexity_is_reached() {
        let distances: Vec<f64> = (1..=90).map(|d| f64::from(d * d) / 10.0).collect();
        for perplexity in [2.0, 5.0, 30.0, 89.0] {
            let shares = conditional(&distances, perplexity);
            let entropy: f64 = shares.iter().filter(|p| **p > 0.0).map(|p| -p * p.ln()).sum();
            assert!((entropy.exp() - perplexity).abs() < 1e-4, "{} {perplexity}", entropy.exp());
        }
        // As many points at the same place as the perplexity is below: all count alike.
        assert_eq!(conditional(&[4.0; 5], 2.0), [0.2; 5]);
    }

    #[test]
    fn symmetric_and_of_sum_one() {
        let mut values = vec![0f32; 200 * 5];
        fill_normal(&mut values, 0.0, 1.0, Seed::new(1));
        // The same point three times.
        values.copy_within(0..5, 5);
        values.copy_within(0..5, 10);
        let affinities = Affinities::new(&Points::new(&values, 5).unwrap(), 10.0);
        let sum: f64 = (0..200).flat_map(|row| affinities.row(row)).map(|(_, p)| p).sum();
        assert!((sum - 1.0).abs() < 1e-12, "{sum}");
        for row in 0..200 {
            assert!(affinities.row(row).len() >= 30);
            for (column, p) in affinities.row(row) {
                assert_ne!(*column as usize, row);
                let back = affinities.row(*column as usize).iter().find(|(other, _)| *other as usize == row);
                assert_eq!(back.map(|(_, p)| *p), Some(*p));
            }
        }
    }
}
