//! What IAM wants to be allowed for a request to S3.

use hyper::{Method, Uri};
use percent_encoding::percent_decode_str;

use super::Need;

/// The need of a request with the bucket in its path, and the one that decides how a missing object is answered: S3
/// tells only those who may list a bucket that an object is not there.
///
/// Known are the calls on single objects that the functions make. Any other needs what nobody may do.
pub(crate) fn needs(method: &Method, uri: &Uri) -> (Need, Need) {
    let (bucket, key) = uri.path().trim_start_matches('/').split_once('/').unwrap_or((uri.path(), ""));
    let object = format!("arn:aws:s3:::{bucket}/{}", percent_decode_str(key).decode_utf8_lossy());
    // The SDK's own note of which operation this is.
    let plain = uri.query().is_none_or(|query| query.starts_with("x-id=") && !query.contains('&'));
    let action = match *method {
        _ if !plain || key.is_empty() => "s3:*",
        Method::GET | Method::HEAD => "s3:GetObject",
        Method::PUT => "s3:PutObject",
        Method::DELETE => "s3:DeleteObject",
        _ => "s3:*",
    };
    (Need::new(action, object), Need::new("s3:ListBucket", format!("arn:aws:s3:::{bucket}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needed(method: &Method, uri: &'static str) -> (String, String) {
        let (need, _) = needs(method, &Uri::from_static(uri));
        (need.action, need.resource)
    }

    #[test]
    fn a_call_on_an_object_needs_its_action_on_the_object() {
        let object = "arn:aws:s3:::bucket/falls/1";
        for (method, action) in
            [(Method::GET, "GetObject"), (Method::PUT, "PutObject"), (Method::DELETE, "DeleteObject")]
        {
            assert_eq!(needed(&method, "/bucket/falls/1?x-id=Any"), (format!("s3:{action}"), object.to_owned()));
        }
        assert_eq!(needed(&Method::GET, "/bucket/falls%2F1").1, object);
    }

    #[test]
    fn a_missing_object_is_told_of_to_who_may_list_the_bucket() {
        let (_, listing) = needs(&Method::GET, &Uri::from_static("/bucket/falls/1"));
        assert_eq!(listing, Need::new("s3:ListBucket", "arn:aws:s3:::bucket"));
    }

    #[test]
    fn any_other_call_needs_what_nobody_may_do() {
        for (method, uri) in [
            (Method::POST, "/bucket/key"),
            (Method::GET, "/bucket/key?acl"),
            (Method::GET, "/bucket/"),
            (Method::PUT, "/bucket"),
            (Method::GET, "/"),
        ] {
            assert_eq!(needed(&method, uri).0, "s3:*", "{uri}");
        }
    }
}
