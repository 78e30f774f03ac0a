//! The codecs that batches can be compressed with.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use thiserror::Error;

/// librdkafka's `compression.codec`, Kafka's `compression.type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the codecs' own names")]
pub enum Compression {
    None,
    Gzip,
    Snappy,
    Lz4,
    Zstd,
}

/// Not one of Kafka's codecs.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is no codec; hint: none, gzip, snappy, lz4 and zstd are")]
pub struct UnknownCodec(String);

impl Compression {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::None, Self::Gzip, Self::Snappy, Self::Lz4, Self::Zstd];

    /// As Kafka and librdkafka spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Snappy => "snappy",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Compression {
    type Err = UnknownCodec;

    fn from_str(text: &str) -> Result<Self, UnknownCodec> {
        Self::ALL.into_iter().find(|codec| codec.name() == text).ok_or_else(|| UnknownCodec(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_codec_is_read_as_it_is_written() {
        for codec in Compression::ALL {
            assert_eq!(codec.to_string().parse(), Ok(codec));
        }
        assert_eq!("brotli".parse::<Compression>(), Err(UnknownCodec("brotli".into())));
    }
}
