//! What each function may do: `infra/roles.yaml`, with the values that `template.yaml` gives its parameters.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;
use serde_saphyr::Tagged;

use super::{Template, TemplateError};

static ROLES: LazyLock<Result<Roles, TemplateError>> = LazyLock::new(|| {
    serde_saphyr::from_str(include_str!("../../../roles.yaml"))
        .map_err(|error| TemplateError(format!("infra/roles.yaml: {error}")))
});

/// The account that a local stack says it is in.
pub const ACCOUNT: &str = "000000000000";

/// A statement of a policy, with every reference resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Whether it allows or denies.
    pub allows: bool,
    /// Actions, which may hold `*` and `?`.
    pub actions: Vec<String>,
    /// Resources that it concerns; none when `not_resources` says which it does not.
    pub resources: Vec<String>,
    /// Resources that it does not concern.
    pub not_resources: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Roles {
    resources: BTreeMap<String, Role>,
    outputs: BTreeMap<String, Output>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Output {
    value: Tagged<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Role {
    properties: RoleProperties,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RoleProperties {
    #[serde(default)]
    policies: Vec<Policy>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Policy {
    policy_document: Document,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    statement: Vec<Written>,
}

/// A statement as it is written. What the local stack would pass over, such as a condition, is an error instead.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Written {
    effect: String,
    action: Vec<String>,
    #[serde(default)]
    resource: Vec<Tagged<String>>,
    #[serde(default)]
    not_resource: Vec<Tagged<String>>,
}

impl Template {
    /// The statements of a function's role, for a stack in `region`.
    pub fn statements(
        &self,
        function: &str,
        region: &str,
        physical_name: &impl Fn(&str) -> String,
    ) -> Result<Vec<Statement>, TemplateError> {
        let roles = ROLES.as_ref().map_err(Clone::clone)?;
        let role = roles.of(self.role_output(function)?)?;
        let values = self.role_parameters(region, physical_name)?;
        let resolve = |texts: &[Tagged<String>]| {
            texts.iter().map(|text| resolve(text, &values)).collect::<Result<Vec<_>, TemplateError>>()
        };
        let written = role.properties.policies.iter().flat_map(|policy| &policy.policy_document.statement);
        written
            .map(|written| {
                Ok(Statement {
                    allows: match written.effect.as_str() {
                        "Allow" => true,
                        "Deny" => false,
                        other => return Err(TemplateError(format!("{function}: there is no effect {other}"))),
                    },
                    actions: written.action.clone(),
                    resources: resolve(&written.resource)?,
                    not_resources: resolve(&written.not_resource)?,
                })
            })
            .collect()
    }

    /// `Captcha`, of `Role: !GetAtt Roles.Outputs.Captcha`.
    fn role_output(&self, function: &str) -> Result<&str, TemplateError> {
        let role = self.resources.get(function).and_then(|function| function.properties.role.as_ref());
        let output = role.filter(|role| role.1.as_deref() == Some("!GetAtt"));
        let output = output.and_then(|role| role.0.strip_prefix("Roles.Outputs."));
        output.ok_or_else(|| TemplateError(format!("{function}: the role is not one of infra/roles.yaml")))
    }

    /// What the references in `infra/roles.yaml` mean.
    fn role_parameters(
        &self,
        region: &str,
        physical_name: &impl Fn(&str) -> String,
    ) -> Result<BTreeMap<String, String>, TemplateError> {
        let mut values: BTreeMap<String, String> = [
            ("AWS::Partition", "aws"),
            ("AWS::Region", region),
            ("AWS::AccountId", ACCOUNT),
            ("AWS::StackName", "local"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        for (id, resource) in &self.resources {
            let name = physical_name(id);
            match resource.r#type.as_str() {
                "AWS::DynamoDB::Table" => {
                    values.insert(format!("{id}.Arn"), format!("arn:aws:dynamodb:{region}:{ACCOUNT}:table/{name}"));
                }
                "AWS::S3::Bucket" => {
                    values.insert(format!("{id}.Arn"), format!("arn:aws:s3:::{name}"));
                }
                _ => {}
            }
        }
        let parameters = self.resources.get("Roles").map(|roles| &roles.properties.parameters);
        let parameters = parameters.into_iter().flatten().map(|(name, value)| Ok((name, resolve(value, &values)?)));
        let parameters = parameters.collect::<Result<Vec<_>, TemplateError>>()?;
        values.extend(parameters.into_iter().map(|(name, value)| (name.clone(), value)));
        Ok(values)
    }
}

impl Roles {
    fn of(&self, output: &str) -> Result<&Role, TemplateError> {
        let role = self.outputs.get(output).and_then(|output| output.value.0.strip_suffix(".Arn"));
        let role = role.and_then(|role| self.resources.get(role));
        role.ok_or_else(|| TemplateError(format!("infra/roles.yaml has no role for its output {output}")))
    }
}

/// A plain text, `!Ref`, `!GetAtt` or `!Sub`.
fn resolve(text: &Tagged<String>, values: &BTreeMap<String, String>) -> Result<String, TemplateError> {
    let value = |name: &str| {
        let value = values.get(name).cloned();
        value.ok_or_else(|| TemplateError(format!("infra/roles.yaml: cannot resolve {name}")))
    };
    match text.1.as_deref() {
        None => Ok(text.0.clone()),
        Some("!Ref" | "!GetAtt") => value(&text.0),
        Some("!Sub") => {
            let mut parts = text.0.split("${");
            let mut resolved = parts.next().unwrap_or_default().to_owned();
            for part in parts {
                let (name, rest) = part.split_once('}').unwrap_or((part, ""));
                resolved.push_str(&value(name)?);
                resolved.push_str(rest);
            }
            Ok(resolved)
        }
        Some(other) => Err(TemplateError(format!("infra/roles.yaml: the local stack does not know {other}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provision::physical_name;

    #[test]
    fn the_token_function_may_touch_sessions_and_nothing_else() {
        let statements = Template::embedded()
            .unwrap()
            .statements("TokenFunction", "eu-central-1", &|id: &str| physical_name(id, None))
            .unwrap();
        let (platform, own): (Vec<_>, Vec<_>) =
            statements.into_iter().partition(|statement| statement.actions[0].starts_with("logs:"));
        assert_eq!(platform.len(), 1);
        assert_eq!(
            platform[0].resources,
            ["arn:aws:logs:eu-central-1:000000000000:log-group:/aws/lambda/local/token:*"]
        );
        let sessions = Statement {
            allows: true,
            actions: vec!["dynamodb:UpdateItem".to_owned()],
            resources: vec!["arn:aws:dynamodb:eu-central-1:000000000000:table/SessionsTable".to_owned()],
            not_resources: Vec::new(),
        };
        assert_eq!(own, [sessions]);
    }

    #[test]
    fn no_statement_has_a_wildcard_but_for_the_rest_of_a_key_of_a_log_s_streams_and_of_topics() {
        let template = Template::embedded().unwrap();
        for (function, binary) in template.functions() {
            for statement in template.statements(function, "eu-central-1", &|id: &str| physical_name(id, None)).unwrap()
            {
                let wild = |text: &String| text.contains(['*', '?']);
                assert!(!statement.actions.iter().any(wild), "{binary}: {statement:?}");
                assert!(statement.resources.iter().all(|resource| {
                    let rest = resource.strip_suffix("/*").or_else(|| resource.strip_suffix(":*"));
                    !rest.unwrap_or(resource).contains(['*', '?'])
                }));
                assert!(statement.not_resources.iter().all(|resource| resource == "arn:aws:sns:*:*:*"));
            }
        }
    }

    #[test]
    fn a_statement_that_the_local_stack_would_only_half_obey_is_refused() {
        let condition = "{Effect: Allow, Action: [a], Resource: [b], Condition: {}}";
        assert!(serde_saphyr::from_str::<Written>(condition).is_err());
    }
}
