//! t-distributed stochastic neighbour embedding (van der Maaten and Hinton 2008), accelerated by trees of
//! points (van der Maaten 2014).

use assort_random::Seed;
use rayon::prelude::*;

use crate::affinity::Affinities;
use crate::tree::{Repulsion, Tree};
use crate::{Error, Plane, Points, pca};

/// The hyper-parameters of [`tsne`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TsneConfig {
    /// How many neighbours a point has, smoothly counted; there must be more other points.
    pub perplexity: f64,
    /// Steps in all; in the first quarter, neighbours pull twelve times as hard, so that groups form.
    pub steps: usize,
    /// How coarsely far points are taken together, in [0, 0.7); 0 takes none together.
    pub theta: f64,
    /// Parts points that begin in the same place.
    pub seed: Seed,
}

impl Default for TsneConfig {
    fn default() -> Self {
        Self { perplexity: 30.0, steps: 1_000, theta: 0.5, seed: Seed::new(0) }
    }
}

impl TsneConfig {
    fn check(&self, points: usize) -> Result<(), Error> {
        let fail = |parameter, found: String, expected| Err(Error::Setting { parameter, found, expected });
        if !(self.perplexity >= 1.0 && self.perplexity.is_finite()) {
            return fail("perplexity", self.perplexity.to_string(), "give a number from 1 on");
        }
        if !(0.0..0.7).contains(&self.theta) {
            return fail("theta", self.theta.to_string(), "give a number from 0 to below 0.7");
        }
        if self.steps == 0 {
            return fail("steps", "0".into(), "give at least 1");
        }
        let least = self.perplexity.floor() as usize + 1;
        if points <= least {
            return Err(Error::Perplexity { perplexity: self.perplexity, least, found: points });
        }
        Ok(())
    }
}

const EXAGGERATION: f64 = 12.0;

/// Points in the plane, near where they are near in all dimensions. It begins with the principal components;
/// momentum, gains and learning rate are those of scikit-learn 1.2 and later, the rate max(N / 48, 50).
///
/// # Errors
/// [`Error::Perplexity`] for fewer points than the perplexity needs; [`Error::Setting`] for a value outside
/// its range.
pub fn tsne(points: &Points, config: &TsneConfig) -> Result<Plane, Error> {
    config.check(points.len())?;
    let affinities = Affinities::new(points, config.perplexity);
    let mut places = start(points, config.seed);
    let rate = (points.len() as f64 / EXAGGERATION / 4.0).max(50.0);
    let early = config.steps / 4;
    let phases = [(early, EXAGGERATION, 0.5), (config.steps - early, 1.0, 0.8)];
    for (steps, exaggeration, momentum) in phases {
        // The first phase's speed would throw groups apart in the second.
        let mut motion = vec![([0.0; 2], [1.0; 2]); places.len()];
        for _ in 0..steps {
            let gradient = gradient(&affinities, &places, exaggeration, config.theta);
            let all = places.par_iter_mut().zip(&mut motion).zip(&gradient);
            all.for_each(|((place, (motion, gains)), gradient)| {
                for axis in 0..2 {
                    let goes_on = gradient[axis] * motion[axis] < 0.0;
                    gains[axis] = if goes_on { gains[axis] + 0.2 } else { (gains[axis] * 0.8f64).max(0.01) };
                    motion[axis] = momentum * motion[axis] - rate * gains[axis] * gradient[axis];
                    place[axis] += motion[axis];
                }
            });
            centre(&mut places);
        }
    }
    Ok(Plane { points: places, explained: None })
}

/// The principal components, with a deviation of 1e-4 on the first, and a thousandth of that by chance.
fn start(points: &Points, seed: Seed) -> Vec<[f64; 2]> {
    let mut places = pca(points).points;
    let deviation = (places.iter().map(|[x, _]| x * x).sum::<f64>() / places.len() as f64).sqrt();
    let scale = if deviation > 0.0 { 1e-4 / deviation } else { 0.0 };
    let mut chance = seed.stream("tsne").generator();
    for place in &mut places {
        *place = place.map(|value| value * scale + 1e-7 * chance.normal());
    }
    places
}

