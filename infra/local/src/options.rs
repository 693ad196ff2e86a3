use std::{collections::HashMap, path::PathBuf};

use crate::StartError;

const DEFAULT_PORT: u16 = 8080;
const DEFAULT_DATA_DIR: &str = ".local";

/// How to start a [`crate::Stack`]. The default is one for tests: a free port, everything in memory.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The loopback port; 0 is any free one.
    pub port: u16,
    /// Where the data is.
    pub storage: Storage,
    /// Deployment parameters and AWS settings under the names of their environment variables.
    ///
    /// `AWS_ENDPOINT_URL`, or `AWS_ENDPOINT_URL_DYNAMODB`, `_S3` and `_SNS`, put another server in the place of the
    /// embedded one; `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN` go with them.
    pub parameters: HashMap<String, String>,
}

/// Where a stack keeps its data.
#[derive(Clone, Debug, Default)]
pub enum Storage {
    /// In memory (pictures: in a temporary directory), gone with the stack.
    #[default]
    Memory,
    /// In this directory, which is made if it is missing and can serve one stack at a time.
    Disk(PathBuf),
}

impl Options {
    /// What this process's environment asks for: `PORT`, `DATA_DIR`, and the parameters.
    pub fn of_process() -> Result<Self, StartError> {
        // Whatever is not UTF-8 cannot be one of ours.
        let environment = std::env::vars_os();
        Self::from_variables(
            environment
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
        )
    }

    fn from_variables(parameters: HashMap<String, String>) -> Result<Self, StartError> {
        let port = match parameters.get("PORT") {
            Some(port) => {
                port.parse().map_err(|_| StartError::Malformed("PORT", "must be a number from 0 to 65535"))?
            }
            None => DEFAULT_PORT,
        };
        let directory = parameters.get("DATA_DIR").map_or(DEFAULT_DATA_DIR, String::as_str);
        if directory.is_empty() {
            return Err(StartError::Malformed("DATA_DIR", "must be the path of a directory"));
        }
        let storage = Storage::Disk(PathBuf::from(directory));
        Ok(Self { port, storage, parameters })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(variables: &[(&str, &str)]) -> Result<Options, StartError> {
        Options::from_variables(variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect())
    }

    #[test]
    fn the_defaults_are_port_8080_and_a_hidden_directory() {
        let options = from(&[]).unwrap();
        assert_eq!(options.port, 8080);
        assert!(matches!(options.storage, Storage::Disk(directory) if *directory == *".local"));
    }

    #[test]
    fn a_malformed_port_is_named() {
        for port in ["", "x", "-1", "65536"] {
            assert!(from(&[("PORT", port)]).unwrap_err().to_string().contains("PORT"));
        }
    }
}
