//! The `lab` program without real JVMs: arguments, missing tools, and what is left when it is killed.
//! A script stands in for java where a process is needed.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../common/mod.rs"]
mod common;
mod fakes;

use std::{fs, process::Stdio};

use common::{Place, assert_code, kill_hard, pids, signal, text, within};
use mm2_lab::ProcessId;

/// A java that formats at once and then starts for ever.
const SLOW_JAVA: &str = r#"
case "$*" in
-version) echo 'openjdk version "17.0.1"' >&2 ;;
*StorageTool*) ;;
*) echo $$ >> "$PIDS"; exec sleep 600 ;;
esac"#;

/// A cache with folders of jars in it, so that nothing is fetched.
fn filled_cache(place: &Place) {
    for name in ["kafka-3.9.1", "agent-0.20.0", "agent-1.0.1"] {
        fs::create_dir_all(place.path("cache/mm2-lab").join(name).join("libs")).unwrap();
    }
}

#[test]
fn a_wrong_command_line_is_a_usage_error_and_help_is_not() {
    let place = Place::new();
    for wrong in [
        vec![],
        vec!["run"],
        vec!["run", "--"],
        vec!["up", "--no-such-flag"],
        vec!["up", "--kafka", "latest"],
        vec!["up", "--agent", "2.0"],
        vec!["up", "--naming", "strimzi"],
        vec!["up", "--kafka", "3.9.1", "--kafka-home", "/opt/kafka"],
        vec!["up", "--no-metrics", "--agent", "1.0.1"],
    ] {
        assert_code(&place.lab(&wrong).output().unwrap(), 64);
    }
    let help = place.lab(["--help"]).output().unwrap();
    assert_code(&help, 0);
    assert!(text(&help.stdout).contains("Examples:"));
    assert!(!text(&help.stdout).contains("supervise"), "the hidden subcommand shows");
}

#[test]
fn without_a_home_it_says_which_variable_to_set() {
    let place = Place::new();
    let output = place.lab(["status"]).env_remove("HOME").env_remove("XDG_STATE_HOME").output().unwrap();
    assert_code(&output, 64);
    assert!(text(&output.stderr).contains("XDG_STATE_HOME"));
}

/// The words of a lab that cannot start.
fn run_without_metrics(place: &Place) -> String {
    let output = place
        .lab(["run", "--no-metrics", "--", "true"])
        .env("PATH", place.path("bin"))
        .env("XDG_CACHE_HOME", place.path("cache"))
        .output()
        .unwrap();
    assert_code(&output, 69);
    text(&output.stderr)
}

