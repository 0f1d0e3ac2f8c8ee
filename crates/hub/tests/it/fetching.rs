use std::fs;
use std::path::Path;

use assort_files::sha256;
use std::time::{Duration, Instant};

use assort_hub::{Checkpoint, FileId, Hub, HubConfig, Limits, Network, Progress, RepoId, Silent};

use super::server::{COMMIT, Server, blob};

const CONFIG: &[u8] = b"{\"model_type\": \"distilbert\"}";

fn weights() -> Vec<u8> {
    (0..200_000u32).map(|i| (i % 251) as u8).collect()
}

fn server() -> Server {
    let weights = weights();
    Server::start(&[
        ("config.json", CONFIG),
        ("model.safetensors", &weights),
        ("vocab.txt", b"[PAD]\n"),
        ("pytorch_model.bin", b"never fetched"),
    ])
}

fn config(cache: &Path, server: &Server) -> HubConfig {
    HubConfig {
        endpoint: server.endpoint.clone(),
        token: Some("secret".into()),
        ..HubConfig::new(cache.join("hub"))
    }
}

fn fetch(config: &HubConfig) -> Result<Checkpoint, String> {
    let repo: RepoId = "owner/name".parse().unwrap();
    Hub::new(config.clone()).checkpoint(&repo, &mut Silent).map_err(|error| error.to_string())
}

