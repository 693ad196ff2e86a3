//! IAM, as far as the embedded servers need it: each function has credentials of its own, and each of its requests must
//! be allowed by the policies that deploy with it.

mod dynamodb;
mod pattern;
mod s3;

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use hyper::{HeaderMap, header};

use self::pattern::matches;
pub(crate) use self::{dynamodb::needs as needs_of_dynamodb, s3::needs as needs_of_s3};
use crate::template::{ACCOUNT, Statement, Template, TemplateError};

/// The services that are embedded. What policies say of others is for AWS alone to enforce.
const EMBEDDED: [&str; 3] = ["dynamodb:", "s3:", "sns:"];

/// What the functions may do, and what of it they have done.
pub struct Permissions {
    /// Whose requests may do everything: the stack's own.
    owner: String,
    /// The functions by their access keys.
    functions: HashMap<String, Policy>,
    region: String,
    refused: Mutex<Vec<String>>,
}

/// The policy of one function.
struct Policy {
    function: String,
    grants: Vec<Grant>,
    denials: Vec<Grant>,
}

/// One action of one statement on one of its resources.
struct Grant {
    action: String,
    resource: Resource,
    used: AtomicBool,
}

enum Resource {
    Matching(String),
    NotMatching(Vec<String>),
}

/// One thing that a request needs to be allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Need {
    pub(crate) action: String,
    pub(crate) resource: String,
}

/// Who sent a request.
#[derive(Clone, Copy)]
pub(crate) enum Caller<'a> {
    /// The stack itself.
    Owner,
    /// A function.
    Function(&'a str),
}

/// A request that is not answered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Denied {
    /// The access key is nobody's.
    UnknownKey,
    /// No policy allows it, or one denies it. What AWS tells the caller.
    NotAllowed(String),
}

/// The access key of a function.
pub(crate) fn access_key(owner: &str, binary: &str) -> String {
    format!("{owner}-{binary}")
}

impl Permissions {
    /// The policies of the template's functions, for a stack in `region` whose own access key is `owner`, and whose tables
    /// and buckets have the names that `physical_name` makes of their logical ids.
    pub(crate) fn new(
        template: &Template,
        owner: &str,
        region: &str,
        physical_name: impl Fn(&str) -> String,
    ) -> Result<Self, TemplateError> {
        let functions = template.functions().map(|(id, binary)| {
            let (allowed, denials): (Vec<_>, Vec<_>) =
                template.statements(id, region, &physical_name)?.into_iter().partition(|statement| statement.allows);
            let all = |statements: Vec<_>| statements.into_iter().flat_map(Grant::all).collect();
            let (function, grants, denials) = (binary.to_owned(), all(allowed), all(denials));
            Ok((access_key(owner, binary), Policy { function, grants, denials }))
        });
        Ok(Self {
            owner: owner.to_owned(),
            functions: functions.collect::<Result<_, TemplateError>>()?,
            region: region.to_owned(),
            refused: Mutex::default(),
        })
    }

    /// Access keys of everybody who may send requests.
    pub(crate) fn access_keys(&self) -> impl Iterator<Item = &str> {
        self.functions.keys().map(String::as_str).chain([self.owner.as_str()])
    }

    /// Where the tables are.
    pub(crate) fn table(&self, name: &str) -> String {
        format!("arn:aws:dynamodb:{}:{ACCOUNT}:table/{name}", self.region)
    }

    /// Whose access key a request is signed with.
    pub(crate) fn caller(&self, headers: &HeaderMap) -> Result<Caller<'_>, Denied> {
        let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let key = authorization.and_then(|value| Some(value.split_once("Credential=")?.1.split_once('/')?.0));
        let key = key.ok_or(Denied::UnknownKey)?;
        if key == self.owner {
            return Ok(Caller::Owner);
        }
        let (key, _) = self.functions.get_key_value(key).ok_or(Denied::UnknownKey)?;
        Ok(Caller::Function(key))
    }

    /// Whether `caller` may do all that a request needs. What is refused is logged, for whoever has to write the policy.
    pub(crate) fn check(&self, caller: Caller<'_>, needs: &[Need]) -> Result<(), Denied> {
        let Caller::Function(key) = caller else { return Ok(()) };
        let policy = self.functions.get(key).ok_or(Denied::UnknownKey)?;
        let Some(Need { action, resource }) = needs.iter().find(|need| !policy.allows(need)) else { return Ok(()) };
        let function = &policy.function;
        tracing::warn!(function, action, resource, "a function's role in infra/roles.yaml does not allow this");
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.push(format!("{function}: {action} on {resource}"));
        Err(Denied::NotAllowed(format!(
            "User: arn:aws:sts::{ACCOUNT}:assumed-role/{function}/{function} is not authorized to perform: {action} on \
             resource: {resource} because no identity-based policy allows the {action} action"
        )))
    }

    /// What the policies allow and no function has done, for as long as this stack runs.
    #[must_use]
    pub fn unused(&self) -> Vec<String> {
        let mut unused: Vec<_> = self
            .functions
            .values()
            .flat_map(|policy| policy.grants.iter().map(|grant| (&policy.function, grant)))
            .filter(|(_, grant)| EMBEDDED.iter().any(|service| grant.action.starts_with(service)))
            .filter(|(_, grant)| !grant.used.load(Ordering::Relaxed))
            .map(|(function, grant)| format!("{function}: {} on {}", grant.action, grant.resource.name()))
            .collect();
        unused.sort();
        unused
    }

    /// What functions asked for in vain.
    #[must_use]
    pub fn refused(&self) -> Vec<String> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Policy {
    fn allows(&self, need: &Need) -> bool {
        let Some(grant) = self.grants.iter().find(|grant| grant.covers(need)) else { return false };
        grant.used.store(true, Ordering::Relaxed);
        !self.denials.iter().any(|denial| denial.covers(need))
    }
}