#[test]
fn each_missing_tool_is_named_with_its_package() {
    let place = Place::new();
    let run = || {
        let output = place
            .lab(["run", "--", "true"])
            .env("PATH", place.path("bin"))
            .env("XDG_CACHE_HOME", place.path("cache"))
            .output()
            .unwrap();
        assert_code(&output, 69);
        text(&output.stderr)
    };
    assert!(run().contains("apt install util-linux"));
    place.fake("setpriv", "echo 'setpriv: unrecognized option' >&2; exit 1");
    assert!(run().contains("unrecognized option"));
    fs::remove_file(place.path("bin/setpriv")).unwrap();
    place.real("setpriv");
    place.real("true");
    assert!(run().contains("apt install openjdk-17-jre-headless"));
    place.fake("java", r#"echo 'openjdk version "11.0.2"' >&2"#);
    assert!(run().contains("java 11.0.2 is too old"));
    place.fake("java", r#"echo 'openjdk version "17.0.1"' >&2"#);
    for tool in ["prometheus", "prometheus-node-exporter"] {
        let said = run();
        assert!(said.contains(&format!("apt install {tool};")) && said.contains("--no-metrics"), "{said}");
        place.fake(tool, "exit 0");
    }
    assert!(run().contains("apt install maven"));
    for tool in ["prometheus", "prometheus-node-exporter"] {
        fs::remove_file(place.path("bin").join(tool)).unwrap();
    }
    assert!(run_without_metrics(&place).contains("apt install maven"));
    // Nothing was started, so nothing is left.
    assert_eq!(fs::read_dir(place.path("tmp")).unwrap().count(), 0);
}

#[test]
fn a_failed_download_shows_mavens_words_and_leaves_no_half_filled_cache() {
    let place = Place::new();
    place.fake(
        "mvn",
        "[ $1 = --version ] && exit; mkdir libs; echo x > libs/half.jar; echo no route to host; exit 1",
    );
    let output = place
        .lab(["run", "--no-metrics", "--", "true"])
        .env("PATH", place.path_first())
        .env("XDG_CACHE_HOME", place.path("cache"))
        .output()
        .unwrap();
    assert_code(&output, 69);
    assert!(text(&output.stderr).contains("no route to host"), "{}", text(&output.stderr));
    let kept = fs::read_dir(place.path("cache/mm2-lab").join("kafka-3.9.1")).unwrap();
    let kept: Vec<_> = kept.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(kept, ["fetch.lock"]);
}

#[test]
fn a_jvm_that_dies_is_named_with_its_status_its_log_and_its_last_words() {
    let place = Place::new();
    filled_cache(&place);
    place.fake("java", r#"[ "$1" = -version ] && exec echo 'version "17"' >&2; echo out of luck; exit 3"#);
    let output = place
        .lab(["run", "--no-metrics", "--", "true"])
        .env("PATH", place.path_first())
        .env("XDG_CACHE_HOME", place.path("cache"))
        .output()
        .unwrap();
    assert_code(&output, 69);
    let said = text(&output.stderr);
    assert!(
        said.contains("format-") && said.contains("exit status: 3") && said.contains("out of luck"),
        "{said}"
    );
    let log = said.split("its log is ").nth(1).unwrap().lines().next().unwrap();
    assert_eq!(fs::read_to_string(log).unwrap(), "out of luck\n");
}

/// A java that formats at once, and writes down what else it is asked to run before it dies.
const TELLING_JAVA: &str = r#"
case "$*" in
-version) echo 'openjdk version "17.0.1"' >&2 ;;
*StorageTool*) ;;
*kafka.Kafka*source*) printf '%s\n' "$@" > "$TOLD"; exit 1 ;;
*) exec sleep 600 ;;
esac"#;

/// The arguments of the source broker, one a line.
fn source_broker(place: &Place, flags: &[&str], variables: &[(&str, &str)]) -> String {
    filled_cache(place);
    place.fake("java", TELLING_JAVA);
    place.fake("prometheus", "exit 0");
    place.fake("prometheus-node-exporter", "exit 0");
    let mut command = place.lab(["run"]);
    command.args(flags).args(["--", "true"]).envs(variables.iter().copied()).env("TOLD", place.path("told"));
    command.env("PATH", place.path_first()).env("XDG_CACHE_HOME", place.path("cache"));
    assert_code(&command.output().unwrap(), 69);
    fs::read_to_string(place.path("told")).unwrap()
}

#[test]
fn a_distribution_is_run_from_its_own_jars_with_the_agent_and_the_logging_of_its_version() {
    let place = Place::new();
    fs::create_dir_all(place.path("kafka 4/libs")).unwrap();
    let home = place.path("kafka 4");
    let refused = place.lab(["run", "--kafka-home"]).arg(&home).args(["--", "true"]).output().unwrap();
    assert_code(&refused, 64);
    assert!(text(&refused.stderr).contains("VERSION.jar"), "{}", text(&refused.stderr));
    for jar in ["kafka-clients-4.1.1", "connect-runtime-4.1.1", "connect-mirror-4.1.1", "log4j-core-2.24.3"] {
        fs::write(home.join("libs").join(format!("{jar}.jar")), "").unwrap();
    }
    let told = source_broker(&place, &["--kafka-home", home.to_str().unwrap()], &[]);
    let has = |line: &str| told.lines().any(|told| told.starts_with(line));
    assert!(has(&home.join("libs/*").display().to_string()), "{told}");
    let agent = place.path("cache/mm2-lab/agent-1.0.1/libs/jmx_prometheus_javaagent-1.0.1.jar");
    assert!(has(&format!("-javaagent:{}=127.0.0.1:", agent.display())), "{told}");
    assert!(has("-Dlog4j2.configurationFile=file:conf/log4j2.properties"), "{told}");
}

