use std::{collections::HashMap, fmt::Display, str::FromStr, sync::Arc};

/// A function's environment variables.
#[derive(Clone, Default)]
pub struct Variables(Arc<HashMap<String, String>>);

/// Why a function could not start. The message names the variable and never shows its value, which may be a secret.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The variable is not set.
    #[error("the environment variable {0} is missing")]
    Missing(&'static str),
    /// The variable's value is not of the form that it must have.
    #[error("the environment variable {name} is malformed: {reason}")]
    Malformed {
        /// Which variable.
        name: &'static str,
        /// What its value should have been.
        reason: String,
    },
}

impl Variables {
    /// The variables of this process, as Lambda sets them.
    #[must_use]
    pub fn of_process() -> Self {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// The value of `name`; `None` when it is not set or is empty, because a template's empty default means "none".
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The value of `name`, which must be set.
    pub fn text(&self, name: &'static str) -> Result<&str, StartError> {
        self.get(name).ok_or(StartError::Missing(name))
    }

    /// The value of `name`, which must be set and parse as a `T`.
    pub fn parse<T: FromStr<Err: Display>>(&self, name: &'static str) -> Result<T, StartError> {
        let value = self.text(name)?;
        value.parse().map_err(|error: T::Err| StartError::Malformed { name, reason: error.to_string() })
    }

    /// The comma-separated values of `name`, each parsed as a `T`; none when it is not set.
    pub fn list<T: FromStr<Err: Display>>(&self, name: &'static str) -> Result<Vec<T>, StartError> {
        let values = self.get(name).unwrap_or_default().split(',').map(str::trim).filter(|value| !value.is_empty());
        values
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map_err(|error: T::Err| StartError::Malformed { name, reason: error.to_string() })
    }
}

impl FromIterator<(String, String)> for Variables {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(variables: I) -> Self {
        Self(Arc::new(variables.into_iter().collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Variables {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_missing_variable_is_named() {
        let error = variables(&[]).parse::<u32>("SMS_PER_DAY").unwrap_err();
        assert_eq!(error.to_string(), "the environment variable SMS_PER_DAY is missing");
    }

    #[test]
    fn a_malformed_variable_is_named_and_its_value_is_not_shown() {
        let error = variables(&[("SMS_PER_DAY", "hunter2")]).parse::<u32>("SMS_PER_DAY").unwrap_err();
        assert!(error.to_string().contains("SMS_PER_DAY"), "{error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn a_list_passes_over_blanks_and_spaces() {
        let numbers: Vec<u8> = variables(&[("N", "1, 2,,3 ")]).list("N").unwrap();
        assert_eq!(numbers, [1, 2, 3]);
    }
}
