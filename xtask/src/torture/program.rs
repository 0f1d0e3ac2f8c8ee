//! The program under test, and the folder that it works in.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// A command that takes longer hangs.
const LIMIT: Duration = Duration::from_secs(60);

/// A folder with the program's inputs, made anew for each group.
pub struct Room {
    path: PathBuf,
    program: PathBuf,
}

/// How a command ended.
pub struct Ended {
    /// Its exit status; `None` if it took too long and was killed.
    pub status: Option<ExitStatus>,
    /// Both outputs.
    pub said: String,
}

impl Ended {
    /// Whether the program did what it was asked to.
    pub fn is_fine(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }
}

impl Room {
    /// A room with some labelled rows, `rows.csv`.
    pub fn new(root: &Path, name: &str) -> Result<Self, String> {
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
        let path = target.join("torture").join(name);
        let fail = |error: std::io::Error| format!("{}: {error}", path.display());
        if path.exists() {
            fs::remove_dir_all(&path).map_err(fail)?;
        }
        fs::create_dir_all(&path).map_err(fail)?;
        let rows = root.join("fixtures/recipes/recipes.csv");
        let rows = fs::read_to_string(&rows).map_err(|e| format!("{}: {e}", rows.display()))?;
        let some: String = rows.split_inclusive('\n').take(601).collect();
        fs::write(path.join("rows.csv"), some).map_err(fail)?;
        Ok(Self {
            path,
            program: target.join("release/assort").with_extension(std::env::consts::EXE_EXTENSION),
        })
    }

    /// An example of the workspace, built beside the program.
    pub fn example(&self, name: &str) -> PathBuf {
        let built = self.program.with_file_name("examples");
        built.join(name).with_extension(std::env::consts::EXE_EXTENSION)
    }

    /// A path in the room.
    pub fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// A command line of the program, in the room. `{m}` stands for nothing: words are split at spaces.
    pub fn command(&self, words: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.args(words.split_whitespace());
        self.settle(&mut command);
        command
    }

    /// The same, under another program that starts it.
    pub fn command_under(&self, outer: &str, before: &[&str], words: &str) -> Command {
        let mut command = Command::new(outer);
        command.args(before).arg(&self.program).args(words.split_whitespace());
        self.settle(&mut command);
        command
    }

    fn settle(&self, command: &mut Command) {
        command.current_dir(&self.path).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    }

    /// Runs the program to its end.
    pub fn run(&self, words: &str) -> Result<Ended, String> {
        end(self.command(words), LIMIT)
    }

    /// Runs the program, which must succeed.
    pub fn must(&self, words: &str) -> Result<(), String> {
        let ended = self.run(words)?;
        if ended.is_fine() { Ok(()) } else { Err(format!("`{words}` failed: {}", ended.said.trim())) }
    }

    /// Kills the program after some time. Whether it was still at work.
    pub fn kill_after(&self, words: &str, delay: Duration) -> Result<bool, String> {
        let mut child = start(self.command(words).stdout(Stdio::null()).stderr(Stdio::null()))?;
        std::thread::sleep(delay);
        let ended = child.try_wait().map_err(|e| e.to_string())?.is_some();
        // It may end in this moment; then there is nothing to kill.
        let _ = child.kill();
        child.wait().map_err(|e| e.to_string())?;
        Ok(!ended)
    }

    /// Removes files and folders of the room.
    pub fn clear(&self, names: &[&str]) -> Result<(), String> {
        for name in names {
            let path = self.path(name);
            let removed = match path.symlink_metadata() {
                Ok(found) if found.is_dir() => fs::remove_dir_all(&path),
                Ok(_) => fs::remove_file(&path),
                Err(_) => Ok(()),
            };
            removed.map_err(|e| format!("{}: {e}", path.display()))?;
        }
        Ok(())
    }

    /// Every file below a folder of the room with its bytes, but for those that hold times.
    pub fn content(&self, name: &str) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        gather(&self.path(name), "", &mut files);
        files
    }

    /// The names in the room.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.path).into_iter().flatten().flatten();
        let mut names: Vec<String> =
            entries.map(|entry| entry.file_name().to_string_lossy().into()).collect();
        names.sort();
        names
    }
}

fn gather(folder: &Path, before: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = format!("{before}{}", entry.file_name().to_string_lossy());
        match entry.path().is_dir() {
            true => gather(&entry.path(), &format!("{name}/"), files),
            false => drop(files.insert(name, fs::read(entry.path()).unwrap_or_default())),
        }
    }
}

fn start(command: &mut Command) -> Result<Child, String> {
    command.spawn().map_err(|e| format!("{}: {e}", command.get_program().display()))
}

/// Runs a command to its end, or kills it.
pub fn end(mut command: Command, limit: Duration) -> Result<Ended, String> {
    let mut child = start(&mut command)?;
    // Readers of their own: a full pipe would stop the program.
    let readers: Vec<_> = [
        child.stdout.take().map(|out| Box::new(out) as Box<dyn Read + Send>),
        child.stderr.take().map(|out| Box::new(out) as Box<dyn Read + Send>),
    ]
    .into_iter()
    .flatten()
    .map(|mut out| {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            // What came until then is what is looked at.
            let _ = out.read_to_end(&mut bytes);
            String::from_utf8_lossy(&bytes).into_owned()
        })
    })
    .collect();
    let clock = Instant::now();
    let status = loop {
        match child.try_wait().map_err(|e| e.to_string())? {
            Some(status) => break Some(status),
            None if clock.elapsed() > limit => {
                let _ = child.kill();
                child.wait().map_err(|e| e.to_string())?;
                break None;
            }
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    let said = readers.into_iter().filter_map(|reader| reader.join().ok()).collect();
    Ok(Ended { status, said })
}