#[test]
fn a_flag_wins_over_its_variable_and_no_metrics_means_no_agent() {
    let place = Place::new();
    let variables = [("MM2_LAB_KAFKA", "4.1.1"), ("MM2_LAB_AGENT", "1.0.1")];
    let told = source_broker(&place, &["--kafka", "3.9.1"], &variables);
    assert!(told.contains("kafka-3.9.1/libs") && told.contains("javaagent-1.0.1.jar"), "{told}");
    let told = source_broker(&place, &["--agent", "0.20.0"], &variables[1..]);
    assert!(told.contains("javaagent-0.20.0.jar"), "{told}");
    for (flags, variables) in [(&["--no-metrics"][..], &variables[1..]), (&[], &[("MM2_LAB_METRICS", "off")])]
    {
        let told = source_broker(&place, flags, variables);
        assert!(!told.contains("javaagent"), "{told}");
    }
    let wrong = place.lab(["run", "--", "true"]).env("MM2_LAB_METRICS", "no").output().unwrap();
    assert_code(&wrong, 64);
    assert!(text(&wrong.stderr).contains("MM2_LAB_METRICS"), "{}", text(&wrong.stderr));
}

#[test]
fn nothing_is_left_when_the_owner_is_killed_while_starting_and_the_next_one_sweeps() {
    let place = Place::new();
    filled_cache(&place);
    place.fake("java", SLOW_JAVA);
    let start = |file: &str| {
        let mut command = place.lab(["run", "--no-metrics", "--", "true"]);
        command.env("PATH", place.path_first()).env("XDG_CACHE_HOME", place.path("cache"));
        command.env("PIDS", place.path(file)).stderr(Stdio::null()).spawn().unwrap()
    };
    let started = |file: &str| {
        within(20, "two brokers", || Some(pids(&place.path(file))).filter(|pids| pids.len() == 2))
            .into_iter()
            .map(|pid| ProcessId::of(pid).unwrap())
            .collect::<Vec<_>>()
    };
    let folders = || fs::read_dir(place.path("tmp")).unwrap().count();

    let owner = start("first");
    let children = started("first");
    kill_hard(owner);
    within(5, "the children of a killed owner are gone", || {
        (!children.iter().any(|child| child.is_alive())).then_some(())
    });
    assert_eq!(folders(), 1, "what a killed owner cannot remove");

    let mut owner = start("second");
    let children = started("second");
    assert_eq!(folders(), 1, "the abandoned folder was swept");
    signal("INT", owner.id());
    assert_eq!(owner.wait().unwrap().code(), Some(130));
    assert!(!children.iter().any(|child| child.is_alive()));
    assert_eq!(folders(), 0);
}

#[test]
fn a_lab_up_that_is_killed_while_starting_takes_its_supervisor_along() {
    let place = Place::new();
    filled_cache(&place);
    place.fake("java", SLOW_JAVA);
    let mut command = place.lab(["up", "--no-metrics"]);
    command.env("PATH", place.path_first()).env("XDG_CACHE_HOME", place.path("cache"));
    let starter = command.env("PIDS", place.path("pids")).stderr(Stdio::null()).spawn().unwrap();
    let children =
        within(20, "two brokers", || Some(pids(&place.path("pids"))).filter(|pids| pids.len() == 2));
    let children: Vec<_> = children.into_iter().map(|pid| ProcessId::of(pid).unwrap()).collect();
    assert_eq!(mm2_lab::running(&place.state_dir()), None, "a lab that is starting is not ready");
    kill_hard(starter);
    within(10, "everything is gone", || {
        let alive = children.iter().any(|child| child.is_alive());
        (!alive && !place.state_dir().join("lab.json").exists()).then_some(())
    });
}

#[test]
fn status_and_down_say_that_nothing_is_up() {
    let place = Place::new();
    for command in ["status", "down"] {
        let output = place.lab([command]).output().unwrap();
        assert_code(&output, 69);
        assert!(text(&output.stderr).contains("no lab is up"), "{}", text(&output.stderr));
    }
    assert!(!place.state_dir().exists(), "looking created something");
}

#[test]
fn a_folder_with_somebodys_files_is_not_used() {
    let place = Place::new();
    fs::create_dir_all(place.path("mine/data")).unwrap();
    let mine = place.path("mine");
    for command in ["up", "down"] {
        let mut lab = place.lab([command, "--state"]);
        lab.arg(&mine);
        if command == "down" {
            lab.arg("--purge");
        }
        lab.output().unwrap();
        assert!(mine.join("data").exists());
        assert_eq!(fs::read_dir(&mine).unwrap().count(), 1);
    }
    let refused = place.lab(["up", "--state"]).arg(&mine).output().unwrap();
    assert_code(&refused, 64);
}
