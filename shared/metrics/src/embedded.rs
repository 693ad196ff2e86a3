use std::{collections::BTreeMap, sync::PoisonError};

use serde::{Serialize, Serializer, ser::SerializeMap};

use crate::{Metric, Metrics};

/// Where CloudWatch keeps our metrics.
const NAMESPACE: &str = "HelpAged";

/// The most values that CloudWatch reads of one metric in one document.
const MAX_VALUES: usize = 100;

/// A document in CloudWatch's embedded metric format. It serializes as the members of a map, so that a log line can take
/// them in by `#[serde(flatten)]`; with nothing to tell, there are none.
///
/// `Requests` is counted by function, and by function, operation and status; everything else by function. A function
/// goes by the name that Lambda knows it by: two deployments in one account are not mixed up.
pub struct Embedded {
    timestamp_ms: i64,
    function_name: String,
    request: Option<Request>,
    values: BTreeMap<Metric, Vec<f64>>,
}

/// The two dimensions that only a request has. Each pair of values makes one more metric: they must be few.
pub struct Request {
    /// `type/subtype`, or the route where there is no such thing. Never what a caller made up.
    pub operation: String,
    /// The status in the reply; of a reply that has none, the HTTP status as `HTTP 200`.
    pub status: String,
}

impl Metrics {
    /// What was collected, as of the time `timestamp_ms` (milliseconds since 1970): one document, and further ones where
    /// there are more values than one may hold.
    #[must_use]
    pub fn embedded(&self, function_name: &str, timestamp_ms: i64, request: Option<Request>) -> Vec<Embedded> {
        let mut values = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let mut documents = vec![];
        let mut request = request;
        loop {
            let rest: BTreeMap<_, _> = values
                .iter_mut()
                .filter(|(_, values)| values.len() > MAX_VALUES)
                .map(|(metric, values)| (*metric, values.split_off(MAX_VALUES)))
                .collect();
            documents.push(Embedded {
                timestamp_ms,
                function_name: function_name.to_owned(),
                request: request.take(),
                values,
            });
            if rest.is_empty() {
                return documents;
            }
            values = rest;
        }
    }
}

impl Serialize for Embedded {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if self.request.is_none() && self.values.is_empty() {
            return map.end();
        }
        let request = self.request.as_ref().map(|_| Directive {
            namespace: NAMESPACE,
            dimensions: &[&["FunctionName"], &["FunctionName", "Operation", "Status"]],
            metrics: vec![Definition { name: "Requests", unit: "Count" }],
        });
        let others = (!self.values.is_empty()).then(|| Directive {
            namespace: NAMESPACE,
            dimensions: &[&["FunctionName"]],
            metrics: self.values.keys().map(|it| Definition { name: it.name(), unit: it.unit() }).collect(),
        });
        let directives = request.into_iter().chain(others).collect();
        map.serialize_entry("_aws", &Metadata { timestamp: self.timestamp_ms, directives })?;
        map.serialize_entry("FunctionName", &self.function_name)?;
        if let Some(Request { operation, status }) = &self.request {
            map.serialize_entry("Operation", operation)?;
            map.serialize_entry("Status", status)?;
            map.serialize_entry("Requests", &1)?;
        }
        for (metric, values) in &self.values {
            match values.as_slice() {
                [value] => map.serialize_entry(metric.name(), value)?,
                values => map.serialize_entry(metric.name(), values)?,
            }
        }
        map.end()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    timestamp: i64,
    #[serde(rename = "CloudWatchMetrics")]
    directives: Vec<Directive>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive {
    namespace: &'static str,
    dimensions: &'static [&'static [&'static str]],
    metrics: Vec<Definition>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    name: &'static str,
    unit: &'static str,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json, to_value};

    use super::*;
    use crate::{add, count, record};

    fn request() -> Request {
        Request { operation: "img/validate".to_owned(), status: "100".to_owned() }
    }

    async fn documents(request: Option<Request>, work: impl FnOnce()) -> Vec<Value> {
        let metrics = Metrics::default();
        metrics.collect(async { work() }).await;
        metrics.embedded("captcha", 1_700_000_000_000, request).iter().map(|it| to_value(it).unwrap()).collect()
    }

    #[tokio::test]
    async fn a_request_is_counted_by_function_and_by_operation_and_status() {
        let directive = json!({
            "Namespace": "HelpAged",
            "Dimensions": [["FunctionName"], ["FunctionName", "Operation", "Status"]],
            "Metrics": [{ "Name": "Requests", "Unit": "Count" }],
        });
        let expected = json!({
            "_aws": { "Timestamp": 1_700_000_000_000_i64, "CloudWatchMetrics": [directive] },
            "FunctionName": "captcha",
            "Operation": "img/validate",
            "Status": "100",
            "Requests": 1,
        });
        assert_eq!(documents(Some(request()), || ()).await, [expected]);
    }

    #[tokio::test]
    async fn counts_add_up_and_measured_values_stay_apart() {
        let documents = documents(None, || {
            count(Metric::SmsSent);
            add(Metric::SmsSent, 2);
            add(Metric::AlertsPending, 0);
            record(Metric::AlertDelay, 1.5);
            record(Metric::AlertDelay, 2.5);
        })
        .await;
        let [document] = documents.as_slice() else { panic!("{documents:?}") };
        assert_eq!(document["SmsSent"], 3.0);
        assert_eq!(document["AlertsPending"], 0.0);
        assert_eq!(document["AlertDelay"], json!([1.5, 2.5]));
        let units: Vec<_> = document["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap().clone();
        assert!(units.contains(&json!({ "Name": "AlertDelay", "Unit": "Milliseconds" })), "{units:?}");
    }

    #[tokio::test]
    async fn more_values_than_a_document_may_hold_go_into_further_ones_and_the_request_is_counted_once() {
        let documents =
            documents(Some(request()), || (0..250).for_each(|it| record(Metric::AlertDelay, it.into()))).await;
        let held: Vec<_> = documents.iter().map(|it| it["AlertDelay"].as_array().unwrap().len()).collect();
        assert_eq!(held, [100, 100, 50]);
        let counted: Vec<_> = documents.iter().map(|it| it["Requests"].clone()).collect();
        assert_eq!(counted, [json!(1), Value::Null, Value::Null]);
    }

    #[tokio::test]
    async fn an_invocation_with_nothing_to_tell_adds_nothing_to_its_line() {
        assert_eq!(documents(None, || ()).await, [json!({})]);
    }
}
