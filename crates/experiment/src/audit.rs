//! An audit of labels: what models say about rows that they have not learned.

use std::fs;

use assort_datasets::{AuditOptions, Dataset, LabelId, RowLabels, leaks, near_duplicates};
use assort_metrics::label_errors;
use assort_pipeline::{Existing, Integrity, Pipeline};
use assort_report::{FoldResult, LabelAudit, NearGroup, Suspect};
use ndarray::Array2;

use crate::prepare::{load, split_seed};
use crate::run::{open_device, run_on};
use crate::{Error, Event, Finished, Listener, Request, Result, Resume, memory};

/// Texts that share this part of their pieces are nearly the same.
const ALIKE: f64 = 0.8;

/// Trains the request's model once for each fold of the training rows, asks it about the fold that it has not
/// seen, and compares with the labels that rows carry; looks for nearly equal texts with different labels,
/// and for texts that the request's files share. `None` if it was stopped.
///
/// The models lie in the request's folder while they are asked, and are removed.
///
/// # Errors
/// As [`cross_validate`](crate::cross_validate); [`Error::Request`] where a row may have several labels.
pub fn audit_labels(
    request: &Request,
    count: usize,
    listener: &mut dyn Listener,
) -> Result<Option<LabelAudit>> {
    let device = open_device(request)?;
    let config = &request.config;
    let loaded = load(&request.files, listener)?;
    let all = &loaded.all;
    let RowLabels::One(labels) = all.row_labels() else {
        return Err(Error::Request("labels are audited where each row has one: these have several".into()));
    };
    let labels: Vec<u32> = labels.iter().map(|label| label.0).collect();
    memory::check_judging(all.len(), all.names().len())?;
    let mut probabilities: Array2<f64> = Array2::zeros((all.len(), all.names().len()));
    let folder = request.out.join("fold");
    for (at, fold) in all.folds(count, split_seed(config.seed))?.iter().enumerate() {
        if request.stop.is_set() {
            return Ok(None);
        }
        let one = Request {
            out: folder.clone(),
            existing: Existing::Replace,
            resume: Resume::Fresh,
            ..request.clone()
        };
        let rows = loaded.fold(fold, &config.data, config.seed, listener)?;
        let finished = run_on(&one, &[], &rows, &device, listener)?;
        let Finished::Done { folder, metrics } = finished else { return Ok(None) };
        let pipeline = Pipeline::open(&folder, Integrity::Unchecked, &device)?;
        let texts: Vec<&str> =
            fold.validation.iter().map(|row| all.text(*row as usize).unwrap_or_default()).collect();
        for (row, values) in fold.validation.iter().zip(pipeline.probabilities(&texts)?.rows()) {
            probabilities.row_mut(*row as usize).assign(&values);
        }
        if let Some(evaluation) = metrics.test {
            let (name, seconds) = (format!("fold-{}", at + 1), metrics.train.seconds);
            let fold = FoldResult { fold: at + 1, folder: name, evaluation, seconds };
            listener.tell(&Event::Fold { fold: &fold, folds: count });
        }
    }
    // What cannot be removed harms nobody.
    let _ = fs::remove_dir_all(&folder);
    let errors = label_errors(&labels, probabilities.view())?;
    let name = |label: u32| all.names().name(LabelId(label)).unwrap_or_default().to_owned();
    let mut suspects: Vec<(f64, usize, Suspect)> = Vec::new();
    for (row, (likely, quality)) in errors.suspects.iter().zip(&errors.quality).enumerate() {
        let Some(likely) = likely else { continue };
        let suspect = Suspect {
            row: all.rows().get(row).copied().unwrap_or_default(),
            text: all.text(row).unwrap_or_default().into(),
            label: labels.get(row).map(|label| name(*label)).unwrap_or_default(),
            label_probability: *quality,
            likely: name(*likely),
            likely_probability: probabilities.get((row, *likely as usize)).copied().unwrap_or_default(),
        };
        suspects.push((*quality, row, suspect));
    }
    suspects.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let right = errors.quality.iter().zip(probabilities.rows());
    let right = right.filter(|(own, row)| row.iter().all(|other| other <= own)).count();
    let near = near_duplicates(all, ALIKE);
    let parts = loaded.parts();
    Ok(Some(LabelAudit {
        rows: all.len(),
        model: config.model.name().into(),
        folds: count,
        accuracy: (!all.is_empty()).then(|| right as f64 / all.len() as f64),
        estimate: errors.estimate(&labels),
        suspects: suspects.into_iter().map(|(.., suspect)| suspect).collect(),
        labels: all.names().names().to_vec(),
        joint: errors.joint.rows().into_iter().map(|row| row.to_vec()).collect(),
        near_groups: near.len(),
        near_rows: near.iter().map(|group| group.rows.len() - 1).sum(),
        conflicts: near.iter().filter(|near| near.is_conflict).map(|near| group(all, &near.rows)).collect(),
        leaks: leaks(&parts, &AuditOptions::default()),
    }))
}

fn group(all: &Dataset, rows: &[usize]) -> NearGroup {
    let first = rows.first().copied().unwrap_or_default();
    let row = |row: &usize| (all.rows().get(*row).copied().unwrap_or_default(), all.label_text(*row));
    NearGroup { text: all.text(first).unwrap_or_default().into(), rows: rows.iter().map(row).collect() }
}
