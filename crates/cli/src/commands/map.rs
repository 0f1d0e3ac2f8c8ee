//! `assort map`.

mod points;

use std::path::Path;

use anyhow::{Result, anyhow, bail};
use assort_plot::{Scatter, ScatterGroup, ScatterPoint};
use assort_projection::{Plane, Points, TsneConfig, pca, tsne};
use assort_random::Seed;
use serde_json::{Value, json};

use super::sink;
use crate::arguments::{MapArguments, MapMethod};
use crate::exit::{Exit, Midway};
use crate::interrupt;
use crate::screen::print;
use assort_report::numbers::percent;
use assort_report::terminal::block::block;
use points::{Found, Item};

/// What a file for a map can be.
#[derive(Clone, Copy)]
enum Form {
    Svg,
    Png,
    Html,
}

/// Draws a map.
pub fn run(arguments: &MapArguments) -> Result<Exit> {
    interrupt::end_at_once()?;
    let forms = arguments.out.iter().map(|path| form(path)).collect::<Result<Vec<_>>>()?;
    for path in &arguments.out {
        let inputs = [Some(&arguments.source), arguments.words.as_ref(), arguments.data.as_ref()];
        for input in inputs.into_iter().flatten() {
            sink::check(path, arguments.overwrite, Some(input))?;
        }
    }
    let config = TsneConfig { seed: Seed::new(arguments.seed), ..TsneConfig::default() };
    let config = match (arguments.method, arguments.perplexity) {
        (MapMethod::Pca, Some(_)) => {
            bail!("--perplexity belongs to --method tsne: leave it out, or choose tsne")
        }
        (_, perplexity) => TsneConfig { perplexity: perplexity.unwrap_or(config.perplexity), ..config },
    };
    super::prepare(&arguments.model.machine)?;
    let found = points::find(arguments)?;
    let points = Points::new(&found.values, found.width)?;
    let plane = match arguments.method {
        MapMethod::Pca => pca(&points),
        MapMethod::Tsne => tsne(&points, &config)?,
    };
    if arguments.out.is_empty() {
        print(&format!("{}\n", as_json(arguments, &found, &plane)))?;
        return Ok(Exit::Fine);
    }
    let map = scatter(&found, &plane, (arguments.method == MapMethod::Tsne).then_some(&config));
    for (path, form) in arguments.out.iter().zip(forms) {
        let bytes = match form {
            Form::Svg => map.svg().map(String::into_bytes),
            Form::Png => map.png(),
            Form::Html => map.html().map(String::into_bytes),
        };
        sink::write(path, &bytes.map_err(Midway::new)?)?;
    }
    let text = if arguments.json {
        format!("{}\n", as_json(arguments, &found, &plane))
    } else {
        let mut lines = vec![found.title.clone()];
        lines.extend(axis_names(&plane));
        let written: Vec<String> = arguments.out.iter().map(|path| path.display().to_string()).collect();
        block("map", &lines) + &block("written", &written)
    };
    print(&text)?;
    Ok(Exit::Fine)
}

fn form(path: &Path) -> Result<Form> {
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    match ending.as_str() {
        "svg" => Ok(Form::Svg),
        "png" => Ok(Form::Png),
        "html" | "htm" => Ok(Form::Html),
        _ => Err(anyhow!("{}: the name of a map ends in .svg, .png or .html", path.display())),
    }
}

/// The names of both axes, where they mean something.
fn axis_names(plane: &Plane) -> Vec<String> {
    let Some(shares) = plane.explained else { return Vec::new() };
    let name = |(number, share): (&str, f64)| {
        format!("{number} principal component, {} of the variance", percent(Some(share)))
    };
    ["first", "second"].into_iter().zip(shares).map(name).collect()
}

/// The picture; t-SNE has settings, which it tells.
fn scatter(found: &Found, plane: &Plane, tsne: Option<&TsneConfig>) -> Scatter {
    let mut groups: Vec<ScatterGroup> =
        found.groups.iter().map(|name| ScatterGroup { name: name.clone(), points: Vec::new() }).collect();
    for (item, [x, y]) in found.items.iter().zip(&plane.points) {
        if let Some(group) = groups.get_mut(item.group) {
            let (name, text) = (item.name.clone(), item.text.clone());
            group.points.push(ScatterPoint { x: *x, y: *y, name, text });
        }
    }
    groups.retain(|group| !group.points.is_empty());
    let mut names = axis_names(plane).into_iter();
    let note = |config: &TsneConfig| {
        format!(
            "t-SNE, perplexity {}, seed {}: neighbours are alike; distances between groups mean little.",
            config.perplexity,
            config.seed.value()
        )
    };
    Scatter {
        title: found.title.clone(),
        x_name: names.next().unwrap_or_default(),
        y_name: names.next().unwrap_or_default(),
        groups,
        notes: tsne.map(note).into_iter().collect(),
    }
}

fn as_json(arguments: &MapArguments, found: &Found, plane: &Plane) -> Value {
    let point = |(item, [x, y]): (&Item, &[f64; 2])| {
        let group = found.groups.get(item.group);
        json!({ "text": item.text, "group": group, "x": x, "y": y })
    };
    json!({
        "source": arguments.source,
        "method": format!("{:?}", arguments.method).to_lowercase(),
        "seed": arguments.seed,
        "explained": plane.explained,
        "points": found.items.iter().zip(&plane.points).map(point).collect::<Vec<_>>(),
        "written": arguments.out,
    })
}