/// Files below the cache's folder for the checkpoint.
fn names(config: &HubConfig, folder: &str) -> Vec<String> {
    let place = config.cache.join("models--owner--name").join(folder);
    let entries =
        fs::read_dir(place).map(|entries| entries.map(|e| e.unwrap().file_name()).collect::<Vec<_>>());
    let mut names: Vec<String> =
        entries.unwrap_or_default().into_iter().map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_name_becomes_a_folder_that_python_would_find() {
    let (room, server) = (tempfile::tempdir().unwrap(), server());
    let config = config(room.path(), &server);
    let checkpoint = fetch(&config).unwrap();
    assert_eq!(checkpoint.commit, COMMIT);
    assert_eq!(checkpoint.folder, config.cache.join("models--owner--name/snapshots").join(COMMIT));
    assert_eq!(fs::read(checkpoint.folder.join("model.safetensors")).unwrap(), weights());
    assert_eq!(fs::read(checkpoint.folder.join("config.json")).unwrap(), CONFIG);
    assert_eq!(
        names(&config, &format!("snapshots/{COMMIT}")),
        ["config.json", "model.safetensors", "vocab.txt"]
    );
    assert!(names(&config, "blobs").contains(&sha256(&weights())));
    assert_eq!(fs::read_to_string(config.cache.join("models--owner--name/refs/main")).unwrap(), COMMIT);

    // The cache can be carried elsewhere.
    let moved = room.path().join("moved");
    fs::rename(&config.cache, &moved).unwrap();
    let offline = HubConfig { cache: moved, network: Network::Offline, ..config };
    assert_eq!(fs::read(fetch(&offline).unwrap().folder.join("model.safetensors")).unwrap(), weights());
}

#[test]
fn the_cache_answers_first() {
    let (room, server) = (tempfile::tempdir().unwrap(), server());
    let config = config(room.path(), &server);
    fetch(&config).unwrap();
    let before = server.paths().len();
    fetch(&config).unwrap();
    assert_eq!(server.paths().len(), before, "nothing was asked");
    let by_commit: RepoId = format!("owner/name@{COMMIT}").parse().unwrap();
    let hub = Hub::new(HubConfig { network: Network::Offline, ..config });
    assert_eq!(hub.checkpoint(&by_commit, &mut Silent).unwrap().commit, COMMIT);
}

#[test]
fn the_token_is_shown_to_the_hub_alone() {
    let (room, server) = (tempfile::tempdir().unwrap(), server());
    fetch(&config(room.path(), &server)).unwrap();
    for asked in &server.state.lock().unwrap().asked {
        let expect = (!asked.path.starts_with("/store/")).then(|| "Bearer secret".to_owned());
        assert_eq!(asked.authorization, expect, "{}", asked.path);
    }
}

#[test]
fn a_password_in_the_address_is_sent_to_the_hub_alone_and_never_told() {
    let (room, server) = (tempfile::tempdir().unwrap(), server());
    let endpoint = server.endpoint.replace("://", "://user:s3cret@");
    let config = HubConfig { endpoint, token: None, ..config(room.path(), &server) };
    assert!(!format!("{config:?} {:?}", Hub::new(config.clone())).contains("s3cret"));
    fetch(&config).unwrap();
    for asked in &server.state.lock().unwrap().asked {
        let expect = (!asked.path.starts_with("/store/")).then(|| "Basic dXNlcjpzM2NyZXQ=".to_owned());
        assert_eq!(asked.authorization, expect, "{}", asked.path);
    }

    let elsewhere = |endpoint: &str| HubConfig {
        endpoint: endpoint.into(),
        cache: room.path().join("other"),
        ..config.clone()
    };
    // Nobody listens; no host; no scheme; a password that ends nowhere.
    for endpoint in
        ["http://user:s3cret@127.0.0.1:1", "http://user:s3cret@", "user:s3cret@a", "http://u:s3/cret@a"]
    {
        let repo: RepoId = "owner/name".parse().unwrap();
        let error = Hub::new(elsewhere(endpoint)).checkpoint(&repo, &mut Silent).unwrap_err();
        let told = format!("{error} {error:?}");
        assert!(!told.contains("s3") && !told.contains("cret"), "{told}");
    }
    for status in [404, 500] {
        server.state.lock().unwrap().status = Some(status);
        let error = fetch(&elsewhere(&config.endpoint)).unwrap_err();
        assert!(!error.contains("s3cret"), "{error}");
    }
}

#[test]
fn bodies_without_an_end_have_one() {
    for (ending, words) in [
        ("revision/main", "a list of files of more than 10000 bytes"),
        ("config.json", "more than 5000 bytes came of a file whose size it does not tell"),
    ] {
        let (room, server) = (tempfile::tempdir().unwrap(), server());
        server.state.lock().unwrap().endless = Some(ending);
        let limits = Limits { listing: 10_000, unsized_file: 5_000, ..Limits::default() };
        let config = HubConfig { limits, ..config(room.path(), &server) };
        let error = fetch(&config).unwrap_err();
        assert!(error.contains(words), "{error}");
        assert_eq!(names(&config, "blobs"), [""; 0], "nothing of it is kept");
    }
}

#[test]
fn a_body_that_drips_is_a_stalled_connection() {
    let (room, server) = (tempfile::tempdir().unwrap(), server());
    server.state.lock().unwrap().drips = true;
    let limits = Limits { window: Duration::from_millis(50), least: 10_000, ..Limits::default() };
    let config = HubConfig { limits, ..config(room.path(), &server) };
    let begin = Instant::now();
    let error = fetch(&config).unwrap_err();
    assert!(error.contains("fewer than 10000): the same"), "{error}");
    assert!(error.contains("model.safetensors stopped after"), "{error}");
    // All of it would take minutes.
    assert!(begin.elapsed() < Duration::from_secs(60));
    server.state.lock().unwrap().drips = false;
    let checkpoint = fetch(&config).unwrap();
    assert_eq!(fs::read(checkpoint.folder.join("model.safetensors")).unwrap(), weights());
}

#[test]
fn a_broken_connection_is_taken_up_where_it_broke() {
    let (room, server) = (tempfile::tempdir().unwrap(), server());
    let config = config(room.path(), &server);
    server.state.lock().unwrap().breaks = 1;
    fetch(&config).unwrap();
    let froms: Vec<Option<usize>> = server
        .state
        .lock()
        .unwrap()
        .asked
        .iter()
        .filter(|asked| asked.path.starts_with("/store/"))
        .map(|asked| asked.from)
        .collect();
    assert_eq!(froms, [None, Some(100_000)]);
}

#[test]
fn an_interrupted_download_is_never_read_and_goes_on_later() {
    for ignores_ranges in [false, true] {
        let (room, server) = (tempfile::tempdir().unwrap(), server());
        let config = config(room.path(), &server);
        server.state.lock().unwrap().breaks = 3;
        server.state.lock().unwrap().ignores_ranges = ignores_ranges;
        let error = fetch(&config).unwrap_err();
        assert!(error.contains("model.safetensors stopped after"), "{error}");
        assert!(error.contains("of 200000 bytes"), "{error}");
        let blob = sha256(&weights());
        assert!(!names(&config, "blobs").contains(&blob));
        assert!(names(&config, "blobs").contains(&format!("{blob}.incomplete")));
        let snapshot = names(&config, &format!("snapshots/{COMMIT}"));
        assert!(!snapshot.contains(&"model.safetensors".to_owned()), "{snapshot:?}");
        let offline = fetch(&HubConfig { network: Network::Offline, ..config.clone() }).unwrap_err();
        assert!(offline.contains("is not in the cache"), "{offline}");

        let checkpoint = fetch(&config).unwrap();
        assert_eq!(fs::read(checkpoint.folder.join("model.safetensors")).unwrap(), weights());
        assert_eq!(names(&config, "blobs").len(), 3, "nothing half-made is left");
    }
}

#[test]
fn a_torn_small_file_is_fetched_anew_and_links_are_not_followed() {
    let (room, server) = (tempfile::tempdir().unwrap(), server());
    let config = config(room.path(), &server);
    let blobs = config.cache.join("models--owner--name/blobs");
    fs::create_dir_all(&blobs).unwrap();
    // Of the right length and of a shorter one, both of other bytes.
    fs::write(blobs.join(format!("{}.incomplete", blob(CONFIG))), vec![b'x'; CONFIG.len()]).unwrap();
    fs::write(blobs.join(format!("{}.incomplete", blob(b"[PAD]\n"))), b"to").unwrap();
    let precious = room.path().join("precious");
    fs::write(&precious, b"kept").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(&precious, blobs.join(format!("{}.incomplete", sha256(&weights())))).unwrap();
    let folder = fetch(&config).unwrap().folder;
    assert_eq!(fs::read(folder.join("config.json")).unwrap(), CONFIG);
    assert_eq!(fs::read(folder.join("vocab.txt")).unwrap(), b"[PAD]\n");
    assert_eq!(fs::read(folder.join("model.safetensors")).unwrap(), weights());
    assert_eq!(fs::read(precious).unwrap(), b"kept");
}

#[test]
fn other_bytes_than_announced_are_thrown_away() {
    let (room, server) = (tempfile::tempdir().unwrap(), server());
    let config = config(room.path(), &server);
    server.state.lock().unwrap().lies = true;
    let error = fetch(&config).unwrap_err();
    assert!(error.contains("model.safetensors came with the checksum"), "{error}");
    assert_eq!(names(&config, "blobs").len(), 2, "configuration and vocabulary alone");
    server.state.lock().unwrap().lies = false;
    fetch(&config).unwrap();
}

#[test]
fn weights_in_several_files() {
    let index = br#"{"weight_map":
        {"a": "model-1.safetensors", "b": "model-2.safetensors", "c": "model-1.safetensors"}}"#;
    let files: [(&str, &[u8]); 5] = [
        ("config.json", CONFIG),
        ("model.safetensors.index.json", index),
        ("model-1.safetensors", b"one"),
        ("model-2.safetensors", b"two"),
        ("tokenizer.json", b"{}"),
    ];
    let (room, server) = (tempfile::tempdir().unwrap(), Server::start(&files));
    let config = config(room.path(), &server);
    assert_eq!(fs::read(fetch(&config).unwrap().folder.join("model-2.safetensors")).unwrap(), b"two");

    let evil = br#"{"weight_map": {"a": "../../../../out.safetensors"}}"#;
    let server =
        Server::start(&[("config.json", CONFIG), ("model.safetensors.index.json", evil), ("vocab.txt", b"")]);
    let room = tempfile::tempdir().unwrap();
    let error = fetch(&self::config(room.path(), &server)).unwrap_err();
    assert!(error.contains("no usable model.safetensors.index.json"), "{error}");
}

