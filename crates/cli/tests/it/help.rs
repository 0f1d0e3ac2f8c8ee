//! What the program says of itself.

use super::bad_input::refused;
use super::room::Room;

#[test]
fn shells_complete_commands_and_flags() {
    let room = Room::empty();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = room.run(&format!("completions {shell}")).exits(0).out;
        for word in ["sweep", "api-key-file"] {
            assert!(script.contains(word), "{word} is missing for {shell}");
        }
    }
    refused(&room, "completions csh", &["'csh'", "bash, elvish"]);
}

#[test]
fn the_manual_has_a_page_for_each_command() {
    let room = Room::empty();
    let program = room.run("man").exits(0).out;
    assert!(program.contains(".TH assort 1") && program.contains("serve"), "{program}");
    for command in ["train", "predict", "serve", "man"] {
        let page = room.run(&format!("man {command}")).exits(0).out;
        assert!(page.contains(&format!("assort\\-{command}")) && page.contains(".SH SYNOPSIS"), "{page}");
    }
    let flags = room.run("man serve").exits(0).out;
    assert!(flags.contains("max\\-body") && flags.contains("4194304"), "{flags}");
    refused(&room, "man predcit", &["there is no command of this name"]);
}

#[test]
fn the_version_tells_what_was_built() {
    let room = Room::empty();
    assert_eq!(room.run("-V").exits(0).out, format!("assort {}\n", env!("CARGO_PKG_VERSION")));
    let long = room.run("--version").exits(0).out;
    let hub = if cfg!(feature = "hub") { "hub" } else { "none" };
    let lines: Vec<&str> = long.lines().take(2).collect();
    assert_eq!(lines, [format!("assort {}", env!("CARGO_PKG_VERSION")), format!("features: {hub}")]);
    assert!(long.contains(&format!("target: {} on {}", std::env::consts::ARCH, std::env::consts::OS)));
    let kernels = ["AVX-512", "AVX2", "portable"].map(|name| format!("kernels: {name}\n"));
    assert!(kernels.iter().any(|line| format!("{long}\n").contains(line)), "{long}");
}

#[test]
fn help_knows_commands_settings_and_models() {
    let room = Room::empty();
    for words in ["help", "help train", "help tokenizer train", "help help"] {
        let told = room.run(words).exits(0).out;
        assert!(told.contains("Usage: assort"), "{words}: {told}");
    }
    assert_eq!(room.run("help train").exits(0).out, room.run("train --help").exits(0).out);
    let rate = room.run("help learning_rate").exits(0);
    rate.says(&["meaning      How far a step goes", "default      0.003  (bag)", "0.002  (gru, lstm, rnn)"]);
    room.run("help linear").exits(0).says(&["linear       Logistic regression"]);
    let models = room.run("help models").exits(0);
    models.says(&["linear ", "rules ", "accuracy", "--model NAME"]);
    let all = room.run("help settings").exits(0).out;
    let of_rules = room.run("train --help-settings --model rules").exits(0).out;
    assert!(all.contains("adam_beta1") && !of_rules.contains("adam_beta1") && of_rules.contains("rules"));
    assert!(room.run("help settings --markdown").exits(0).out.starts_with("# Settings\n"));
    refused(&room, "help trian", &["no help on `trian`: did you mean `train`?"]);
    refused(&room, "help learning_rat", &["did you mean `learning_rate`?"]);
    refused(&room, "help train --markdown", &["`settings` or `models`"]);
    refused(&room, "train --help-settings --model bret", &["`bret` is no model"]);
    refused(&room, "train --print-config --set filters=3", &["`filters` is a setting of cnn, not of bag"]);
}
