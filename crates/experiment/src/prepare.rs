//! From files to tokenized rows.

use std::collections::HashSet;
use std::path::Path;
use std::time::Instant;

use assort_datasets::{
    AuditOptions, Dataset, Fold, Groups, Labels, Ratios, ReadReport, Resampling, leaks, read,
};
use assort_files::sha256;
use assort_random::Seed;
use assort_report::numbers::{counted, grouped};
use assort_settings::DataConfig;

use crate::synonyms::Synonyms;
use crate::{Error, Event, Files, Listener, Result, Role};

/// The rows of an experiment by use; all have the training rows' label numbers.
#[derive(Clone)]
pub struct Rows {
    pub train: Dataset,
    pub validation: Dataset,
    pub test: Option<Dataset>,
    /// Reading of the training file.
    pub report: ReadReport,
    /// Rows of all files that were kept.
    pub read: usize,
    /// SHA-256 of texts and labels of all rows, by use.
    pub digest: String,
    pub seconds: f64,
}

/// The seed that divides rows in a run of this seed: with it, [`Dataset::split`] gives the parts of the run.
pub fn split_seed(seed: u64) -> Seed {
    Seed::new(seed).stream("data")
}

/// The rows of the files, not yet divided. All have the training rows' label numbers.
#[derive(Clone)]
pub struct Loaded {
    /// The rows of the training file.
    pub all: Dataset,
    validation: Option<Dataset>,
    test: Option<Dataset>,
    reading: Reading,
}

/// Figures of the reading.
#[derive(Clone)]
struct Reading {
    report: ReadReport,
    read: usize,
    seconds: f64,
}

/// Reads and divides the files.
pub fn rows(files: &Files, config: &DataConfig, seed: u64, listener: &mut dyn Listener) -> Result<Rows> {
    load(files, listener)?.divide(files.split.as_ref(), config, seed, listener)
}

/// Reads the files.
pub fn load(files: &Files, listener: &mut dyn Listener) -> Result<Loaded> {
    if files.split.is_some() && (files.validation.is_some() || files.test.is_some()) {
        let why = "a split divides the training rows: leave validation and test files away, or leave the \
            split away";
        return Err(Error::Request(why.into()));
    }
    let clock = Instant::now();
    let mut groups = Groups::default();
    let mut load = |role, path: &Path, names: Option<&Labels>| -> Result<(Dataset, ReadReport)> {
        let clock = Instant::now();
        let (data, report) = read(path, &files.read)?;
        let data = match &files.group {
            Some(column) => groups.read(path, column, &files.read, data)?,
            None => data,
        };
        let seconds = clock.elapsed().as_secs_f64();
        listener.tell(&Event::Read { role, path, report: &report, seconds });
        if let (None, 0, Some(separator)) = (names, report.several, &files.read.label_separator) {
            let (path, separator) = (path.into(), separator.clone());
            return Err(assort_datasets::Error::NoSeparator { path, separator }.into());
        }
        Ok((
            match names {
                Some(names) => data.with_labels(names)?,
                None => data,
            },
            report,
        ))
    };
    let (all, report) = load(Role::Train, &files.train, None)?;
    all.check_trainable()?;
    let mut read = all.len();
    let mut extra = |role, path: &Option<std::path::PathBuf>| -> Result<Option<Dataset>> {
        let Some(path) = path else { return Ok(None) };
        let (data, _) = load(role, path, Some(all.names()))?;
        read += data.len();
        Ok(Some(data))
    };
    let validation = extra(Role::Validation, &files.validation)?;
    let test = extra(Role::Test, &files.test)?;
    warn_of_shared_groups(&all, [&validation, &test], listener);
    warn_of_leaks(&all, validation.as_ref(), test.as_ref(), listener);
    let reading = Reading { report, read, seconds: clock.elapsed().as_secs_f64() };
    Ok(Loaded { all, validation, test, reading })
}

/// Tells how many rows of the other files are of a group of the training file.
fn warn_of_shared_groups(train: &Dataset, others: [&Option<Dataset>; 2], listener: &mut dyn Listener) {
    let Some(known) = train.groups() else { return };
    let known: HashSet<u32> = known.iter().copied().collect();
    for (role, data) in [Role::Validation, Role::Test].into_iter().zip(others) {
        let groups = data.as_ref().and_then(Dataset::groups).unwrap_or_default();
        let shared = groups.iter().filter(|group| known.contains(group)).count();
        if shared > 0 {
            let (name, all) = (role.name(), counted(groups.len(), &format!("{} row", role.name())));
            let message = format!(
                "{} of {all} are of groups of the training file, which flatters the {name} figures",
                grouped(shared)
            );
            listener.tell(&Event::Warning { message, advice: None });
        }
    }
}

/// Tells what rows of the other files have a text of the training file: a model has learned their labels.
fn warn_of_leaks(
    train: &Dataset,
    validation: Option<&Dataset>,
    test: Option<&Dataset>,
    listener: &mut dyn Listener,
) {
    let others = [(Role::Validation, validation), (Role::Test, test)];
    let others = others.into_iter().filter_map(|(role, data)| Some((role.name(), data?)));
    let parts: Vec<_> = std::iter::once((Role::Train.name(), train)).chain(others).collect();
    if parts.len() < 2 {
        return;
    }
    let leaks = leaks(&parts, &AuditOptions { examples: 0, ..Default::default() });
    for leak in leaks.iter().filter(|leak| leak.first == Role::Train.name()) {
        let name = &leak.second;
        let all = parts.iter().find(|(part, _)| part == name).map_or(0, |(_, data)| data.len());
        let (rows, all) = (grouped(leak.rows), counted(all, &format!("{name} row")));
        let message = format!(
            "{rows} of {all} repeat a text of the training file, which flatters the {name} figures: \
             `assort inspect` with both files shows them"
        );
        listener.tell(&Event::Warning { message, advice: None });
    }
}