#[test]
fn what_cannot_be_had_is_said() {
    let check = |files: &[(&str, &[u8])], status: Option<u16>, words: &[&str]| {
        let (room, server) = (tempfile::tempdir().unwrap(), Server::start(files));
        server.state.lock().unwrap().status = status;
        let config = config(room.path(), &server);
        let error = fetch(&config).unwrap_err();
        words.iter().for_each(|word| assert!(error.contains(word), "{word} is missing in {error}"));
        assert_eq!(names(&config, "snapshots"), [""; 0]);
    };
    check(&[], Some(404), &["no owner/name", "HF_TOKEN"]);
    check(&[], Some(401), &["no owner/name", "HF_TOKEN"]);
    check(&[], Some(403), &["does not hand out owner/name", "accept its terms"]);
    check(&[], Some(500), &["the answer was 500", "try again"]);
    check(&[], None, &["owner/name has no config.json"]);
    check(&[("config.json", CONFIG)], None, &["has no tokenizer.json or vocab.txt"]);
    let old: [(&str, &[u8]); 3] = [("config.json", CONFIG), ("vocab.txt", b""), ("pytorch_model.bin", b"")];
    check(&old, None, &["has no weights in safetensors"]);
}

#[test]
fn without_a_network_the_error_says_which_files_to_put_where() {
    let room = tempfile::tempdir().unwrap();
    // A port on which nobody listens any more.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let endpoint = format!("http://127.0.0.1:{port}");
    let config = HubConfig { endpoint, ..HubConfig::new(room.path().join("hub")) };
    let offline = HubConfig { network: Network::Offline, ..config.clone() };
    for (config, reason) in [(config, "cannot be reached"), (offline, "HF_HUB_OFFLINE")] {
        let error = fetch(&config).unwrap_err();
        for word in
            [reason, "owner/name", "hub", "config.json", "model.safetensors", "tokenizer.json", "vocab.txt"]
        {
            assert!(error.contains(word), "{word} is missing in {error}");
        }
        assert!(!room.path().join("hub").exists(), "nothing was written");
    }
}

