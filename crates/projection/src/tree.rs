//! A tree of squares over points of the plane (Barnes and Hut 1986): far points act as one, at their centre.

/// Squares are cut in four at most so often; points that are still together then share a leaf.
const DEEPEST: u32 = 40;
/// Squares that wait on the way through the tree: three of each level, and one.
const WAITING: usize = 3 * DEEPEST as usize + 4;

#[derive(Clone, Copy, Debug)]
struct Square {
    /// The mean of its points.
    centre: [f64; 2],
    points: f64,
    /// The square of its side; 0 for a leaf, which always counts as far.
    side_squared: f64,
    /// Its parts, and how many; empty parts are left out.
    first_part: u32,
    parts: u32,
}

/// The repulsion of one point from all together.
#[derive(Clone, Copy, Debug, Default)]
pub struct Repulsion {
    /// The sum of `(yᵢ - yⱼ) q²`, with `q = 1 / (1 + |yᵢ - yⱼ|²)`.
    pub force: [f64; 2],
    /// The sum of q over all points, this one included.
    pub sum: f64,
}

/// The tree of one step.
#[derive(Debug)]
pub struct Tree(Vec<Square>);

impl Tree {
    /// Builds the tree over points that are finite.
    pub fn new(points: &[[f64; 2]]) -> Self {
        let bound = |pick: fn(f64, f64) -> f64, start: f64| {
            let both =
                |bound: [f64; 2], point: &[f64; 2]| [pick(bound[0], point[0]), pick(bound[1], point[1])];
            points.iter().fold([start; 2], both)
        };
        let (low, high) = (bound(f64::min, f64::INFINITY), bound(f64::max, f64::NEG_INFINITY));
        let half = 0.5 * (high[0] - low[0]).max(high[1] - low[1]).max(f64::MIN_POSITIVE);
        let middle = [(low[0] + high[0]) / 2.0, (low[1] + high[1]) / 2.0];
        let mut points = points.to_vec();
        let mut squares = vec![summary(&points)];
        // Squares that may have to be cut: number, points, middle, half of the side, depth.
        let mut open = vec![(0usize, 0..points.len(), middle, half, 0u32)];
        while let Some((number, range, middle, half, depth)) = open.pop() {
            if range.len() < 2 || depth == DEEPEST {
                continue;
            }
            let own = points.get_mut(range.clone()).unwrap_or_default();
            let upper = partition(own, |point| point[1] < middle[1]);
            let (above, below) = own.split_at_mut(upper);
            let is_left = |point: &[f64; 2]| point[0] < middle[0];
            let (left_above, left_below) = (partition(above, is_left), partition(below, is_left));
            let ends = [left_above, upper, upper + left_below, range.len()];
            let first_part = squares.len() as u32;
            let (mut start, quarter) = (0, half / 2.0);
            for (part, end) in ends.into_iter().enumerate() {
                let part_range = range.start + start..range.start + end;
                start = end;
                if part_range.is_empty() {
                    continue;
                }
                let right = if part % 2 == 0 { -quarter } else { quarter };
                let down = if part < 2 { -quarter } else { quarter };
                let centre = [middle[0] + right, middle[1] + down];
                open.push((squares.len(), part_range.clone(), centre, quarter, depth + 1));
                squares.push(summary(points.get(part_range).unwrap_or_default()));
            }
            let parts = squares.len() as u32 - first_part;
            squares[number] =
                Square { first_part, parts, side_squared: 4.0 * half * half, ..squares[number] };
        }
        Self(squares)
    }

    /// The repulsion of the point at `place` from all. A square counts as one point where its side is less
    /// than `theta` times its distance; with 0 every point counts by itself. `theta` is below 0.7, so that no
    /// square that holds the point counts so.
    #[inline]
    pub fn repulsion(&self, place: [f64; 2], theta: f64) -> Repulsion {
        let mut result = Repulsion::default();
        let mut waiting = [0u32; WAITING];
        let mut count = 1;
        while count > 0 {
            count -= 1;
            let Some(square) = self.0.get(waiting[count] as usize) else { continue };
            let away = [place[0] - square.centre[0], place[1] - square.centre[1]];
            let distance = away[0] * away[0] + away[1] * away[1];
            if square.side_squared <= theta * theta * distance {
                let q = 1.0 / (1.0 + distance);
                let all = square.points * q;
                result.sum += all;
                result.force[0] += all * q * away[0];
                result.force[1] += all * q * away[1];
            } else {
                for part in 0..square.parts {
                    waiting[count] = square.first_part + part;
                    count += 1;
                }
            }
        }
        result
    }
}

fn summary(points: &[[f64; 2]]) -> Square {
    let count = points.len() as f64;
    let sum = points.iter().fold([0.0; 2], |sum, point| [sum[0] + point[0], sum[1] + point[1]]);
    let centre = [sum[0] / count, sum[1] / count];
    Square { centre, points: count, side_squared: 0.0, first_part: 0, parts: 0 }
}

/// Brings those that `is_first` takes to the front; how many they are.
fn partition(points: &mut [[f64; 2]], is_first: impl Fn(&[f64; 2]) -> bool) -> usize {
    let mut front = 0;
    for at in 0..points.len() {
        if points.get(at).is_some_and(&is_first) {
            points.swap(front, at);
            front += 1;
        }
    }
    front
}

#[cfg(test)]
mod tests {
    use super::*;
    use assort_random::Seed;

    fn check(points: &[[f64; 2]]) {
        let tree = Tree::new(points);
        for place in points {
            let mut expect = Repulsion::default();
            for other in points {
                let away = [place[0] - other[0], place[1] - other[1]];
                let q = 1.0 / (1.0 + away[0] * away[0] + away[1] * away[1]);
                expect.sum += q;
                expect.force[0] += q * q * away[0];
                expect.force[1] += q * q * away[1];
            }
            for (theta, tolerance) in [(0.0, 1e-9), (0.5, 0.02)] {
                let found = tree.repulsion(*place, theta);
                let scale = points.len() as f64;
                assert!((found.sum - expect.sum).abs() < tolerance * expect.sum, "{found:?} {expect:?}");
                let off = [0, 1].map(|axis: usize| (found.force[axis] - expect.force[axis]).abs());
                assert!(off.iter().all(|off| *off < tolerance * scale.sqrt()), "{found:?} {expect:?}");
            }
        }
    }

    #[test]
    fn as_by_every_pair() {
        check(&[[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]);
        check(&[[2.0, 2.0]; 5]);
        check(&[[0.0, 0.0], [1e-13, 0.0], [1e3, 1e3], [0.0, 0.0]]);
        let mut generator = Seed::new(2).generator();
        for scale in [1e-4, 1.0, 50.0] {
            let points: Vec<[f64; 2]> =
                (0..400).map(|_| [generator.normal() * scale, generator.normal() * scale]).collect();
            check(&points);
        }
    }
}
