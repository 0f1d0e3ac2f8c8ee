//! Ways through a graph.

use std::collections::BTreeSet;

/// The shortest way from one place to another that `is_wanted`, both ends included.
pub fn shortest<T: Copy + Ord, I: IntoIterator<Item = T>>(
    from: T,
    next: impl Fn(T) -> I,
    is_wanted: impl Fn(T) -> bool,
) -> Option<Vec<T>> {
    let mut ways = vec![vec![from]];
    let mut seen = BTreeSet::from([from]);
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            for place in
                way.last().into_iter().flat_map(|last| next(*last)).filter(|place| seen.insert(*place))
            {
                let way = [way.as_slice(), &[place]].concat();
                if is_wanted(place) {
                    return Some(way);
                }
                longer.push(way);
            }
        }
        ways = longer;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_shortest_way() {
        let edges = [("a", "b"), ("a", "c"), ("b", "d"), ("b", "a")];
        let check = |from, to: &str, expect: Option<&[&str]>| {
            let next = |place| edges.into_iter().filter(move |(from, _)| *from == place).map(|(_, to)| to);
            assert_eq!(shortest(from, next, |place| place == to).as_deref(), expect, "{from} {to}");
        };
        check("a", "c", Some(&["a", "c"]));
        check("a", "d", Some(&["a", "b", "d"]));
        check("c", "d", None);
        check("nobody", "d", None);
    }
}
