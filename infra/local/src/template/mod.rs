//! What the local stack needs to know of `template.yaml`: routes, the WebSocket API, tables, the bucket, schedules, and
//! which variables each function gets.

mod cors;
#[cfg(test)]
mod deployment;
mod parameters;
mod policies;
mod routes;
mod schedule;
mod tables;
mod websocket;

use std::{collections::BTreeMap, sync::LazyLock, time::Duration};

use serde::Deserialize;
use serde_saphyr::Tagged;

use self::parameters::Parameter;
pub use self::{
    cors::Cors,
    parameters::ParameterError,
    policies::{ACCOUNT, Statement},
    routes::{Method, Route},
    schedule::Schedule,
    tables::Table,
    websocket::WebSocketApi,
};

static EMBEDDED: LazyLock<Result<Template, TemplateError>> =
    LazyLock::new(|| Template::parse(include_str!("../../../../template.yaml")));

/// The deployment that `template.yaml` describes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Template {
    #[serde(default)]
    parameters: BTreeMap<String, Parameter>,
    #[serde(default)]
    globals: Globals,
    resources: BTreeMap<String, Resource>,
}

/// `template.yaml` cannot be read. Only an edit of that file can cause this.
#[derive(Clone, Debug, thiserror::Error)]
#[error("template.yaml: {0}")]
pub struct TemplateError(pub String);

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Globals {
    #[serde(default)]
    function: Properties,
}

/// A resource of any type. The field names of the types in use do not clash, so that one struct can hold them all.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Resource {
    r#type: String,
    metadata: Option<Metadata>,
    #[serde(default)]
    depends_on: Vec<String>,
    #[serde(default)]
    properties: Properties,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    build_properties: Option<BuildProperties>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BuildProperties {
    binary: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Properties {
    environment: Option<FunctionEnvironment>,
    memory_size: Option<u32>,
    timeout: Option<u64>,
    events: BTreeMap<String, Event>,
    attribute_definitions: Vec<tables::Attribute>,
    key_schema: Vec<tables::Key>,
    local_secondary_indexes: Vec<tables::Index>,
    global_secondary_indexes: Vec<tables::Index>,
    time_to_live_specification: Option<tables::TimeToLive>,
    stage_name: Option<String>,
    route_settings: BTreeMap<String, BTreeMap<String, u32>>,
    route_key: Option<String>,
    route_response_selection_expression: Option<String>,
    route_id: Option<Tagged<String>>,
    target: Option<Tagged<String>>,
    integration_uri: Option<Tagged<String>>,
    cors_configuration: Option<cors::Configuration>,
    role: Option<Tagged<String>>,
    parameters: BTreeMap<String, Tagged<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FunctionEnvironment {
    /// Each value is plain text or, under the tag `!Ref`, the name of a parameter or resource.
    variables: BTreeMap<String, Tagged<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Event {
    r#type: String,
    properties: EventProperties,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct EventProperties {
    method: Option<String>,
    path: Option<String>,
    schedule_expression: Option<String>,
}

impl Template {
    /// The template that this program was built with.
    pub fn embedded() -> Result<&'static Self, TemplateError> {
        EMBEDDED.as_ref().map_err(Clone::clone)
    }

    fn parse(yaml: &str) -> Result<Self, TemplateError> {
        serde_saphyr::from_str(yaml).map_err(|error| TemplateError(error.to_string()))
    }

    /// The functions: logical id, and the name of the binary that deploys.
    pub fn functions(&self) -> impl Iterator<Item = (&str, &str)> {
        self.of_type("AWS::Serverless::Function").filter_map(|(id, function)| {
            let binary = &function.metadata.as_ref()?.build_properties.as_ref()?.binary;
            Some((id, binary.as_str()))
        })
    }

    /// How long a function may take. Lambda's own default is 3 seconds.
    pub fn timeout(&self, function: &str) -> Duration {
        Duration::from_secs(self.setting(function, |properties| properties.timeout).unwrap_or(3))
    }

    /// A function's memory in megabytes. Lambda's own default is 128.
    pub fn memory(&self, function: &str) -> u32 {
        self.setting(function, |properties| properties.memory_size).unwrap_or(128)
    }

    /// A function's own property, or the one of all functions.
    fn setting<T>(&self, function: &str, of: impl Fn(&Properties) -> Option<T>) -> Option<T> {
        let own = self.resources.get(function).and_then(|function| of(&function.properties));
        own.or_else(|| of(&self.globals.function))
    }

    /// The logical ids of the buckets.
    pub fn buckets(&self) -> impl Iterator<Item = &str> {
        self.of_type("AWS::S3::Bucket").map(|(id, _)| id)
    }

    fn of_type(&self, kind: &'static str) -> impl Iterator<Item = (&str, &Resource)> {
        self.resources.iter().filter(move |(_, resource)| resource.r#type == kind).map(|(id, r)| (id.as_str(), r))
    }

    fn events(&self, kind: &'static str) -> impl Iterator<Item = (&str, &str, &EventProperties)> {
        self.of_type("AWS::Serverless::Function").flat_map(move |(function, resource)| {
            let events = resource.properties.events.iter().filter(move |(_, event)| event.r#type == kind);
            events.map(move |(name, event)| (function, name.as_str(), &event.properties))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_has_six_functions() {
        let functions: Vec<_> = Template::embedded().unwrap().functions().collect();
        assert_eq!(
            functions,
            [
                ("AdminFunction", "admin"),
                ("CaptchaFunction", "captcha"),
                ("DeviceFunction", "device"),
                ("NoticeFunction", "notice"),
                ("TokenFunction", "token"),
                ("UserFunction", "user"),
            ]
        );
    }

    #[test]
    fn a_function_s_own_limits_go_before_the_global_ones() {
        let template = Template::parse(
            "Globals: {Function: {MemorySize: 512, Timeout: 20}}\n\
             Resources:\n  \
               Own: {Type: \"AWS::Serverless::Function\", Properties: {Timeout: 29}}\n  \
               Other: {Type: \"AWS::Serverless::Function\"}\n",
        );
        let template = template.unwrap();
        assert_eq!((template.timeout("Own"), template.memory("Own")), (Duration::from_secs(29), 512));
        assert_eq!(template.timeout("Other"), Duration::from_secs(20));
    }

    #[test]
    fn a_template_that_is_not_one_says_so() {
        let error = Template::parse("Resources: 5").unwrap_err();
        assert!(error.to_string().starts_with("template.yaml: "), "{error}");
    }
}
