//! A map of words or texts in the plane.

use assort_plot::{Scatter, ScatterGroup, ScatterPoint};
use serde_json::{Value, json};

use crate::numbers::percent;

/// A map.
#[derive(Clone, Debug, PartialEq)]
pub struct Map {
    /// Its title: "50 words of words.txt".
    pub title: String,
    /// Names of the groups.
    pub groups: Vec<String>,
    /// All points.
    pub points: Vec<MapPoint>,
    /// How the points came to their places.
    pub layout: MapLayout,
}

/// A point of a [`Map`].
#[derive(Clone, Debug, PartialEq)]
pub struct MapPoint {
    /// The name that is written beside it; may be empty.
    pub name: String,
    /// The text that it stands for.
    pub text: String,
    /// Its place among the groups.
    pub group: usize,
    /// To the right and upward.
    pub place: [f64; 2],
}

/// How the points of a [`Map`] came to their places.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MapLayout {
    /// Along the first two principal components, which have these shares of the variance, if there is any.
    Components(Option<[f64; 2]>),
    /// By t-SNE.
    Tsne {
        /// Its perplexity.
        perplexity: f64,
        /// The seed of the run.
        seed: u64,
    },
}

impl Map {
    /// Shares of the variance along both axes, where these mean something.
    pub fn explained(&self) -> Option<[f64; 2]> {
        match self.layout {
            MapLayout::Components(explained) => explained,
            MapLayout::Tsne { .. } => None,
        }
    }

    /// Names of both axes, where these mean something.
    pub fn axis_names(&self) -> Vec<String> {
        let name = |(number, share): (&str, f64)| {
            format!("{number} principal component, {} of the variance", percent(share))
        };
        self.explained()
            .map(|shares| ["first", "second"].into_iter().zip(shares).map(name).collect())
            .unwrap_or_default()
    }

    /// The picture; groups without points are left out.
    pub fn scatter(&self) -> Scatter {
        let mut groups: Vec<ScatterGroup> =
            self.groups.iter().map(|name| ScatterGroup { name: name.clone(), points: Vec::new() }).collect();
        for MapPoint { name, text, group, place: [x, y] } in &self.points {
            if let Some(group) = groups.get_mut(*group) {
                group.points.push(ScatterPoint { x: *x, y: *y, name: name.clone(), text: text.clone() });
            }
        }
        groups.retain(|group| !group.points.is_empty());
        let mut names = self.axis_names().into_iter();
        let notes = match self.layout {
            MapLayout::Components(_) => Vec::new(),
            MapLayout::Tsne { perplexity, seed } => vec![format!(
                "t-SNE, perplexity {perplexity}, seed {seed}: neighbours are alike; distances between groups \
                 mean little."
            )],
        };
        Scatter {
            title: self.title.clone(),
            x_name: names.next().unwrap_or_default(),
            y_name: names.next().unwrap_or_default(),
            groups,
            notes,
        }
    }

    /// The points for programs: text, group, x and y of each.
    pub fn points_json(&self) -> Value {
        let line = |point: &MapPoint| {
            let (group, [x, y]) = (self.groups.get(point.group), point.place);
            json!({ "text": point.text, "group": group, "x": x, "y": y })
        };
        self.points.iter().map(line).collect()
    }
}
