use super::room::{Room, TINY, names};

#[test]
fn two_epochs_and_two_more_are_four() {
    let room = Room::kitchen();
    let line = |out: &str, epochs: usize| {
        let rest = "--keep-state --set patience=none";
        format!("train --train kitchen.csv --out {out} {TINY} {rest} --set epochs={epochs}")
    };
    room.run(&line("whole", 4)).exits(0);
    room.run(&line("parts", 2)).exits(0);
    assert_ne!(room.read("whole/model.safetensors"), room.read("parts/model.safetensors"));
    room.run(&format!("{} --resume", line("parts", 4))).exits(0).says(&["goes on after 2 epochs"]);
    assert_eq!(room.read("whole/model.safetensors"), room.read("parts/model.safetensors"));
    let refused = room.run(&format!("{} --resume --set hidden=3", line("parts", 6))).exits(2);
    assert!(
        refused.err.contains("belongs to another run") && refused.err.contains("hidden"),
        "{}",
        refused.err
    );
}

#[test]
fn a_finished_run_keeps_its_state_if_asked_to() {
    let room = Room::kitchen();
    let line = |out: &str| format!("train --model bag --train kitchen.csv --out {out} {TINY}");
    let has_state = |folder: &str| names(&room.path(folder)).contains(&"state.safetensors".to_owned());
    room.run(&line("a")).exits(0);
    assert!(!has_state("a"));
    let refused = room.run(&format!("{} --resume", line("a"))).exits(2).err;
    let why = "there is no a/state.safetensors (a finished run keeps its state only if asked to); start \
               without --resume, with --keep-state to add epochs later";
    assert!(refused.contains(why), "{refused}");
    room.run(&format!("{} --keep-state", line("b"))).exits(0);
    assert!(has_state("b"));
    // Once it is not asked for, it goes.
    room.run(&format!("{} --resume --set epochs=3", line("b"))).exits(0);
    assert!(!has_state("b"));
    let linear = "train --model linear --train kitchen.csv --out c --keep-state";
    let refused = room.run(linear).exits(2).err;
    assert!(refused.contains("made in one go, so there is no state: leave --keep-state away"), "{refused}");
}

#[test]
fn every_epoch_is_a_point_to_go_on_from() {
    let room = Room::kitchen();
    let line = |out: &str, epochs: usize| {
        let rest = "--set patience=none --set checkpoints=states";
        format!("train --train kitchen.csv --out {out} {TINY} {rest} --set epochs={epochs}")
    };
    let epochs = |folder: &str| names(&room.path(&format!("{folder}/epochs")));
    room.run(&line("whole", 4)).exits(0);
    room.run(&line("parts", 3)).exits(0);
    assert_eq!(epochs("parts"), ["001.safetensors", "002.safetensors", "003.safetensors"]);
    let again = room.run(&format!("{} --resume --from-epoch 1", line("parts", 2))).exits(0);
    again.says(&["goes on after 1 epoch and 0 steps"]);
    assert_eq!(epochs("parts"), ["001.safetensors", "002.safetensors"], "the third was another run's");
    let none = room.run(&format!("{} --resume --from-epoch 3", line("parts", 4))).exits(2).err;
    assert!(none.contains("nothing to resume: there is no parts/epochs/003.safetensors"), "{none}");
    room.run(&format!("{} --resume --from-epoch 2", line("parts", 4))).exits(0);
    assert_eq!(epochs("parts").len(), 4);
    for file in ["model.safetensors", "vocab.txt"] {
        assert_eq!(room.read(&format!("whole/{file}")), room.read(&format!("parts/{file}")), "{file}");
    }
    let weights = line("weights", 2).replace("states", "every");
    room.run(&weights).exits(0);
    let refused = room.run(&format!("{weights} --resume --from-epoch 1")).exits(2).err;
    assert!(refused.contains("001.safetensors: holds no training state"), "{refused}");
}

#[test]
fn earlier_epochs_stay_when_a_finished_run_goes_on() {
    let room = Room::kitchen();
    let line = |epochs: usize| {
        let rest = "--set patience=none --set checkpoints=every";
        format!("train --train kitchen.csv --out m {TINY} {rest} --set epochs={epochs}")
    };
    room.run(&line(2)).exits(0);
    room.run(&format!("{} --resume", line(3))).exits(0);
    assert_eq!(names(&room.path("m/epochs")), ["001.safetensors", "002.safetensors", "003.safetensors"]);
}

#[cfg(unix)]
mod interrupted {
    use std::io::{BufRead, BufReader};
    use std::process::{Child, Command, Stdio};

    use super::super::room::{Room, TINY, kitchen, names};

    const SLOW: &str = "--set epochs=3 --set batch_size=1 --set patience=none";

    fn interrupt(child: &Child) {
        let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    #[test]
    fn in_the_middle_of_an_epoch_nothing_is_lost() {
        let room = Room::empty();
        room.file("kitchen.csv", kitchen(6_000).as_bytes());
        let line = |out: &str| format!("train --train kitchen.csv --out {out} {TINY} {SLOW}");
        room.run(&line("whole")).exits(0);

        let words = format!("{} --json", line("parts"));
        let words: Vec<&str> = words.split_whitespace().collect();
        let mut command = room.command(&words);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let step = out.find(|line| line.contains("\"event\":\"step\"")).unwrap();
        interrupt(&child);
        let last = out.last().unwrap();
        let output = child.wait_with_output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(130), "{step} {err}");
        assert!(last.contains("\"event\":\"interrupted\""), "{last}");
        assert!(err.contains("the same command with --resume goes on"), "{err}");
        assert_eq!(room.names(), ["kitchen.csv", "parts.partial", "whole"]);
        assert!(names(&room.path("parts.partial")).contains(&"state.safetensors".to_owned()));

        let refused = room.run(&line("parts")).exits(2).err;
        assert!(refused.contains("parts.partial holds an interrupted run: go on with --resume"), "{refused}");
        room.run(&format!("{} --resume", line("parts"))).exits(0).says(&["goes on after"]);
        assert_eq!(room.names(), ["kitchen.csv", "parts", "whole"]);
        assert!(room.read("whole/model.safetensors") == room.read("parts/model.safetensors"));
    }

    #[test]
    fn a_prediction_just_ends() {
        let room = Room::trained();
        let mut child = room
            .command(&["predict", "m", "--json"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // An answer comes while the input is still open: lines are not held back.
        let mut input = child.stdin.take().unwrap();
        std::io::Write::write_all(&mut input, b"plum\n").unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("fruit"), "{line}");
        interrupt(&child);
        assert_eq!(child.wait().unwrap().code(), Some(130));
    }
}
