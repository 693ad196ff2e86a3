use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, Ordering},
};

use serde_json::value::RawValue;

use crate::{Data, Status, data::integer};

/// The id of a reply to a request that named none.
const NO_ID: i64 = -1;

/// A request's envelope: `{"id","type","subtype","data"}`.
///
/// Parsing never fails: what is wrong with the envelope is told by [`Call::operation`], because the token is
/// judged before it and the id must be known by then.
pub struct Call<'a> {
    id: i64,
    operation: Result<(String, String), Status>,
    data: Result<Data<'a>, Status>,
    looked_up: AtomicBool,
}

impl<'a> Call<'a> {
    /// Parses a request's body. Strings in `data` are not copied until they are asked for.
    #[must_use]
    pub fn parse(body: &'a [u8]) -> Self {
        let Ok(envelope) = serde_json::from_slice::<HashMap<String, &'a RawValue>>(body) else {
            return Self::broken(NO_ID, Status::ERROR_JSON_KEY);
        };
        let id = envelope.get("id").map_or(NO_ID, |id| parse_id(id));
        let (Some(r#type), Some(subtype), Some(data)) =
            (envelope.get("type"), envelope.get("subtype"), envelope.get("data"))
        else {
            return Self::broken(id, Status::ERROR_JSON_KEY);
        };
        let operation = match (serde_json::from_str(r#type.get()), serde_json::from_str(subtype.get())) {
            (Ok(r#type), Ok(subtype)) => Ok((r#type, subtype)),
            _ => Err(Status::ERROR_JSON_VALUE),
        };
        Self { id, operation, data: Data::parse(data), looked_up: AtomicBool::new(false) }
    }

    /// A call without a body, as every `GET` is: its id is -1 and it names no operation.
    #[must_use]
    pub fn get() -> Self {
        Self::broken(NO_ID, Status::ERROR_JSON_KEY)
    }

    fn broken(id: i64, status: Status) -> Self {
        Self { id, operation: Err(status), data: Err(status), looked_up: AtomicBool::new(false) }
    }

    /// What the reply echoes: an integer, or a string that holds one; -1 for anything else.
    #[must_use]
    pub const fn id(&self) -> i64 {
        self.id
    }

    /// `type`, `subtype` and `data`; -1 or -2 when the envelope is broken.
    ///
    /// The caller matches the first two against what its address serves, and answers -2 when they are not among it.
    pub fn operation(&self) -> Result<(&str, &str, &Data<'a>), Status> {
        let (r#type, subtype) = self.operation.as_ref().map_err(|status| *status)?;
        let data = self.data.as_ref().map_err(|status| *status)?;
        self.looked_up.store(true, Ordering::Relaxed);
        #[cfg(feature = "asked")]
        data.belongs_to(format!("{type}/{subtype}"));
        Ok((r#type, subtype, data))
    }

    /// `type/subtype` for the log and the metrics, once the reply's `status` is known: what a caller makes up is not
    /// an operation. It is one when somebody got as far as looking it up and did not answer -2.
    #[must_use]
    pub fn operation_name(&self, status: Status) -> Option<String> {
        let (r#type, subtype) = self.operation.as_ref().ok()?;
        let exists = self.looked_up.load(Ordering::Relaxed) && status != Status::ERROR_JSON_VALUE;
        exists.then(|| format!("{type}/{subtype}"))
    }
}

fn parse_id(id: &RawValue) -> i64 {
    integer(id).ok().or_else(|| serde_json::from_str::<String>(id.get()).ok()?.parse().ok()).unwrap_or(NO_ID)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(id: &str) -> i64 {
        Call::parse(format!(r#"{{"id":{id}}}"#).as_bytes()).id()
    }

    fn status(body: &str) -> Status {
        Call::parse(body.as_bytes()).operation().map(|_| ()).unwrap_err()
    }

    #[test]
    fn integers_and_strings_holding_integers_are_echoed_as_integers() {
        assert_eq!(id("123"), 123);
        assert_eq!(id("-0"), 0);
        assert_eq!(id(r#""123""#), 123);
        assert_eq!(id("-9223372036854775808"), i64::MIN);
    }

    #[test]
    fn any_other_id_becomes_minus_one() {
        for other in ["1.5", r#""abc""#, r#""""#, "null", "true", "[1]", "{}", "9223372036854775808", "1e3"] {
            assert_eq!(id(other), -1, "{other}");
        }
    }

    #[test]
    fn a_body_that_is_not_an_object_is_a_key_error() {
        for body in ["", "{", "[]", "1", "null", "\u{0}", r#""{}""#, &"[".repeat(5000)] {
            assert_eq!(status(body), Status::ERROR_JSON_KEY, "{body:.10}");
        }
    }

    #[test]
    fn each_of_the_three_keys_is_required() {
        for body in [r#"{"subtype":"a","data":{}}"#, r#"{"type":"a","data":{}}"#, r#"{"type":"a","subtype":"b"}"#] {
            assert_eq!(status(body), Status::ERROR_JSON_KEY, "{body}");
        }
    }

    #[test]
    fn values_of_the_wrong_type_are_value_errors() {
        for body in [
            r#"{"type":1,"subtype":"a","data":{}}"#,
            r#"{"type":"a","subtype":null,"data":{}}"#,
            r#"{"type":"a","subtype":"b","data":[]}"#,
            r#"{"type":"a","subtype":"b","data":null}"#,
        ] {
            assert_eq!(status(body), Status::ERROR_JSON_VALUE, "{body}");
        }
    }

    #[test]
    fn unknown_keys_nested_thousands_deep_are_ignored() {
        let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
        let body = format!(r#"{{"type":"a","subtype":"b","data":{{}},"extra":{deep}}}"#);
        assert!(Call::parse(body.as_bytes()).operation().is_ok());
    }

    #[test]
    fn only_an_operation_that_was_looked_up_and_found_has_a_name() {
        let call = Call::parse(br#"{"type":"img","subtype":"generate","data":{}}"#);
        assert_eq!(call.operation_name(Status::ERROR_TOKEN), None, "the token was judged before it");
        call.operation().unwrap();
        assert_eq!(call.operation_name(Status::ERROR_JSON_VALUE), None, "there is no such operation");
        assert_eq!(call.operation_name(Status::SUCCESSFUL).as_deref(), Some("img/generate"));
    }
}