impl Loaded {
    /// The rows of each file, by their use.
    pub fn parts(&self) -> Vec<(&'static str, &Dataset)> {
        let others = [(Role::Validation, &self.validation), (Role::Test, &self.test)];
        let others = others.into_iter().filter_map(|(role, data)| Some((role.name(), data.as_ref()?)));
        std::iter::once((Role::Train.name(), &self.all)).chain(others).collect()
    }

    /// SHA-256 of texts and labels of all rows.
    pub fn digest(&self) -> String {
        digest([Some(&self.all), self.validation.as_ref(), self.test.as_ref()])
    }

    /// Training, validation and test rows: by shares, or by files, with a share of the training rows for
    /// validation where no file is given.
    pub fn divide(
        self,
        split: Option<&Ratios>,
        config: &DataConfig,
        seed: u64,
        listener: &mut dyn Listener,
    ) -> Result<Rows> {
        let Self { all, validation, test, reading } = self;
        let Some(ratios) = split else {
            return reading.rows((all, validation, test), config, seed, listener);
        };
        let split = all.split(ratios, split_seed(seed))?;
        let validation = split.validation.map(|picks| all.select(&picks)).transpose()?;
        let parts = (all.select(&split.train)?, validation, Some(all.select(&split.test)?));
        check_left(&parts.0, all.len(), "the split")?;
        reading.rows(parts, config, seed, listener)
    }

    /// One round of cross-validation: the fold's rows to judge by, the others to train on.
    pub fn fold(
        &self,
        fold: &Fold,
        config: &DataConfig,
        seed: u64,
        listener: &mut dyn Listener,
    ) -> Result<Rows> {
        let (train, test) = (self.all.select(&fold.train)?, self.all.select(&fold.validation)?);
        self.reading.clone().rows((train, self.validation.clone(), Some(test)), config, seed, listener)
    }
}

impl Reading {
    /// The rows by use, with validation rows cut off the training rows where there are none.
    fn rows(
        self,
        (train, validation, test): (Dataset, Option<Dataset>, Option<Dataset>),
        config: &DataConfig,
        seed: u64,
        listener: &mut dyn Listener,
    ) -> Result<Rows> {
        let (train, validation) = match validation {
            Some(validation) => (train, validation),
            None => {
                let (share, all) = (config.validation_share, train.len());
                let (train, validation) = cut(train, share, split_seed(seed))?;
                check_left(&train, all, &format!("validation_share = {share}"))?;
                (train, validation)
            }
        };
        let digest = digest([Some(&train), Some(&validation), test.as_ref()]);
        let train = match config.resample {
            Resampling::None => train,
            Resampling::Synthesize => {
                let synonyms = config.synonyms.as_deref().map(Synonyms::open).transpose()?;
                let synonym = |word: &str| synonyms.as_ref()?.of(word);
                train.synthesize(Seed::new(seed).stream("resample"), &synonym)?
            }
            how => train.select(&train.resample(how, Seed::new(seed).stream("resample"))?)?,
        };
        let Self { report, read, seconds } = self;
        let rows = Rows { train, validation, test, report, read, digest, seconds };
        listener.tell(&Event::Split {
            train: rows.train.len(),
            validation: rows.validation.len(),
            test: rows.test.as_ref().map_or(0, Dataset::len),
            labels: rows.label_rows(),
        });
        Ok(rows)
    }
}

/// Refuses training rows that a division has left without a second label.
fn check_left(train: &Dataset, all: usize, divider: &str) -> Result<()> {
    let labels = train.counts().iter().filter(|rows| **rows > 0).count();
    if train.check_trainable().is_ok() {
        return Ok(());
    }
    let (rows, all) = (grouped(train.len() as u64), counted(all, "row"));
    let known = counted(train.names().len(), "label");
    let reason = format!("{divider} leaves {rows} of {all} for training, with {labels} of {known}");
    Err(Error::Request(format!("{reason}: leave more rows for training")))
}

fn cut(all: Dataset, share: f64, seed: Seed) -> Result<(Dataset, Dataset)> {
    if share == 0.0 {
        let none = all.select(&[])?;
        return Ok((all, none));
    }
    let (train, validation) = all.holdout(share, seed)?;
    Ok((all.select(&train)?, all.select(&validation)?))
}

fn digest(parts: [Option<&Dataset>; 3]) -> String {
    let parts: Vec<String> = parts.into_iter().flatten().map(Dataset::digest).collect();
    sha256(parts.join("\n").as_bytes())
}

impl Rows {
    /// Each label with its training, validation and test rows.
    pub fn label_rows(&self) -> Vec<(String, [usize; 3])> {
        let counts = |data: &Dataset| data.counts();
        let (train, validation) = (counts(&self.train), counts(&self.validation));
        let test = self.test.as_ref().map(counts).unwrap_or_default();
        let at = |counts: &[u64], label: usize| counts.get(label).map_or(0, |&n| n as usize);
        let names = self.train.names().names().iter().enumerate();
        names.map(|(i, name)| (name.clone(), [at(&train, i), at(&validation, i), at(&test, i)])).collect()
    }
}
