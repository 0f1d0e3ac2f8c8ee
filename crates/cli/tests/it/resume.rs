use super::room::{Room, TINY};

#[test]
fn two_epochs_and_two_more_are_four() {
    let room = Room::kitchen();
    let line = |out: &str, epochs: usize| {
        format!("train --train kitchen.csv --out {out} {TINY} --set patience=none --set epochs={epochs}")
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
