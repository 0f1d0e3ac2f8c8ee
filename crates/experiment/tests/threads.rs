//! The bits of a training depend neither on the number of threads nor on what else they do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use assort_experiment::{Event, Files, Finished, Request, Resume, run};
use assort_pipeline::{Existing, ModelFolder};
use assort_random::Seed;
use assort_settings::{Settings, Source};
use assort_tensor::DeviceChoice;
use assort_train::StopFlag;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// Long rows of few words, so that all threads write to the same rows of the table.
fn write_rows(path: &Path) {
    let mut chance = Seed::new(3).generator();
    let mut text = String::from("text,label\n");
    for row in 0..400 {
        let words: Vec<String> =
            (0..30).map(|_| format!("word{}", chance.below(40) * (1 + row % 3))).collect();
        text.push_str(&format!("{},label{}\n", words.join(" "), row % 3));
    }
    fs::write(path, text).unwrap();
}

/// Trains a bag with n-grams and sub-words, and gives the SHA-256 of its weights.
fn digest(room: &Path, out: &str) -> String {
    let mut settings = Settings::defaults("bag").unwrap();
    for set in [
        "epochs=3",
        "patience=none",
        "embedding=64",
        "hidden=16",
        "batch_size=64",
        "word_ngrams=2",
        "subwords=[3, 4]",
        "buckets=500",
    ] {
        settings.assign(set, Source::Flag("set")).unwrap();
    }
    let request = Request {
        files: Files { train: room.join("rows.csv"), ..Files::default() },
        config: settings.resolve().unwrap(),
        out: room.join(out),
        existing: Existing::Keep,
        resume: Resume::Fresh,
        device: DeviceChoice::Cpu,
        stop: StopFlag::default(),
    };
    let Finished::Done { folder, .. } = run(&request, &mut |_: &Event| ()).unwrap() else {
        panic!("nobody asked for a stop");
    };
    let weights = fs::read(ModelFolder::at(&folder).weights()).unwrap();
    assort_files::sha256(&weights)
}

fn pool(threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
}

#[test]
fn ten_runs_have_one_digest_with_any_number_of_threads() {
    let room = tempfile::tempdir().unwrap();
    write_rows(&room.path().join("rows.csv"));
    let expect = digest(room.path(), "all");
    for (number, threads) in [0, 0, 0, 1, 2, 2, 3, 4, 8].into_iter().enumerate() {
        let found = pool(threads).install(|| digest(room.path(), &format!("{number}")));
        assert_eq!(found, expect, "run {number} with {threads} threads");
    }
}

/// Trainings at once, in one pool: as its tasks, and from threads of their own. They end, with the bits of
/// one alone.
#[test]
fn trainings_share_a_pool() {
    const TRAININGS: usize = 6;
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let room = tempfile::tempdir().unwrap();
        let place = room.path();
        write_rows(&place.join("rows.csv"));
        let alone = digest(place, "alone");
        for threads in [2, 4] {
            let (pool, (found, all)) = (pool(threads), mpsc::channel());
            pool.scope(|scope| {
                for number in 0..TRAININGS {
                    let send = found.clone();
                    scope.spawn(move |_| {
                        send.send(digest(place, &format!("task-{threads}-{number}"))).unwrap()
                    });
                }
            });
            std::thread::scope(|scope| {
                for number in 0..TRAININGS {
                    let (send, pool) = (found.clone(), &pool);
                    scope.spawn(move || {
                        let out = format!("thread-{threads}-{number}");
                        send.send(pool.install(|| digest(place, &out))).unwrap();
                    });
                }
            });
            let found: Vec<String> = all.try_iter().collect();
            assert_eq!(found, vec![alone.clone(); 2 * TRAININGS], "{threads} threads");
        }
        send.send(()).unwrap();
    });
    let ended = receive.recv_timeout(Duration::from_secs(300));
    assert!(ended.is_ok(), "the trainings wait for each other, or their thread failed: {ended:?}");
}
