//! What must hold in `template.yaml` and no linter knows, because it is this project's own rule.

use super::{Method, Template};

const TEMPLATE: &str = include_str!("../../../../template.yaml");

/// Parameters that may not be read in a version's description, and have `Revision` there instead.
const SECRETS: [&str; 3] = ["AdminPhones", "BackendKey", "PreviousBackendKey"];

/// The lines of a resource.
fn resource(id: &str) -> &'static str {
    let start = TEMPLATE.find(&format!("\n  {id}:\n")).expect("it is there") + 1;
    let end = TEMPLATE[start..].find("\n\n").map_or(TEMPLATE.len(), |length| start + length);
    &TEMPLATE[start..end]
}

/// The value of a key on one line of `lines`.
fn value<'a>(lines: &'a str, key: &str) -> Option<&'a str> {
    lines.lines().find_map(|line| line.trim().strip_prefix(key)?.strip_prefix(": "))
}

#[test]
fn every_function_has_a_role_a_log_group_and_alarms_that_take_a_deployment_back() {
    for (id, binary) in Template::embedded().unwrap().functions() {
        let name = id.strip_suffix("Function").unwrap();
        let function = resource(id);
        assert_eq!(value(function, "Role"), Some(&*format!("!GetAtt Roles.Outputs.{name}")));
        assert_eq!(value(function, "LoggingConfig"), Some(&*format!("{{LogGroup: !Ref {name}Logs}}")));
        let alarms = format!("[!GetAtt {name}Alarms.Outputs.Errors, !GetAtt {name}Alarms.Outputs.ReleaseFaults]");
        let alarms = format!("!If [RollsBack, {alarms}, [!Ref \"AWS::NoValue\"]]");
        assert_eq!(value(function, "Alarms"), Some(&*alarms));
        assert_eq!(value(function, "AutoPublishAliasAllProperties"), Some("true"), "or SAM overlooks most changes");
        let logs = resource(&format!("{name}Logs"));
        // infra/roles.yaml lets the function write to the group of this name.
        assert_eq!(value(logs, "LogGroupName"), Some(&*format!("!Sub /aws/lambda/${{AWS::StackName}}/{binary}")));
        assert_eq!(value(logs, "RetentionInDays"), Some("!Ref LogRetentionDays"));
        let alarms = resource(&format!("{name}Alarms"));
        assert_eq!(value(alarms, "Function"), Some(binary), "the function's own metrics have this name");
        assert_eq!(value(alarms, "FunctionName"), Some(&*format!("!Ref {id}")));
    }
}

/// Otherwise a parameter's new value reaches no request: the alias stays at the version with the old one.
#[test]
fn a_parameter_s_new_value_makes_a_new_version_of_the_functions_that_have_it() {
    let template = Template::embedded().unwrap();
    for (id, _) in template.functions() {
        let function = resource(id);
        let environment = template.resources[id].properties.environment.as_ref().unwrap();
        let parameters: Vec<_> =
            environment.variables.values().filter(|value| template.parameters.contains_key(&value.0)).collect();
        let description = value(function, "VersionDescription").unwrap_or_default();
        for parameter in parameters {
            let name = if SECRETS.contains(&&*parameter.0) { "Revision" } else { &parameter.0 };
            assert!(description.contains(&format!("${{{name}}}")), "{id}: {name}");
        }
    }
}

/// Otherwise what was taken back cannot be deployed again: its versions stay, and are the last ones.
#[test]
fn a_new_revision_changes_every_function_and_its_version() {
    for (id, _) in Template::embedded().unwrap().functions() {
        for key in ["Description", "VersionDescription"] {
            assert!(value(resource(id), key).is_some_and(|value| value.contains("${Revision}")), "{id}: {key}");
        }
    }
}

/// The pattern is compared with lines of the access log, which no test here sees: API Gateway writes them.
#[test]
fn the_filter_of_refused_falls_reads_what_the_access_log_has() {
    let monitoring = include_str!("../../../../infra/monitoring.yaml");
    let format = resource("Api").split_once("Format: >-").unwrap().1;
    let filter = monitoring.split_once("\n  RefusedFallsFilter:\n").unwrap().1;
    let filter = filter.split_once("\n\n").unwrap().0;
    let members: Vec<_> = filter
        .split("$.")
        .skip(1)
        .filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next())
        .collect();
    assert_eq!(members, ["route", "http_status", "api"]);
    for member in members {
        assert!(format.contains(&format!("\"{member}\":\"$context.")), "{member}");
    }
    let route = filter.split_once("$.route = \"").unwrap().1.split_once('"').unwrap().0;
    assert!(Template::embedded().unwrap().routes().unwrap().iter().any(|there_is| there_is.key() == route));
}

#[test]
fn every_route_has_a_limit_of_its_own_and_that_of_falls_is_the_widest() {
    let api = resource("Api");
    let rate = |key: &str| -> u32 {
        let limits = value(api, key).unwrap_or_else(|| panic!("{key} has a limit"));
        let (_, rest) = limits.split_once("ThrottlingRateLimit: ").unwrap();
        rest.split_once(',').unwrap().0.parse().unwrap()
    };
    for route in Template::embedded().unwrap().routes().unwrap() {
        if route.method != Method::Any && route.key() != "POST /api/notice" {
            assert!(rate(&route.key()) < rate("POST /api/notice"), "{}", route.key());
        }
    }
    let sends_codes = ["POST /api/captcha", "GET /register", "GET /api/v1.0/smscode/{mobile}"];
    let hashes = ["POST /api/user/login", "POST /api/user/register", "POST /api/user/password", "POST /api/v1.0/users"];
    for key in sends_codes.iter().chain(&hashes) {
        assert!(rate(key) < rate("DefaultRouteSettings"), "{key}");
    }
}

#[test]
fn no_table_can_be_deleted_by_mistake_and_each_can_be_restored() {
    let tables = Template::embedded().unwrap().tables().unwrap();
    for table in tables.iter().map(|table| resource(&table.name)) {
        assert_eq!(value(table, "DeletionProtectionEnabled"), Some("true"));
        assert_eq!(value(table, "DeletionPolicy"), Some("Retain"));
        assert_eq!(value(table, "UpdateReplacePolicy"), Some("Retain"));
        let recovery = value(table, "PointInTimeRecoverySpecification").unwrap();
        assert_eq!(recovery, "{PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: !Ref RecoveryDays}");
    }
}