impl Grant {
    fn all(statement: Statement) -> Vec<Self> {
        let Statement { actions, resources, not_resources, .. } = statement;
        let resources = || {
            let matching = resources.iter().map(|resource| Resource::Matching(resource.clone()));
            let not = (!not_resources.is_empty()).then(|| Resource::NotMatching(not_resources.clone()));
            matching.chain(not)
        };
        let grant = |action: &String, resource| Self { action: action.clone(), resource, used: AtomicBool::new(false) };
        actions.iter().flat_map(|action| resources().map(move |resource| grant(action, resource))).collect()
    }

    fn covers(&self, need: &Need) -> bool {
        matches(&self.action, &need.action)
            && match &self.resource {
                Resource::Matching(pattern) => matches(pattern, &need.resource),
                Resource::NotMatching(patterns) => !patterns.iter().any(|pattern| matches(pattern, &need.resource)),
            }
    }
}

impl Resource {
    fn name(&self) -> String {
        match self {
            Self::Matching(pattern) => pattern.clone(),
            Self::NotMatching(patterns) => format!("all but {}", patterns.join(", ")),
        }
    }
}

impl Need {
    pub(crate) fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self { action: action.into(), resource: resource.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provision::physical_name;

    fn permissions() -> Permissions {
        Permissions::new(Template::embedded().unwrap(), "local", "eu-central-1", |id| physical_name(id, None)).unwrap()
    }

    fn signed_by(key: &str) -> HeaderMap {
        let value = format!("AWS4-HMAC-SHA256 Credential={key}/20260101/x/dynamodb/aws4_request, Signature=0");
        [(header::AUTHORIZATION, value.parse().unwrap())].into_iter().collect()
    }

    #[test]
    fn a_function_may_do_what_its_role_says_and_no_more() {
        let permissions = permissions();
        let token = signed_by("local-token");
        let token = permissions.caller(&token).unwrap();
        let sessions = permissions.table("SessionsTable");
        permissions.check(token, &[Need::new("dynamodb:UpdateItem", &sessions)]).unwrap();
        for need in [
            Need::new("dynamodb:GetItem", &sessions),
            Need::new("dynamodb:UpdateItem", permissions.table("UsersTable")),
            Need::new("sns:Publish", "+8613900000000"),
        ] {
            assert!(matches!(permissions.check(token, &[need]), Err(Denied::NotAllowed(_))));
        }
        assert_eq!(permissions.refused().len(), 3);
    }

    #[test]
    fn of_several_needs_each_must_be_allowed() {
        let permissions = permissions();
        let device = Caller::Function("local-device");
        let allowed = Need::new("dynamodb:UpdateItem", permissions.table("DevicesTable"));
        let refused = Need::new("dynamodb:PutItem", permissions.table("UsersTable"));
        assert!(permissions.check(device, &[allowed.clone(), refused]).is_err());
        assert!(permissions.check(device, &[allowed.clone(), allowed]).is_ok());
    }

    #[test]
    fn an_sms_may_be_sent_and_a_topic_not_published_to() {
        let permissions = permissions();
        let captcha = Caller::Function("local-captcha");
        assert!(permissions.check(captcha, &[Need::new("sns:Publish", "+8613900000000")]).is_ok());
        let topic = Need::new("sns:Publish", "arn:aws:sns:eu-central-1:000000000000:topic");
        assert!(permissions.check(captcha, &[topic]).is_err());
    }

    #[test]
    fn the_stack_itself_may_do_everything_and_strangers_nothing() {
        let permissions = permissions();
        let (owner, stranger) = (signed_by("local"), signed_by("stranger"));
        let owner = permissions.caller(&owner).unwrap();
        assert!(permissions.check(owner, &[Need::new("dynamodb:DeleteTable", "*")]).is_ok());
        assert!(matches!(permissions.caller(&stranger), Err(Denied::UnknownKey)));
        assert!(matches!(permissions.caller(&HeaderMap::new()), Err(Denied::UnknownKey)));
    }

    #[test]
    fn what_was_done_is_no_longer_unused() {
        let permissions = permissions();
        let sessions = permissions.table("SessionsTable");
        let unused = || permissions.unused().iter().filter(|unused| unused.starts_with("token: ")).count();
        assert_eq!(unused(), 1);
        permissions.check(Caller::Function("local-token"), &[Need::new("dynamodb:UpdateItem", sessions)]).unwrap();
        assert_eq!(unused(), 0);
    }
}
