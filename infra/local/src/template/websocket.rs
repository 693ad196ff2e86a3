use std::collections::BTreeMap;

use serde_saphyr::Tagged;

use super::{Properties, Template, TemplateError};

/// The WebSocket API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebSocketApi {
    /// The stage, which is the path of its address.
    pub stage: String,
    /// The routes by their keys: `$connect`, `$default`, `$disconnect`.
    pub routes: BTreeMap<String, WebSocketRoute>,
}

/// One route of the WebSocket API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebSocketRoute {
    /// The logical id of the function that is invoked.
    pub function: String,
    /// Whether the function's answer goes back over the connection.
    pub answers: bool,
}

impl Template {
    /// The WebSocket API. Only routes whose key starts with `$` are known.
    pub fn websocket(&self) -> Result<WebSocketApi, TemplateError> {
        let stage = self.of_type("AWS::ApiGatewayV2::Stage").next();
        let named = stage.and_then(|(id, stage)| Some((id, stage, stage.properties.stage_name.clone()?)));
        let (id, resource, stage) = named.ok_or_else(|| lacks("the WebSocket API", "stage with a StageName"))?;
        // CloudFormation would otherwise make the stage first, and API Gateway refuses settings of a route that is not there.
        for key in resource.properties.route_settings.keys() {
            let mut waited_for = resource.depends_on.iter().filter_map(|id| self.resources.get(id));
            if !waited_for.any(|route| route.properties.route_key.as_ref() == Some(key)) {
                return Err(lacks(id, &format!("DependsOn the route {key}, for which it has settings")));
            }
        }
        let routes = self.of_type("AWS::ApiGatewayV2::Route").map(|(id, route)| {
            let properties = &route.properties;
            let key = properties.route_key.clone().ok_or_else(|| lacks(id, "RouteKey"))?;
            if !matches!(key.as_str(), "$connect" | "$default" | "$disconnect") {
                return Err(TemplateError(format!("{id}: the local stack knows no route {key}")));
            }
            let answers = properties.route_response_selection_expression.is_some() && self.has_response(id);
            Ok((key, WebSocketRoute { function: self.target(id, properties)?, answers }))
        });
        Ok(WebSocketApi { stage, routes: routes.collect::<Result<_, _>>()? })
    }

    /// The function that a route's integration invokes, by its alias.
    fn target(&self, route: &str, properties: &Properties) -> Result<String, TemplateError> {
        let integration = properties.target.as_ref().and_then(|Tagged(target, _)| {
            let id = target.strip_prefix("integrations/${")?.strip_suffix('}')?;
            self.resources.get(id)
        });
        let function = integration.and_then(|integration| {
            let Tagged(uri, _) = integration.properties.integration_uri.as_ref()?;
            Some(uri.strip_suffix("Aliaslive}/invocations")?.rsplit_once("${")?.1)
        });
        function.map(str::to_owned).ok_or_else(|| lacks(route, "Target that is an integration with a function"))
    }

    fn has_response(&self, route: &str) -> bool {
        self.of_type("AWS::ApiGatewayV2::RouteResponse").any(|(_, response)| {
            response.properties.route_id.as_ref().is_some_and(|Tagged(id, tag)| tag.is_some() && id == route)
        })
    }
}

fn lacks(resource: &str, what: &str) -> TemplateError {
    TemplateError(format!("{resource} lacks its {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const API: &str = "
Resources:
  Stage: {Type: 'AWS::ApiGatewayV2::Stage', Properties: {StageName: ws}}
  Message: {Type: 'AWS::ApiGatewayV2::Route', Properties: {RouteKey: $default, Target: !Sub 'integrations/${Integration}'}}
  Integration: {Type: 'AWS::ApiGatewayV2::Integration', Properties: {IntegrationUri: !Sub 'arn:x/${HandlerAliaslive}/invocations'}}
";

    #[test]
    fn the_captcha_function_sees_who_connects_and_answers_messages() {
        let api = Template::embedded().unwrap().websocket().unwrap();
        let captcha = |answers| WebSocketRoute { function: "CaptchaFunction".to_owned(), answers };
        assert_eq!(api.stage, "ws");
        assert_eq!(
            api.routes,
            [("$connect".to_owned(), captcha(false)), ("$default".to_owned(), captcha(true))].into()
        );
    }

    #[test]
    fn a_route_without_a_response_does_not_answer() {
        let api = Template::parse(API).unwrap().websocket().unwrap();
        let silent = WebSocketRoute { function: "Handler".to_owned(), answers: false };
        assert_eq!(api.routes, [("$default".to_owned(), silent)].into());
    }

    #[test]
    fn a_stage_waits_for_the_routes_that_it_has_settings_for() {
        let settings = "{StageName: ws, RouteSettings: {$default: {ThrottlingRateLimit: 5}}}";
        let api = API.replace("{StageName: ws}", settings);
        let error = Template::parse(&api).unwrap().websocket().unwrap_err();
        assert!(error.to_string().contains("Stage lacks its DependsOn the route $default"), "{error}");
        let api = api.replace("Properties: {StageName", "DependsOn: [Message], Properties: {StageName");
        assert!(Template::parse(&api).unwrap().websocket().is_ok());
    }

    #[test]
    fn a_route_that_leads_nowhere_or_is_not_known_is_named() {
        for wrong in [API.replace("${Integration}", "${Nothing}"), API.replace("$default", "greet")] {
            let error = Template::parse(&wrong).unwrap().websocket().unwrap_err();
            assert!(error.to_string().contains("Message"), "{error}");
        }
    }

    #[test]
    fn a_template_without_a_stage_says_so() {
        let error = Template::parse("Resources: {}").unwrap().websocket().unwrap_err();
        assert!(error.to_string().contains("StageName"), "{error}");
    }
}
