//! Values that cannot be used, each by the name of the place where it was given. Never quotes a secret.

use std::path::PathBuf;

use mm2_config::PropertiesError;
use mm2_kafka::JavaError;
use thiserror::Error;

#[derive(Debug, Error)]
pub(crate) enum SettingError {
    #[error("no brokers are named; hint: give {how}")]
    NoBrokers { how: &'static str },
    #[error("{named} is `{text}`; hint: give {wanted}")]
    Value { named: String, text: String, wanted: String },
    #[error("{named} is not UTF-8; hint: give it as text")]
    NotText { named: &'static str },
    #[error("{protocol} needs a user name; hint: give --username, or set KAFKA_USERNAME")]
    NoUsername { protocol: String },
    #[error("user {username} has no password: {why}; hint: set KAFKA_PASSWORD, or give --password-file FILE")]
    NoPassword { username: String, why: String },
    #[error("cannot read {what} {}: {cause}; hint: check the path and who may read it", path.display())]
    Unreadable { what: &'static str, path: PathBuf, cause: std::io::Error },
    /// perf-test asks for it too.
    #[error("{flag} is missing; hint: {remedy}")]
    Missing { flag: &'static str, remedy: &'static str },
    #[error("{flag} is not supported; hint: {remedy}")]
    Unsupported { flag: &'static str, remedy: &'static str },
    #[error("word {nth} of --producer-props is not NAME=VALUE; hint: put a value with blanks in quotes")]
    Property { nth: usize },
    #[error("the payload file {} has no values; hint: write one a line, or name what stands between them with --payload-delimiter", path.display())]
    NoValues { path: PathBuf },
    #[error(
        "a record of {bytes} bytes is larger than the client may send ({limit} bytes, of which 36 are its own); hint: give --producer-props max.request.size={bytes} and some 100 more, and see that the topic's max.message.bytes allows it"
    )]
    TooLarge { bytes: usize, limit: usize },
    #[error(
        "a record of {bytes} bytes is larger than the buffer that it waits in ({buffer_bytes} bytes); hint: give --producer-props buffer.memory= some times that size"
    )]
    LargerThanBuffer { bytes: usize, buffer_bytes: usize },
    #[error("{}: {cause}", path.display())]
    PropertiesFile { path: PathBuf, cause: PropertiesError },
    #[error(transparent)]
    Java(#[from] JavaError),
}
