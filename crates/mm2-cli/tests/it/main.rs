//! What a shell sees of a binary built on this crate: `examples/edge.rs`, run as a process.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails like the test")]

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

const SENTINEL: &str = "s3ntinel-hunter2";

fn edge(args: &[&str]) -> Command {
    let this_test = std::env::current_exe().unwrap();
    let path: PathBuf = this_test.ancestors().nth(2).unwrap().join("examples/edge");
    assert!(path.exists(), "cargo build -p mm2-cli --example edge comes first");
    let mut command = Command::new(path);
    command.args(args).env_remove("MM2_LOG").stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn ended(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_run_that_goes_well_ends_with_0_and_prints_no_data() {
    let (code, out, err) = ended(&edge(&[]).output().unwrap());
    assert_eq!((code, out.as_str(), err.as_str()), (Some(0), "", "load on\nload off\n"));
    let (code, out, err) = ended(&edge(&["--quiet"]).output().unwrap());
    assert_eq!((code, out.as_str(), err.as_str()), (Some(0), "", ""));
}

#[test]
fn the_configuration_is_shown_with_its_origins_and_without_the_secret() {
    let folder = tempfile::tempdir().unwrap();
    let chain = folder.path().join("chain.toml");
    std::fs::write(&chain, "hold = \"5s\"\npassword = \"env:EDGE_PASSWORD\"\n").unwrap();
    let shown = |args: &[&str], hold: &str| {
        let mut command = edge(&["--show-config", "-vvv", "--chain"]);
        command.arg(&chain).args(args).env("EDGE_PASSWORD", SENTINEL).env("EDGE_HOLD", hold);
        let (code, out, err) = ended(&command.output().unwrap());
        assert_eq!(code, Some(0), "{err}");
        assert!(!out.contains(SENTINEL) && !err.contains(SENTINEL));
        out.replace(&chain.display().to_string(), "chain.toml")
    };
    let password = "password  <redacted>  file chain.toml\n";
    assert_eq!(shown(&[], "7s"), format!("hold      7s          env EDGE_HOLD\n{password}"));
    assert_eq!(shown(&["--hold", "9s"], "7s"), format!("hold      9s          flag\n{password}"));
}

#[test]
fn a_wrong_file_ends_with_64_and_a_picture_without_the_secret() {
    let folder = tempfile::tempdir().unwrap();
    let chain = folder.path().join("chain.toml");
    let refused = |text: &str| {
        std::fs::write(&chain, text).unwrap();
        let (code, out, err) = ended(&edge(&["--chain"]).arg(&chain).output().unwrap());
        assert_eq!((code, out.as_str()), (Some(64), ""));
        assert!(!err.contains(SENTINEL), "{err}");
        err.replace(&chain.display().to_string(), "chain.toml")
    };
    insta::assert_snapshot!(refused("hodl = \"5s\"\n"), @r#"
    error: unknown key `hodl`
     --> chain.toml:1:1
      |
    1 | hodl = "5s"
      | ^^^^ did you mean `hold`?
    "#);
    insta::assert_snapshot!(refused(&format!("password = \"{SENTINEL}\"\n")), @r#"
    error: a secret must not be written here
     --> chain.toml:1:12
      |
    1 | password = ******************
      |            ^^^^^^^^^^^^^^^^^^ write it as "env:NAME" or "file:PATH"
    "#);
}

#[test]
fn a_file_that_is_not_there_ends_with_64_and_a_hint() {
    let (code, _, err) = ended(&edge(&["--chain", "not-there.toml"]).output().unwrap());
    assert_eq!(code, Some(64));
    insta::assert_snapshot!(err, @r"
    error: cannot read not-there.toml: No such file or directory (os error 2)
    hint: check the path and who may read it
    ");
}

#[test]
fn a_wrong_command_line_ends_with_64_and_help_with_0() {
    let code = |args: &[&str]| edge(args).output().unwrap().status.code();
    assert_eq!(code(&["--hodl", "5s"]), Some(64));
    assert_eq!(code(&["--hold", "5"]), Some(64));
    assert_eq!(code(&["--version"]), Some(0));
    let bad_filter = edge(&[]).env("MM2_LOG", "mm2=loud").output().unwrap();
    assert_eq!(bad_filter.status.code(), Some(64));
}

#[test]
fn help_is_the_binarys_own_and_shows_no_values_of_variables() {
    let (code, out, err) = ended(&edge(&["--help"]).env("EDGE_HOLD", SENTINEL).output().unwrap());
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(out.starts_with("Holds for a while\n"), "{out}");
    assert!(out.contains("[env: EDGE_HOLD]"), "{out}");
}

#[test]
fn a_panic_ends_with_70() {
    let (code, _, err) = ended(&edge(&["--misbehave", "panic"]).output().unwrap());
    assert_eq!(code, Some(70));
    assert!(err.contains("as asked"), "{err}");
}

#[test]
fn logs_go_to_stderr_when_asked_for() {
    let (_, out, err) = ended(&edge(&[]).env("MM2_LOG", "edge=info").output().unwrap());
    assert_eq!(out, "");
    assert!(err.contains("INFO edge: plan is read hold=20ms"), "{err}");
}

#[test]
fn a_reader_that_left_changes_nothing() {
    let mut child = edge(&["--help"]).spawn().unwrap();
    drop(child.stdout.take());
    drop(child.stderr.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn the_first_signal_ends_the_run_in_order_with_130() {
    for name in ["INT", "TERM"] {
        let mut child = edge(&["--hold", "60s"]).spawn().unwrap();
        let mut said = lines_of(&mut child);
        assert_eq!(said.next().unwrap(), "load on");
        signal(&child, name);
        assert!(said.next().unwrap().starts_with("stopping: "));
        assert_eq!(said.next().unwrap(), "load off");
        assert_eq!(child.wait().unwrap().code(), Some(130));
    }
}

#[test]
fn the_second_ctrl_c_leaves_at_once_even_when_the_run_hangs() {
    let mut child = edge(&["--misbehave", "hang"]).spawn().unwrap();
    let mut said = lines_of(&mut child);
    assert_eq!(said.next().unwrap(), "load on");
    signal(&child, "INT");
    assert!(said.next().unwrap().starts_with("stopping: "));
    signal(&child, "INT");
    assert_eq!(said.next().unwrap(), "warning: stopped at once; the evidence ends here");
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

fn lines_of(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap)
}

fn signal(child: &Child, name: &str) {
    let status = Command::new("sh").args(["-c", &format!("kill -{name} {}", child.id())]).status().unwrap();
    assert!(status.success());
}
