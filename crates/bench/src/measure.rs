//! One run of one side, as a program of its own.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde_json::{Map, Value};

use crate::cases::{Figure, Splits};
use crate::plan::{Peer, Plan};

/// The figures of a run of one side: one JSON object.
pub type Line = Map<String, Value>;

/// Trains with `assort` and takes the figures out of `metrics.json`, under the peer's keys.
///
/// # Errors
/// The program fails, or `metrics.json` lacks a figure.
pub fn ours(plan: &Plan, seed: u32, scratch: &Path) -> Result<Line> {
    let case = plan.case;
    let folder = scratch.join(format!("model-{seed}"));
    let mut command = Command::new(&plan.assort);
    command.arg("train");
    command.arg("--train").arg(plan.file("train.csv"));
    if case.splits == Splits::All {
        command.arg("--validation").arg(plan.file("val.csv")).arg("--test").arg(plan.file("test.csv"));
    }
    command.arg("--config").arg(&plan.config).args(case.arguments);
    command.args(["--seed", &seed.to_string()]).arg("--out").arg(&folder);
    output(&mut command, "assort train")?;

    let path = folder.join("metrics.json");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let metrics: Value = serde_json::from_str(&text).with_context(|| path.display().to_string())?;
    let mut line = Line::new();
    line.insert("program".into(), "assort".into());
    line.insert("bench".into(), case.name.into());
    line.insert("task".into(), case.task.into());
    line.insert("seed".into(), seed.into());
    line.insert("epochs".into(), metrics.pointer("/train/epochs").cloned().unwrap_or_default());
    for figure in case.figures {
        let value = read(&metrics, figure).with_context(|| path.display().to_string())?;
        line.insert(figure.key.into(), value.into());
    }
    fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    Ok(line)
}

/// Runs the peer's script and takes its JSON line. The script finds the data by the variable `DATA`.
///
/// # Errors
/// The script fails or prints no JSON object.
pub fn peer(plan: &Plan, peer: &Peer, scratch: &Path) -> Result<Line> {
    let mut command = Command::new(&peer.python);
    command.arg(&peer.script).args(plan.case.script_arguments);
    command.env("DATA", &plan.data);
    // Its temporary files go with ours, and nothing is written beside its sources.
    command.env("TMPDIR", scratch).env("PYTHONDONTWRITEBYTECODE", "1");
    let name = plan.case.script.unwrap_or("the peer");
    let out = output(&mut command, name)?;
    last_object(&out).ok_or_else(|| anyhow!("{name} printed no JSON object"))
}

/// A figure of `metrics.json`; `None` where it is undefined.
fn read(metrics: &Value, figure: &Figure) -> Result<Option<f64>> {
    let number = |pointer: &str| match metrics.pointer(pointer) {
        Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) => Ok(number.as_f64()),
        Some(other) => bail!("expected a number at `{pointer}`, found {other}"),
        None => bail!("nothing at `{pointer}`: the table of cases does not fit this program"),
    };
    let value = number(figure.ours)?;
    let Some(divisor) = figure.divisor else { return Ok(value) };
    let divisor = number(divisor)?.filter(|divisor| *divisor != 0.0);
    Ok(value.zip(divisor).map(|(value, divisor)| value / divisor))
}

/// The last line that is a JSON object: libraries may print before it.
pub fn last_object(text: &str) -> Option<Line> {
    text.lines().rev().find_map(|line| serde_json::from_str(line.trim()).ok())
}

/// Waits for a program and gives what it printed.
pub fn output(command: &mut Command, name: &str) -> Result<String> {
    let program = command.get_program().to_owned();
    let out = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("{name}: cannot start {}", program.display()))?;
    let told = String::from_utf8_lossy(&out.stderr);
    let last = told.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
    ensure!(out.status.success(), "{name} failed ({}): {}", out.status, last.trim());
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cases::Kind;

    #[test]
    fn figures_of_metrics() {
        let metrics =
            json!({"train": {"seconds": 3.0, "epochs": 4, "none": 0}, "memory": null, "model": "bag"});
        let read = |ours, divisor| {
            read(&metrics, &Figure { key: "k", ours, divisor, kind: Kind::Score }).map_err(|e| e.to_string())
        };
        assert_eq!(read("/train/seconds", None), Ok(Some(3.0)));
        assert_eq!(read("/train/seconds", Some("/train/epochs")), Ok(Some(0.75)));
        assert_eq!(read("/train/seconds", Some("/train/none")), Ok(None));
        assert_eq!(read("/train/seconds", Some("/memory")), Ok(None));
        assert_eq!(read("/memory", None), Ok(None));
        assert!(read("/train/steps", None).is_err_and(|e| e.contains("nothing at `/train/steps`")));
        assert!(read("/train/seconds", Some("/steps")).is_err_and(|e| e.contains("nothing at `/steps`")));
        assert!(read("/model", None).is_err_and(|e| e.contains("expected a number at `/model`")));
    }

    #[test]
    fn the_last_object_counts() {
        let check = |text: &str, expect: Option<Value>| {
            assert_eq!(last_object(text).map(Value::Object), expect, "{text:?}");
        };
        check("{\"a\": 1}\n", Some(json!({"a": 1})));
        check("loading\n{\"a\": 1}\n{\"a\": 2}\nbye\n", Some(json!({"a": 2})));
        check("  {\"a\": [1.5, null]}  ", Some(json!({"a": [1.5, null]})));
        check("", None);
        check("1\n[2]\n{broken", None);
    }
}
