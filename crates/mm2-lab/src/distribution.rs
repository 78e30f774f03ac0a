//! A Kafka that is on this machine: what is in its folder of jars.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{KafkaVersion, LabError, home};

/// What a JVM of the lab is started with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Distribution {
    /// The folder of the jars.
    pub(crate) libs: PathBuf,
    pub(crate) version: KafkaVersion,
    pub(crate) logging: Logging,
}

/// Which file tells Kafka where to log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Logging {
    /// Kafka 3: log4j 1 (as reload4j).
    Log4j1,
    /// Kafka 4.
    Log4j2,
}

impl Distribution {
    /// Jars of that version.
    pub(crate) fn of(libs: PathBuf, version: KafkaVersion) -> Self {
        let log4j2 = version_of_jar(&libs, "log4j-core-").is_some();
        Self { libs, version, logging: if log4j2 { Logging::Log4j2 } else { Logging::Log4j1 } }
    }

    /// The jars of an unpacked distribution, and their version by their names.
    pub(crate) fn unpacked(folder: &Path) -> Result<Self, LabError> {
        let libs = home::absolute(folder)?.join("libs");
        let refuse = |why: &str| LabError::NotAKafka { path: libs.clone(), why: why.to_owned() };
        if !libs.is_dir() {
            return Err(refuse("there is no such folder"));
        }
        let has = |prefix: &str| version_of_jar(&libs, prefix);
        for needed in ["kafka-clients-", "connect-runtime-"] {
            if has(needed).is_none() {
                return Err(refuse(&format!("it has no {needed}VERSION.jar")));
            }
        }
        let version = has("connect-mirror-").ok_or_else(|| refuse("it has no connect-mirror-VERSION.jar"))?;
        // A vendor's suffix (`-ccs`, `.redhat-1`) does not matter.
        let numbers: Vec<_> = version.split(['.', '-']).take(3).collect();
        match numbers.join(".").parse() {
            Ok(version) => Ok(Self::of(libs, version)),
            Err(_) => Err(refuse(&format!("connect-mirror-{version}.jar names no version of three numbers"))),
        }
    }
}

/// What stands between that prefix and `.jar`, where it starts with a digit: so `connect-mirror-` does not
/// find `connect-mirror-client-3.9.1.jar`.
pub(crate) fn version_of_jar(libs: &Path, prefix: &str) -> Option<String> {
    fs::read_dir(libs).ok()?.flatten().find_map(|entry| {
        let name = entry.file_name();
        let version = name.to_str()?.strip_prefix(prefix)?.strip_suffix(".jar")?;
        version.starts_with(|first: char| first.is_ascii_digit()).then(|| version.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(jars: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("libs")).unwrap();
        for jar in jars {
            fs::write(folder.path().join("libs").join(jar), "").unwrap();
        }
        folder
    }

    #[test]
    fn version_and_logging_are_read_from_the_names_of_the_jars() {
        let check = |jars: &[&str], version: &str, logging: Logging| {
            let folder = folder(jars);
            let found = Distribution::unpacked(folder.path()).unwrap();
            assert_eq!((found.version.to_string().as_str(), found.logging), (version, logging));
            assert_eq!(found.libs, folder.path().join("libs"));
        };
        check(
            &[
                "connect-mirror-client-3.9.1.jar",
                "connect-mirror-3.9.1.jar",
                "connect-runtime-3.9.1.jar",
                "kafka-clients-3.9.1.jar",
                "slf4j-reload4j-1.7.36.jar",
            ],
            "3.9.1",
            Logging::Log4j1,
        );
        check(
            &[
                "connect-mirror-4.1.1.redhat-00001.jar",
                "connect-runtime-4.1.1.redhat-00001.jar",
                "kafka-clients-4.1.1.redhat-00001.jar",
                "log4j-core-2.24.3.jar",
            ],
            "4.1.1",
            Logging::Log4j2,
        );
    }

    #[test]
    fn a_folder_that_is_no_distribution_is_refused_with_what_it_lacks() {
        let check = |jars: &[&str], lacks: &str| {
            let refused = Distribution::unpacked(folder(jars).path()).unwrap_err();
            assert!(refused.is_usage() && refused.to_string().contains(lacks), "{refused}");
        };
        check(&[], "kafka-clients-VERSION.jar");
        check(&["kafka-clients-3.9.1.jar"], "connect-runtime-VERSION.jar");
        let client_only =
            ["kafka-clients-3.9.1.jar", "connect-runtime-3.9.1.jar", "connect-mirror-client-3.9.1.jar"];
        check(&client_only, "connect-mirror-VERSION.jar");
        let refused = Distribution::unpacked(Path::new("/nowhere")).unwrap_err().to_string();
        assert!(refused.contains("/nowhere/libs") && refused.contains("no such folder"), "{refused}");
    }
}
