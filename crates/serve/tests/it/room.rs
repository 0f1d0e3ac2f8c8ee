//! Models in folders, and servers of them.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::Duration;

use assort_models::{BagConfig, Initial, Model, ModelConfig, Shape};
use assort_pipeline::{
    DataRecord, Existing, FeatureConfig, Featurizer, Manifest, ModelFolder, Pipeline, Staging, Unfinished,
};
use assort_random::Seed;
use assort_serve::{ServeConfig, Server, Stopper};
use assort_text::TextConfig;
use candle_core::Device;

use super::client::{Client, Reply};

/// The texts of which models learn their words.
pub const TEXTS: [&str; 4] = ["ripe pear and plum", "raw leek", "ripe leek, raw kale", "plum"];

/// The features of models that read tokens.
pub fn tokens() -> FeatureConfig {
    FeatureConfig::Tokens { text: TextConfig::default(), hasher: None }
}

/// Puts a model in its folder, whole, in the place of the one that is there.
pub fn put(folder: &Path, architecture: ModelConfig, features: FeatureConfig, make: impl Fn(Shape) -> Model) {
    let (featurizer, _) = Featurizer::fit(&TEXTS, &features).unwrap();
    let shape = Shape { vocabulary: featurizer.width(), classes: 3 };
    let labels = ["fruit", "vegetable", "<b>\"other\"</b>"].map(String::from).to_vec();
    let data = DataRecord { rows: 4, ..DataRecord::default() };
    let mut manifest = Manifest::new(architecture, shape, labels, features, 0, data);
    let staging = Staging::begin(folder, Existing::Replace, Unfinished::Remove).unwrap();
    let place = ModelFolder::at(staging.path());
    place.write(&manifest, &featurizer, &make(shape)).unwrap();
    manifest = place.read_manifest().unwrap();
    assert!(!manifest.files.is_empty(), "the files have digests");
    staging.commit().unwrap();
}

/// A network with weights that the seed draws.
pub fn put_network(folder: &Path, config: &ModelConfig, seed: u64) {
    let drawn = |shape| {
        let initial = Initial::Drawn(Seed::new(seed));
        Model::Network(config.network(shape, initial, &Device::Cpu).unwrap())
    };
    put(folder, config.clone(), tokens(), drawn);
}

/// A bag with weights that the seed draws.
pub fn put_bag(folder: &Path, seed: u64) {
    put_network(folder, &ModelConfig::Bag(BagConfig { embedding: 4, ..BagConfig::default() }), seed);
}

/// A folder with one bag of the name `bag`.
pub struct Room(tempfile::TempDir);

impl Room {
    pub fn new() -> Self {
        let room = Self(tempfile::tempdir().unwrap());
        put_bag(&room.path("bag"), 1);
        room
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// These folders, under their own names, looked at all the time.
    pub fn config(&self, names: &[&str]) -> ServeConfig {
        let models = names.iter().map(|name| ((*name).to_owned(), self.path(name)));
        ServeConfig { watch: Duration::from_millis(5), ..ServeConfig::new(models.collect()) }
    }

    pub fn pipeline(&self, name: &str) -> Pipeline {
        Pipeline::load(&self.path(name), &Device::Cpu).unwrap()
    }
}

/// A server that runs on a thread of its own and is stopped with this.
pub struct Running {
    pub address: SocketAddr,
    pub stopper: Stopper,
    thread: Option<JoinHandle<assort_serve::Result<()>>>,
}

impl Running {
    /// Starts a server and waits until its models are loaded.
    pub fn start(config: ServeConfig) -> Self {
        let server = Server::bind("127.0.0.1:0".parse().unwrap(), config).unwrap();
        let (address, stopper) = (server.address(), server.stopper());
        let running = Self { address, stopper, thread: Some(std::thread::spawn(|| server.run())) };
        running.wait_for("/ready", |reply| reply.status == 200);
        running
    }

    /// Asks again and again until the answer is the one that is waited for.
    pub fn wait_for(&self, path: &str, is_it: impl Fn(&Reply) -> bool) -> Reply {
        loop {
            let reply = Client::new(self.address).get(path);
            if is_it(&reply) {
                return reply;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Waits until a line of the metrics has a value that is waited for.
    pub fn wait_for_metric(&self, line: &str, is_it: impl Fn(f64) -> bool) {
        self.wait_for("/metrics", |reply| {
            let value = reply.body.lines().find_map(|found| found.strip_prefix(line)?.strip_prefix(' '));
            value.is_some_and(|value| is_it(value.parse().unwrap()))
        });
    }

    #[track_caller]
    pub fn post(&self, path: &str, body: &str) -> Reply {
        Client::new(self.address).post(path, body)
    }

    #[track_caller]
    pub fn get(&self, path: &str) -> Reply {
        Client::new(self.address).get(path)
    }

    /// Waits for the end of a server that was stopped.
    pub fn join(mut self) -> assort_serve::Result<()> {
        self.thread.take().unwrap().join().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stopper.stop();
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(std::thread::panicking() || ended.unwrap().is_ok());
        }
    }
}
