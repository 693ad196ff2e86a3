use super::{Template, TemplateError};

/// One route of the HTTP API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// What the route answers to.
    pub method: Method,
    /// The path, with `{name}` for a segment that may be anything.
    pub path: String,
    /// The logical id of the function that answers.
    pub function: String,
}

/// The method of a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Method {
    /// Every method that has no route of its own on the path.
    Any,
    /// This one.
    Exactly(String),
}

impl Route {
    /// The route as API Gateway names it: `POST /api/captcha`.
    pub fn key(&self) -> String {
        match &self.method {
            Method::Any => format!("ANY {}", self.path),
            Method::Exactly(method) => format!("{method} {}", self.path),
        }
    }
}

impl Template {
    /// The HTTP API's routes, those of each function together.
    pub fn routes(&self) -> Result<Vec<Route>, TemplateError> {
        self.events("HttpApi")
            .map(|(function, event, properties)| match (&properties.method, &properties.path) {
                (Some(method), Some(path)) => Ok(Route {
                    method: match method.to_ascii_uppercase() {
                        any if any == "ANY" => Method::Any,
                        method => Method::Exactly(method),
                    },
                    path: path.clone(),
                    function: function.to_owned(),
                }),
                _ => Err(TemplateError(format!("{function}: the event {event} lacks its Method or Path"))),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_has_its_own_methods_and_a_route_for_all_others() {
        let routes = Template::embedded().unwrap().routes().unwrap();
        for route in &routes {
            let on_path: Vec<_> = routes.iter().filter(|other| other.path == route.path).collect();
            // Different functions may serve a path's methods, as those of /register; one of them refuses the others.
            let any = on_path.iter().filter(|route| route.method == Method::Any).count();
            assert_eq!(any, 1, "{}", route.path);
            assert!(on_path.len() > any, "{}", route.path);
        }
    }

    #[test]
    fn a_route_is_named_as_api_gateway_names_it() {
        let routes = Template::embedded().unwrap().routes().unwrap();
        let keys: Vec<_> = routes.iter().map(Route::key).collect();
        for key in ["POST /api/captcha", "ANY /api/captcha", "GET /api/get/portrait/{user_id}"] {
            assert!(keys.iter().any(|known| known == key), "{key}");
        }
    }
}