fn centre(places: &mut [[f64; 2]]) {
    let count = places.len() as f64;
    let sum = places.iter().fold([0.0; 2], |sum, place| [sum[0] + place[0], sum[1] + place[1]]);
    places.iter_mut().for_each(|place| *place = [place[0] - sum[0] / count, place[1] - sum[1] / count]);
}

/// The repulsion of all points from each, and the sum Z of q over all pairs of different points. The sum is
/// taken in the points' order, so it does not depend on the threads.
fn repulsions(places: &[[f64; 2]], theta: f64) -> (Vec<Repulsion>, f64) {
    let tree = Tree::new(places);
    let all: Vec<Repulsion> =
        places.par_iter().with_min_len(64).map(|place| tree.repulsion(*place, theta)).collect();
    let sum = all.iter().map(|repulsion| repulsion.sum - 1.0).sum::<f64>().max(f64::MIN_POSITIVE);
    (all, sum)
}

/// The gradient of Kullback and Leibler's divergence: `4 Σⱼ (pᵢⱼ - qᵢⱼ / Z) qᵢⱼ (yᵢ - yⱼ)`, p exaggerated.
fn gradient(affinities: &Affinities, places: &[[f64; 2]], exaggeration: f64, theta: f64) -> Vec<[f64; 2]> {
    let (repulsions, sum) = repulsions(places, theta);
    let one = |(row, (place, repulsion)): (usize, (&[f64; 2], &Repulsion))| {
        let mut pull = [0.0; 2];
        for (other, p) in affinities.row(row) {
            let Some(other) = places.get(*other as usize) else { continue };
            let away = [place[0] - other[0], place[1] - other[1]];
            let q = p / (1.0 + away[0] * away[0] + away[1] * away[1]);
            pull[0] += q * away[0];
            pull[1] += q * away[1];
        }
        [0, 1].map(|axis: usize| 4.0 * (exaggeration * pull[axis] - repulsion.force[axis] / sum))
    };
    places.par_iter().zip(&repulsions).enumerate().with_min_len(64).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use assort_random::fill_normal;

    /// `Σ p ln(p Z / q)`.
    fn divergence(affinities: &Affinities, places: &[[f64; 2]]) -> f64 {
        let (_, sum) = repulsions(places, 0.0);
        let term = |row: usize, (other, p): &(u32, f64)| {
            let (a, b) = (places[row], places[*other as usize]);
            let distance = (a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2);
            if *p > 0.0 { p * (p * sum * (1.0 + distance)).ln() } else { 0.0 }
        };
        (0..places.len())
            .flat_map(|row| affinities.row(row).iter().map(move |e| (row, e)))
            .map(|(r, e)| term(r, e))
            .sum()
    }

    /// Five groups of points, 24 each, in ten dimensions.
    fn groups() -> Vec<f32> {
        let (mut centres, mut values) = (vec![0f32; 5 * 10], vec![0f32; 120 * 10]);
        fill_normal(&mut centres, 0.0, 3.0, Seed::new(1));
        fill_normal(&mut values, 0.0, 0.7, Seed::new(2));
        for (row, value) in values.chunks_mut(10).enumerate() {
            value.iter_mut().zip(&centres[row % 5 * 10..]).for_each(|(value, centre)| *value += centre);
        }
        values
    }

    #[test]
    fn the_gradient_is_that_of_the_divergence() {
        let values = groups();
        let points = Points::new(&values[..20 * 10], 10).unwrap();
        let affinities = Affinities::new(&points, 5.0);
        let mut chance = Seed::new(3).generator();
        let mut places: Vec<[f64; 2]> = (0..20).map(|_| [chance.normal(), chance.normal()]).collect();
        let found = gradient(&affinities, &places, 1.0, 0.0);
        for (point, found) in found.iter().enumerate() {
            for (axis, found) in found.iter().enumerate() {
                let mut at = |step: f64| {
                    places[point][axis] += step;
                    let value = divergence(&affinities, &places);
                    places[point][axis] -= step;
                    value
                };
                let expect = (at(1e-5) - at(-1e-5)) / 2e-5;
                assert!((found - expect).abs() < 1e-8, "{found} {expect}");
            }
        }
    }

    #[test]
    fn groups_stay_together() {
        let values = groups();
        let points = Points::new(&values, 10).unwrap();
        let config = TsneConfig { perplexity: 12.0, ..TsneConfig::default() };
        let plane = tsne(&points, &config).unwrap().points;
        for (row, place) in plane.iter().enumerate() {
            let distance = |other: &[f64; 2]| (place[0] - other[0]).powi(2) + (place[1] - other[1]).powi(2);
            let mut near: Vec<usize> = (0..plane.len()).filter(|other| *other != row).collect();
            near.sort_by(|a, b| distance(&plane[*a]).total_cmp(&distance(&plane[*b])));
            assert!(near[..10].iter().all(|other| other % 5 == row % 5), "{row}: {near:?}");
        }
        // The same bits for any number of threads.
        for threads in [1, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            assert_eq!(pool.install(|| tsne(&points, &config)).unwrap().points, plane);
        }
        let other = TsneConfig { seed: Seed::new(8), ..config };
        assert_ne!(tsne(&points, &other).unwrap().points, plane);
    }

    /// scikit-learn's `TSNE(perplexity=10).fit(words).kl_divergence_` in `golden.json`, of the same vectors.
    #[test]
    fn the_divergence_is_as_small_as_others_reach() {
        let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/vectors");
        let text = std::fs::read_to_string(fixtures.join("words.txt")).unwrap();
        let numbers = |line: &str| line.split(' ').skip(1).map(|n| n.parse().unwrap()).collect::<Vec<f32>>();
        let values: Vec<f32> = text.lines().flat_map(numbers).collect();
        let golden = std::fs::read_to_string(fixtures.join("golden.json")).unwrap();
        let golden: serde_json::Value = serde_json::from_str(&golden).unwrap();
        let points = Points::new(&values, 24).unwrap();
        let config = TsneConfig { perplexity: 10.0, ..TsneConfig::default() };
        let plane = tsne(&points, &config).unwrap();
        let found = divergence(&Affinities::new(&points, 10.0), &plane.points);
        let expect = golden["tsne_divergence"].as_f64().unwrap();
        assert!(found < 1.1 * expect, "{found} {expect}");
    }

    #[test]
    fn settings_and_points_that_do_not_fit() {
        let values = groups();
        let check = |points: usize, change: fn(&mut TsneConfig), expect: &str| {
            let mut config = TsneConfig::default();
            change(&mut config);
            let found = tsne(&Points::new(&values[..points * 10], 10).unwrap(), &config);
            assert_eq!(found.err().map(|error| error.to_string()).unwrap_or_default(), expect);
        };
        check(32, |_| (), "");
        let few = "perplexity = 30 needs more than 31 points, and there are 31: choose at most 10, or give \
                   more points";
        check(31, |_| (), few);
        check(12, |config| config.perplexity = 4.0, "");
        let three = "perplexity = 2 needs more than 3 points, and there are 3: give more points, or lay \
                     them out by PCA";
        check(3, |config| config.perplexity = 2.0, three);
        check(40, |config| config.perplexity = 0.0, "perplexity = 0: give a number from 1 on");
        check(40, |config| config.theta = 1.0, "theta = 1: give a number from 0 to below 0.7");
        check(40, |config| config.steps = 0, "steps = 0: give at least 1");
        assert_eq!(Points::new(&values[..20], 10).unwrap_err(), Error::TooFew { found: 2 });
        assert_eq!(Points::new(&[1.0, f32::NAN, 3.0], 1).unwrap_err(), Error::NotFinite { point: 2 });
        assert_eq!(Points::new(&[1.0; 7], 2).unwrap_err(), Error::Shape { values: 7, width: 2 });
    }
}
