//! Schedule of a layer: groups of rows, the steps that a direction takes over them, and pieces of those
//! steps.

use std::ops::Range;

use assort_tensor::Ragged;

use super::output::Place;

/// Rows of a group. One thread takes a group; the number of groups depends on the batch alone, so that
/// results do too.
const ROWS: usize = 32;

/// Tokens of a piece, more or less: what belongs to them stays in the second cache from the first product to
/// the last.
const TOKENS: usize = 256;

/// A row of the batch that has tokens.
#[derive(Clone, Copy, Debug)]
struct Row {
    number: usize,
    first: usize,
    length: usize,
}

/// Some rows of the batch, the longest first.
#[derive(Clone, Debug)]
pub(super) struct Group {
    rows: Vec<Row>,
    /// Number of rows that have a token t, for each t.
    alive: Vec<usize>,
}

impl Group {
    /// The batch's rows, dealt out by their length, so that the groups have like work.
    pub(super) fn all(rows: &Ragged) -> Vec<Self> {
        let places = rows.offsets().iter().map(|&offset| offset as usize).zip(rows.lengths()).enumerate();
        let all = places.map(|(number, (first, length))| Row { number, first, length });
        let mut order: Vec<Row> = all.filter(|row| row.length > 0).collect();
        order.sort_by_key(|row| std::cmp::Reverse(row.length));
        let count = order.len().div_ceil(ROWS);
        let group = |first: usize| {
            let rows: Vec<_> = order.iter().skip(first).step_by(count).copied().collect();
            let longest = rows.first().map_or(0, |row| row.length);
            let alive = (0..longest).map(|t| rows.partition_point(|row| row.length > t)).collect();
            Self { rows, alive }
        };
        (0..count).map(group).collect()
    }

    /// Number of rows.
    pub(super) fn count(&self) -> usize {
        self.rows.len()
    }
}

/// Direction in which the tokens of a row are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    FirstToLast,
    LastToFirst,
}

/// One direction over one group. Step s is at token t of each row that has one.
#[derive(Clone, Debug)]
pub(super) struct Schedule<'a> {
    group: &'a Group,
    order: Order,
    truncation: Option<usize>,
}

impl<'a> Schedule<'a> {
    pub(super) fn new(group: &'a Group, order: Order, truncation: Option<usize>) -> Self {
        Self { group, order, truncation }
    }

    /// t of step s.
    fn time(&self, s: usize) -> usize {
        match self.order {
            Order::FirstToLast => s,
            Order::LastToFirst => self.group.alive.len() - 1 - s,
        }
    }

    /// Number of rows, from the first, that have a token at step s.
    pub(super) fn alive(&self, s: usize) -> usize {
        self.group.alive[self.time(s)]
    }

    /// The places in the batch of the tokens of step s, row after row.
    pub(super) fn tokens(&self, s: usize) -> impl Iterator<Item = usize> + '_ {
        let t = self.time(s);
        self.group.rows[..self.alive(s)].iter().map(move |row| row.first + t)
    }

    /// The tokens of step s within their rows.
    pub(super) fn places(&self, s: usize) -> impl Iterator<Item = Place> + '_ {
        let (t, order) = (self.time(s), self.order);
        self.group.rows[..self.alive(s)].iter().map(move |&Row { number, first, length }| {
            let (is_first, is_last) = (t == 0, t + 1 == length);
            let (before, is_last) = match order {
                Order::FirstToLast => ((!is_first).then(|| first + t - 1), is_last),
                Order::LastToFirst => ((!is_last).then_some(first + t + 1), is_first),
            };
            Place { token: first + t, before, row: number, is_last }
        })
    }

    /// Whether gradients stop between step s and the one before.
    pub(super) fn is_cut_before(&self, s: usize) -> bool {
        let border = match self.order {
            Order::FirstToLast => self.time(s),
            Order::LastToFirst => self.time(s) + 1,
        };
        self.truncation.is_some_and(|k| border % k == 0)
    }

    /// The steps, cut into pieces.
    pub(super) fn pieces(&self) -> Vec<Range<usize>> {
        let (mut pieces, mut first, mut tokens) = (Vec::new(), 0, 0);
        let steps = self.group.alive.len();
        for s in 0..steps {
            tokens += self.alive(s);
            if tokens >= TOKENS || s + 1 == steps {
                pieces.push(first..s + 1);
                (first, tokens) = (s + 1, 0);
            }
        }
        pieces
    }

    /// The number of tokens in these steps.
    pub(super) fn count(&self, piece: &Range<usize>) -> usize {
        piece.clone().map(|s| self.alive(s)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(lengths: impl IntoIterator<Item = usize>) -> Ragged {
        Ragged::from_rows(lengths.into_iter().map(|n| vec![0; n]))
    }

    #[test]
    fn each_token_is_met_once_after_its_neighbour() {
        for lengths in [vec![3, 0, 5, 1], vec![], vec![0, 0], (0..100).map(|i| i * 7 % 40).collect()] {
            let rows = rows(lengths);
            let groups = Group::all(&rows);
            for order in [Order::FirstToLast, Order::LastToFirst] {
                let mut met = vec![false; rows.tokens()];
                for group in &groups {
                    let schedule = Schedule::new(group, order, None);
                    for s in schedule.pieces().into_iter().flatten() {
                        let places = schedule.places(s).collect::<Vec<_>>();
                        assert!(places.iter().filter_map(|place| place.before).all(|token| met[token]));
                        assert!(schedule.tokens(s).eq(places.iter().map(|place| place.token)));
                        for Place { token, before, row, is_last } in places {
                            assert!(!std::mem::replace(&mut met[token], true));
                            assert!(before.is_none_or(|before| before.abs_diff(token) == 1));
                            let own = rows.offsets()[row] as usize..rows.offsets()[row + 1] as usize;
                            let end = if order == Order::FirstToLast { own.end - 1 } else { own.start };
                            assert!(own.contains(&token) && is_last == (token == end));
                        }
                    }
                }
                assert!(met.iter().all(|&met| met));
            }
        }
    }

    #[test]
    fn groups_have_like_work() {
        let groups = Group::all(&rows((0..100).map(|i| 1 + i * 7 % 40)));
        let sizes: Vec<_> = groups.iter().map(Group::count).collect();
        assert_eq!(sizes, [25; 4]);
        let work: Vec<usize> = groups.iter().map(|group| group.alive.iter().sum()).collect();
        assert!(work.iter().max() < work.iter().min().map(|least| least * 11 / 10).as_ref(), "{work:?}");
    }

    #[test]
    fn pieces_are_of_like_size() {
        let rows = rows([1000; 32]);
        let groups = Group::all(&rows);
        let schedule = Schedule::new(&groups[0], Order::LastToFirst, Some(10));
        let pieces = schedule.pieces();
        assert!(pieces.iter().all(|piece| schedule.count(piece) == TOKENS));
        // Tokens 999 and 998 meet at the first border that is a multiple of 10: between 990 and 989.
        let cuts: Vec<_> = (1..30).filter(|&s| schedule.is_cut_before(s)).collect();
        assert_eq!(cuts, [10, 20]);
    }
}
