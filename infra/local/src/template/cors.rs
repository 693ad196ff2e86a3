use std::collections::HashMap;

use serde::Deserialize;
use serde_saphyr::Tagged;

use super::{ParameterError, Template, TemplateError};

/// The parameter of allowed origins, and the variable that gives it to the local stack.
const ORIGINS: (&str, &str) = ("AllowedOrigins", "ALLOWED_ORIGINS");

/// What the HTTP API tells browsers of pages from elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cors {
    /// Whose pages may call the API.
    pub origins: Vec<String>,
    /// The methods that they may use.
    pub methods: Vec<String>,
    /// The headers that they may set.
    pub headers: Vec<String>,
    /// The headers that they may read.
    pub exposed: Vec<String>,
    /// Whether they may send cookies.
    pub credentials: bool,
    /// For how many seconds a browser need not ask again.
    pub max_age: u32,
}

/// `!If [HasOrigins, …, !Ref AWS::NoValue]`.
pub(super) type Configuration = Tagged<(String, Allowed, Tagged<String>)>;

/// The configuration but for its origins, which are a parameter's.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Allowed {
    allow_methods: Vec<String>,
    allow_headers: Vec<String>,
    expose_headers: Vec<String>,
    allow_credentials: bool,
    max_age: u32,
}

impl Template {
    /// The HTTP API's rules for other origins; `None` when no origin is allowed.
    pub fn cors(&self, given: &HashMap<String, String>) -> Result<Option<Cors>, ParameterError> {
        let api = self.of_type("AWS::Serverless::HttpApi").next();
        let configuration = api.and_then(|(_, api)| api.properties.cors_configuration.as_ref());
        let Some(Tagged((_, allowed, _), _)) = configuration else { return Ok(None) };
        let (parameter, variable) = ORIGINS;
        let parameter = self.parameters.get(parameter);
        let parameter = parameter.ok_or_else(|| TemplateError(format!("there is no parameter {}", ORIGINS.0)))?;
        let origins = parameter.value(variable, given.get(variable))?;
        if origins.is_empty() {
            return Ok(None);
        }
        Ok(Some(Cors {
            origins: origins.split(',').map(str::to_owned).collect(),
            methods: allowed.allow_methods.clone(),
            headers: allowed.allow_headers.clone(),
            exposed: allowed.expose_headers.clone(),
            credentials: allowed.allow_credentials,
            max_age: allowed.max_age,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cors(origins: &str) -> Result<Option<Cors>, ParameterError> {
        let given = [("ALLOWED_ORIGINS".to_owned(), origins.to_owned())].into();
        Template::embedded()?.cors(&given)
    }

    #[test]
    fn no_origin_is_allowed_unless_it_is_named() {
        assert_eq!(Template::embedded().unwrap().cors(&HashMap::new()).unwrap(), None);
        assert_eq!(cors("").unwrap(), None);
        let cors = cors("https://one.example,http://localhost:3000").unwrap().unwrap();
        assert_eq!(cors.origins, ["https://one.example", "http://localhost:3000"]);
        assert_eq!(cors.methods, ["GET", "POST"]);
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        for origins in ["*", "one.example", "https://one.example/", "https://a.example, https://b.example"] {
            assert!(cors(origins).unwrap_err().to_string().contains("ALLOWED_ORIGINS"), "{origins}");
        }
    }
}