#[test]
fn progress_is_told() {
    #[derive(Default)]
    struct Told(Vec<(String, u64, Option<u64>)>, Vec<String>);
    impl Progress for Told {
        fn advance(&mut self, file: &str, done: u64, total: Option<u64>) {
            self.0.push((file.into(), done, total));
        }
        fn finish(&mut self, file: &str) {
            self.1.push(file.into());
        }
    }
    let (room, server) = (tempfile::tempdir().unwrap(), server());
    let mut told = Told::default();
    Hub::new(config(room.path(), &server)).checkpoint(&"owner/name".parse().unwrap(), &mut told).unwrap();
    let of_weights: Vec<u64> =
        told.0.iter().filter(|(file, ..)| file == "model.safetensors").map(|t| t.1).collect();
    assert!(of_weights.is_sorted() && of_weights.last() == Some(&200_000));
    assert!(told.0.iter().all(|(file, _, total)| file != "model.safetensors" || *total == Some(200_000)));
    assert_eq!(told.1, ["config.json", "vocab.txt", "model.safetensors"]);
}

#[test]
fn a_single_file_is_fetched_once() {
    let (room, server) = (tempfile::tempdir().unwrap(), server());
    server.state.lock().unwrap().files.insert("a/b/words.txt".into(), b"the 1 2\n".to_vec());
    let config = config(room.path(), &server);
    let get = |config: &HubConfig, words: &str| {
        let id: FileId = words.parse().unwrap();
        Hub::new(config.clone()).file(&id, &mut Silent).map_err(|error| error.to_string())
    };
    let offline = HubConfig { network: Network::Offline, ..config.clone() };
    let error = get(&offline, "owner/name:a/b/words.txt").unwrap_err();
    for word in
        ["owner/name is not in the cache", "HF_HUB_OFFLINE", "put a/b/words.txt of owner/name into a folder"]
    {
        assert!(error.contains(word), "{word} is missing in {error}");
    }
    let path = get(&config, "owner/name:a/b/words.txt").unwrap();
    assert_eq!(path, config.cache.join("models--owner--name/snapshots").join(COMMIT).join("a/b/words.txt"));
    assert_eq!(fs::read(&path).unwrap(), b"the 1 2\n");
    assert_eq!(names(&config, "blobs").len(), 1, "nothing else is fetched");
    let before = server.paths().len();
    assert_eq!(get(&offline, "owner/name:a/b/words.txt").unwrap(), path);
    assert_eq!(get(&config, &format!("owner/name@{COMMIT}:a/b/words.txt")).unwrap(), path);
    assert_eq!(server.paths().len(), before, "nothing was asked");

    let error = get(&config, "owner/name:b.txt").unwrap_err();
    assert!(error.contains("owner/name has no b.txt; its files are: a/b/words.txt, config.json"), "{error}");
    // The file alone makes no checkpoint; what is there of one is kept.
    fetch(&config).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"the 1 2\n");
}
