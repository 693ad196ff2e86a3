use std::collections::HashMap;

use regex_lite::Regex;
use serde::Deserialize;

use super::{Template, TemplateError};

/// A deployment parameter and the values it takes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Parameter {
    r#type: String,
    default: Option<String>,
    #[serde(default)]
    allowed_values: Vec<String>,
    allowed_pattern: Option<String>,
    max_length: Option<usize>,
    min_value: Option<i64>,
    max_value: Option<i64>,
    constraint_description: Option<String>,
}

/// A parameter that stops the start. The message names the environment variable and never shows its value, which may
/// be a secret.
#[derive(Debug, thiserror::Error)]
pub enum ParameterError {
    /// It has no default and is not set.
    #[error("the environment variable {0} is missing")]
    Missing(String),
    /// Its value is not one that the template allows.
    #[error("the environment variable {name} is malformed: it {reason}")]
    Malformed {
        /// Which variable.
        name: String,
        /// What its value must be.
        reason: String,
    },
    /// The template itself is at fault.
    #[error(transparent)]
    Template(#[from] TemplateError),
}

impl Template {
    /// The environment variables of one function, every `!Ref` resolved.
    ///
    /// A parameter's value is the one `given` under the name of the variable that holds it, or its default. A
    /// resource's is what `physical_name` makes of its logical id.
    pub fn variables(
        &self,
        function: &str,
        given: &HashMap<String, String>,
        physical_name: impl Fn(&str) -> String,
    ) -> Result<Vec<(String, String)>, ParameterError> {
        let environment = self.resources.get(function).and_then(|function| function.properties.environment.as_ref());
        let variables = environment.into_iter().flat_map(|environment| &environment.variables);
        variables
            .map(|(name, value)| {
                let value = match value.1.as_deref() {
                    Some("!Ref") => match self.parameters.get(&value.0) {
                        Some(parameter) => parameter.value(name, given.get(name))?,
                        None if self.resources.contains_key(&value.0) => physical_name(&value.0),
                        None => return Err(unknown(function, name, &value.0)),
                    },
                    Some(other) => return Err(unknown(function, name, other)),
                    None => value.0.clone(),
                };
                Ok((name.clone(), value))
            })
            .collect()
    }
}

fn unknown(function: &str, variable: &str, what: &str) -> ParameterError {
    TemplateError(format!("{function}: {variable}: cannot resolve {what}")).into()
}

impl Parameter {
    /// The value that was given under the variable's `name`, or the default.
    pub(super) fn value(&self, name: &str, given: Option<&String>) -> Result<String, ParameterError> {
        let value = given.or(self.default.as_ref()).ok_or_else(|| ParameterError::Missing(name.to_owned()))?;
        match self.fault(value)? {
            Some(reason) => Err(ParameterError::Malformed { name: name.to_owned(), reason }),
            None => Ok(value.clone()),
        }
    }

    /// What is wrong with `value`, in the words that follow "it".
    fn fault(&self, value: &str) -> Result<Option<String>, TemplateError> {
        if !self.allowed_values.is_empty() && !self.allowed_values.iter().any(|allowed| allowed == value) {
            return Ok(Some(format!("must be one of: {}", self.allowed_values.join(", "))));
        }
        if let Some(pattern) = &self.allowed_pattern {
            // CloudFormation matches the whole value.
            let regex = Regex::new(&format!("^(?:{pattern})$")).map_err(|error| TemplateError(error.to_string()))?;
            if !regex.is_match(value) {
                let reason = self.constraint_description.clone();
                return Ok(Some(reason.unwrap_or_else(|| format!("must match {pattern}"))));
            }
        }
        if self.max_length.is_some_and(|most| value.chars().count() > most) {
            let reason = self.constraint_description.clone();
            return Ok(Some(reason.unwrap_or_else(|| "is too long".to_owned())));
        }
        if self.r#type == "Number" {
            let (least, most) = (self.min_value.unwrap_or(i64::MIN), self.max_value.unwrap_or(i64::MAX));
            if !value.parse().is_ok_and(|number: i64| (least..=most).contains(&number)) {
                return Ok(Some(format!("must be a whole number from {least} to {most}")));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captcha(given: &[(&str, &str)]) -> Result<HashMap<String, String>, ParameterError> {
        let given = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let variables = Template::embedded()?.variables("CaptchaFunction", &given, |id| format!("physical-{id}"))?;
        Ok(variables.into_iter().collect())
    }

    #[test]
    fn a_function_gets_defaults_and_the_names_of_its_tables() {
        let variables = captcha(&[]).unwrap();
        assert_eq!(variables["SMS_PER_DAY"], "1000");
        assert_eq!(variables["REQUIRE_CAPTCHA_FOR_SMS"], "false");
        assert_eq!(variables["UTC_OFFSET"], "+08:00");
        assert_eq!(variables["BACKEND_KEY"], "");
        assert_eq!(variables["USERS_TABLE"], "physical-UsersTable");
        assert!(!variables.contains_key("SESSIONS_TABLE"), "only what the template names");
    }

    #[test]
    fn a_parameter_is_given_under_the_name_of_its_variable() {
        assert_eq!(captcha(&[("SMS_PER_DAY", "7")]).unwrap()["SMS_PER_DAY"], "7");
    }

    #[test]
    fn a_malformed_parameter_is_named_and_its_value_is_not_shown() {
        for (name, value) in [
            ("SMS_PER_DAY", "many"),
            ("SMS_PER_DAY", ""),
            ("SMS_PER_SOURCE_PER_HOUR", "-1"),
            ("BACKEND_KEY", "too-short"),
            ("UTC_OFFSET", "Shanghai"),
            ("REQUIRE_CAPTCHA_FOR_SMS", "yes"),
        ] {
            let message = captcha(&[(name, value)]).unwrap_err().to_string();
            assert!(message.contains(name), "{message}");
            assert!(value.is_empty() || !message.contains(value), "{message}");
        }
    }
}
