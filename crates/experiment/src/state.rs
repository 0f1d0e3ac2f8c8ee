//! The state that a run goes on from.

use std::path::{Path, PathBuf};

use assort_pipeline::{ModelFolder, Staging};
use assort_train::{Checkpoints, TrainState};

use crate::context::Context;
use crate::outcome::Outcome;
use crate::{Advice, Error, Request, Result, Resume};

/// Checks that there is a state to go on from, and that the folder is one of this version.
pub fn check(request: &Request) -> Result<()> {
    if request.config.train.is_none() {
        let model = request.config.model.name();
        let reason = format!("the model {model} is made in one go, so there is no state to go on from");
        return Err(Error::unfit(reason, Advice::StartAnew));
    }
    path(request)?;
    if ModelFolder::is_one(&request.out) {
        ModelFolder::at(&request.out).read_manifest()?;
    }
    Ok(())
}

/// Loads the state to go on from, if the request wants to: of an interrupted run, else of the finished
/// folder.
pub fn load(run: &Context) -> Result<Option<TrainState>> {
    match run.request.resume {
        Resume::Fresh => Ok(None),
        Resume::Continue | Resume::Epoch(_) => Ok(Some(TrainState::load(&path(run.request)?, run.device)?)),
    }
}

fn path(request: &Request) -> Result<PathBuf> {
    let state = |folder: &Path| match request.resume {
        Resume::Epoch(epoch) => ModelFolder::at(folder).epoch(epoch),
        Resume::Fresh | Resume::Continue => ModelFolder::at(folder).state(),
    };
    let finished = state(&request.out);
    let begun = Staging::is_begun(&request.out).then(|| state(&Staging::partial_of(&request.out)));
    [begun, Some(finished.clone())].into_iter().flatten().find(|path| path.is_file()).ok_or_else(|| {
        let place = finished.display();
        let (why, advice) = match request.resume {
            Resume::Epoch(_) => {
                ("a run with checkpoints = \"states\" keeps one for each epoch", Advice::StartAnew)
            }
            Resume::Fresh | Resume::Continue => {
                ("a finished run keeps its state only if asked to", Advice::StartAnewKeepingState)
            }
        };
        Error::unfit(format!("nothing to resume: there is no {place} ({why})"), advice)
    })
}

/// Leaves the last state in the finished folder if the settings want it there, and no other.
pub fn keep(run: &Context, folder: &ModelFolder, outcome: &Outcome) -> Result<()> {
    let wanted = run.config.train.as_ref().is_some_and(|train| train.checkpoints != Checkpoints::Best);
    match outcome.training.epochs().filter(|_| wanted) {
        Some(epochs) => Ok(epochs.state.save(&folder.state())?),
        None if folder.state().is_file() => {
            let path = folder.state();
            std::fs::remove_file(&path).map_err(|e| Error::File { path, reason: e.to_string() })
        }
        None => Ok(()),
    }
}
