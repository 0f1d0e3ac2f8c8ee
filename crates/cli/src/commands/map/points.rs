//! Points of a map: words of vectors, or texts of a file.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Result, anyhow, bail};
use assort_datasets::read;
use assort_random::{Seed, permutation};
use assort_report::MapPoint;
use assort_report::numbers::{counted, grouped};
use assort_report::text::shortened;
use assort_vectors::WordVectors;

use crate::arguments::{LABELLED, MapArguments};
use crate::commands::model::{self, Wanted, read_as_trained};
use crate::commands::vectors::open;
use crate::exit::{Midway, warn};

/// Words that are named of those that a file lacks.
const NAMED: usize = 5;
/// Columns of a text that stand under the pointer.
const TEXT: usize = 400;

/// All points, which have no places yet, with their vectors row by row.
pub struct Found {
    pub title: String,
    pub points: Vec<MapPoint>,
    pub groups: Vec<String>,
    pub values: Vec<f32>,
    pub width: usize,
}

/// Finds what the arguments want to be drawn.
pub fn find(arguments: &MapArguments) -> Result<Found> {
    if let Some(data) = &arguments.data {
        return texts(arguments, data);
    }
    let vectors = open(&arguments.source)?;
    let wanted = match &arguments.words {
        Some(path) => listed(path)?,
        None => {
            vectors.words().iter().take(arguments.top).map(|word| (word.to_owned(), String::new())).collect()
        }
    };
    words(&arguments.source, &vectors, wanted)
}

/// Words with their groups, one a line, a tab between them.
fn listed(path: &Path) -> Result<Vec<(String, String)>> {
    // A bare error of the system would be taken for one of standard output.
    let text = std::fs::read_to_string(path).map_err(|error| {
        anyhow!("{}: {error}; --words needs a text file with a word a line", path.display())
    })?;
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim).filter(|line| !line.is_empty());
    let split = |line: &str| {
        let (word, group) = line.split_once('\t').unwrap_or((line, ""));
        (word.trim().to_owned(), group.trim().to_owned())
    };
    Ok(lines.map(split).collect())
}

fn words(source: &Path, vectors: &WordVectors, wanted: Vec<(String, String)>) -> Result<Found> {
    let (mut points, mut groups, mut values) = (Vec::new(), Vec::<String>::new(), Vec::new());
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let mut missing = Vec::new();
    for (word, group) in wanted {
        let Some(vector) = vectors.vector(&word) else {
            missing.push(word);
            continue;
        };
        let group = *numbers.entry(group).or_insert_with_key(|group| {
            groups.push(group.clone());
            groups.len() - 1
        });
        values.extend_from_slice(vector);
        points.push(MapPoint { name: word.clone(), text: word, group, place: [0.0; 2] });
    }
    if !missing.is_empty() {
        let all = missing.len();
        let rest = all.saturating_sub(NAMED);
        missing.truncate(NAMED);
        let more = if rest > 0 { format!(" and {} more", grouped(rest)) } else { String::new() };
        let told = format!(
            "{} of the words are not in {}: {}{more}",
            grouped(all),
            source.display(),
            missing.join(", ")
        );
        if points.is_empty() {
            bail!("all {told}; there is nothing to draw");
        }
        warn(&format!("{told}; they are left out"));
    }
    let title = format!("{} of {}", counted(points.len(), "word"), name(source));
    Ok(Found { title, points, groups, values, width: vectors.width() })
}

/// A file's or folder's name, for a title.
fn name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

fn texts(arguments: &MapArguments, data: &Path) -> Result<Found> {
    let pipeline = model::load(&arguments.source, &arguments.model)?;
    let reader = |options: &_| read(data, options);
    let options = arguments.read.options();
    let ((rows, _), _) = read_as_trained(&pipeline, &options, Wanted::Labels, LABELLED, reader)?;
    let mut chance = Seed::new(arguments.seed).stream("map").generator();
    let mut picks = permutation(rows.len(), &mut chance);
    picks.truncate(arguments.rows);
    picks.sort_unstable();
    let texts: Vec<&str> = picks.iter().filter_map(|pick| rows.text(*pick as usize)).collect();
    let (values, width) = pipeline.row_states(&texts).map_err(|error| match error {
        assort_pipeline::Error::NoStates(_) => anyhow!(error),
        other => Midway::new(other).into(),
    })?;
    // Of several labels the first, as a point has one colour.
    let label = |pick: &u32| rows.labels_of(*pick as usize).next().map_or(0, |label| label.index());
    let point = |(pick, text): (&u32, &&str)| MapPoint {
        name: String::new(),
        text: shortened(text, TEXT),
        group: label(pick),
        place: [0.0; 2],
    };
    let points: Vec<MapPoint> = picks.iter().zip(&texts).map(point).collect();
    let shown = counted(points.len(), "text");
    let title = format!("{shown} of {} as {} sees them", name(data), name(&arguments.source));
    Ok(Found { title, points, groups: rows.names().names().to_vec(), values, width })
}
