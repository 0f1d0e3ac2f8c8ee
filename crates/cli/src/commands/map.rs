//! `assort map`.

mod points;

use std::path::Path;

use anyhow::{Result, anyhow, bail};
use assort_projection::{Points, TsneConfig, pca, tsne};
use assort_random::Seed;
use assort_report::terminal::block::block;
use assort_report::{Map, MapLayout, html};
use serde_json::{Value, json};

use super::sink;
use crate::arguments::{MapArguments, MapMethod};
use crate::exit::{Exit, Midway};
use crate::interrupt;
use crate::screen::print_words;

/// Form of a file with a map.
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
    let mut found = points::find(arguments)?;
    let points = Points::new(&found.values, found.width)?;
    let plane = match arguments.method {
        MapMethod::Pca => pca(&points),
        MapMethod::Tsne => tsne(&points, &config)?,
    };
    let layout = match arguments.method {
        MapMethod::Pca => MapLayout::Components(plane.explained),
        MapMethod::Tsne => MapLayout::Tsne { perplexity: config.perplexity, seed: arguments.seed },
    };
    found.points.iter_mut().zip(plane.points).for_each(|(point, place)| point.place = place);
    let map = Map { title: found.title, groups: found.groups, points: found.points, layout };
    for (path, form) in arguments.out.iter().zip(forms) {
        let bytes = match form {
            Form::Svg => map.scatter().svg().map(String::into_bytes).map_err(Midway::new),
            Form::Png => map.scatter().png().map_err(Midway::new),
            Form::Html => html::map::page(&map).map(String::into_bytes).map_err(Midway::new),
        };
        sink::write(path, &bytes?)?;
    }
    let text = if arguments.json || arguments.out.is_empty() {
        format!("{}\n", as_json(arguments, &map))
    } else {
        let mut lines = vec![map.title.clone()];
        lines.extend(map.axis_names());
        let written: Vec<String> = arguments.out.iter().map(|path| path.display().to_string()).collect();
        block("map", &lines) + &block("written", &written)
    };
    print_words(&text)?;
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

fn as_json(arguments: &MapArguments, map: &Map) -> Value {
    json!({
        "source": arguments.source,
        "method": format!("{:?}", arguments.method).to_lowercase(),
        "seed": arguments.seed,
        "explained": map.explained(),
        "points": map.points_json(),
        "written": arguments.out,
    })
}
