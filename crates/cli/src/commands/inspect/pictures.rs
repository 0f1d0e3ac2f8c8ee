//! Pictures of labels and lengths.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use assort_datasets::Dataset;
use assort_plot::{BarGroup, BarValue, Bars, Histogram, percentile_marks};

use crate::commands::sink;
use crate::exit::Midway;

/// Checks that the pictures may be written, before anything is read.
pub fn check(folder: &Path, files: &[PathBuf], overwrite: bool) -> Result<()> {
    if folder.exists() && !folder.is_dir() {
        return Err(anyhow!("{} is no folder: name another one for --pictures", folder.display()));
    }
    if folder.is_dir() {
        let names =
            std::iter::once("labels".to_owned()).chain((0..files.len()).map(|at| lengths(at, files.len())));
        for path in names.flat_map(|name| places(folder, &name)) {
            sink::check(&path, overwrite, None)?;
        }
    }
    Ok(())
}

/// Draws; the files that were written.
pub fn draw(folder: &Path, files: &[(String, &Dataset)]) -> Result<Vec<PathBuf>> {
    std::fs::create_dir_all(folder).map_err(|error| anyhow!("{}: {error}", folder.display()))?;
    let labels = labels(files);
    let mut written = write(folder, "labels", labels.svg(), labels.png())?;
    for (at, (name, data)) in files.iter().enumerate() {
        let histogram = histogram(name, data);
        written.extend(write(folder, &lengths(at, files.len()), histogram.svg(), histogram.png())?);
    }
    Ok(written)
}

fn lengths(at: usize, of: usize) -> String {
    if of == 1 { "lengths".into() } else { format!("lengths-{}", at + 1) }
}

fn places(folder: &Path, name: &str) -> [PathBuf; 2] {
    ["svg", "png"].map(|ending| folder.join(format!("{name}.{ending}")))
}

fn write(
    folder: &Path,
    name: &str,
    svg: assort_plot::Result<String>,
    png: assort_plot::Result<Vec<u8>>,
) -> Result<Vec<PathBuf>> {
    let (svg, png) = svg.and_then(|svg| Ok((svg, png?))).map_err(Midway::new).context("cannot draw")?;
    let [svg_place, png_place] = places(folder, name);
    sink::write(&svg_place, svg.as_bytes())?;
    sink::write(&png_place, &png)?;
    Ok(vec![svg_place, png_place])
}

/// The rows of each label, a group for each file.
fn labels(files: &[(String, &Dataset)]) -> Bars {
    let mut names: Vec<String> = files.iter().flat_map(|(_, data)| data.names().names().to_vec()).collect();
    names.sort_unstable();
    names.dedup();
    let group = |(file, data): &(String, &Dataset)| {
        let counts = data.counts();
        let count = |name: &String| {
            data.names().id(name).and_then(|id| counts.get(id.index()).copied()).unwrap_or_default()
        };
        BarGroup::counts(file, names.iter().map(count))
    };
    let groups = files.iter().map(group).collect();
    Bars {
        title: "Rows by label".into(),
        value_name: "rows".into(),
        groups,
        names,
        value: BarValue::CountAndShare,
    }
}

fn histogram(name: &str, data: &Dataset) -> Histogram {
    let values: Vec<f64> = data.texts().iter().map(|text| f64::from(super::tokens(text))).collect();
    Histogram {
        title: format!("Lengths of texts, {name}"),
        x_name: "words and marks".into(),
        y_name: "texts".into(),
        marks: percentile_marks(&values, &[50.0, 95.0, 99.0]),
        values,
    }
}
