use std::collections::HashMap;

use crate::template::{Method, Route, TemplateError};

/// Finds the route of a request as API Gateway does: the path first, then its exact method before ANY.
pub(crate) struct Router {
    paths: matchit::Router<Methods>,
}

/// The routes of one path.
#[derive(Default)]
struct Methods {
    exact: HashMap<String, Target>,
    any: Option<Target>,
}

struct Target {
    key: String,
    function: String,
}

/// The route of one request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Matched<'a> {
    /// The route as the template names it.
    pub(crate) key: &'a str,
    /// The logical id of the function.
    pub(crate) function: &'a str,
    /// The path's variable segments, percent-decoded.
    pub(crate) parameters: Vec<(String, String)>,
}

impl Router {
    pub(crate) fn new(routes: &[Route]) -> Result<Self, TemplateError> {
        let mut by_path: HashMap<&str, Methods> = HashMap::new();
        for route in routes {
            let methods = by_path.entry(&route.path).or_default();
            let target = Target { key: route.key(), function: route.function.clone() };
            match &route.method {
                Method::Any => methods.any = Some(target),
                Method::Exactly(method) => {
                    methods.exact.insert(method.clone(), target);
                }
            }
        }
        let mut paths = matchit::Router::new();
        for (path, methods) in by_path {
            // `{name+}` takes the rest of the path, which matchit writes `{*name}`.
            let pattern = path
                .split('/')
                .map(|segment| match segment.strip_prefix('{').and_then(|name| name.strip_suffix("+}")) {
                    Some(name) => format!("{{*{name}}}"),
                    None => segment.to_owned(),
                })
                .collect::<Vec<_>>()
                .join("/");
            paths.insert(pattern, methods).map_err(|error| TemplateError(format!("{path}: {error}")))?;
        }
        Ok(Self { paths })
    }

    /// The route for a method and a path as it stands in the request line.
    pub(crate) fn find(&self, method: &str, path: &str) -> Option<Matched<'_>> {
        let matched = self.paths.at(path).ok()?;
        let target = matched.value.exact.get(method).or(matched.value.any.as_ref())?;
        let decode = |value: &str| percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned();
        let parameters = matched.params.iter().map(|(name, value)| (name.to_owned(), decode(value))).collect();
        Some(Matched { key: &target.key, function: &target.function, parameters })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::Template;

    fn router() -> Router {
        Router::new(&Template::embedded().unwrap().routes().unwrap()).unwrap()
    }

    #[test]
    fn an_exact_method_comes_before_any() {
        let router = router();
        assert_eq!(router.find("GET", "/api/user/info").unwrap().key, "GET /api/user/info");
        assert_eq!(router.find("POST", "/api/user/info").unwrap().key, "POST /api/user/info");
        assert_eq!(router.find("OPTIONS", "/api/user/info").unwrap().key, "ANY /api/user/info");
        assert_eq!(router.find("get", "/api/user/info").unwrap().key, "ANY /api/user/info");
    }

    #[test]
    fn a_path_that_no_route_names_is_not_found() {
        let router = router();
        for path in ["", "*", "/", "/api", "/api/captcha/", "//api/captcha", "/API/captcha", "/api/get/portrait/"] {
            assert_eq!(router.find("POST", path), None, "{path}");
        }
    }

    #[test]
    fn path_parameters_are_percent_decoded() {
        let router = router();
        for (path, value) in [
            ("/api/get/portrait/13900000000", "13900000000"),
            ("/api/get/portrait/%E4%BD%A0%2F..", "你/.."),
            ("/api/get/portrait/%FF%zz%", "\u{fffd}%zz%"),
        ] {
            let matched = router.find("GET", path).unwrap();
            assert_eq!(matched.parameters, [("user_id".to_owned(), value.to_owned())]);
        }
    }

    #[test]
    fn a_greedy_parameter_takes_the_rest_of_the_path() {
        let route = Route { method: Method::Any, path: "/files/{rest+}".to_owned(), function: "F".to_owned() };
        let router = Router::new(&[route]).unwrap();
        let matched = router.find("GET", "/files/a/b").unwrap();
        assert_eq!(matched.key, "ANY /files/{rest+}");
        assert_eq!(matched.parameters, [("rest".to_owned(), "a/b".to_owned())]);
    }
}
