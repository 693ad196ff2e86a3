use lambda_http::{
    Body, Request, Response,
    http::{Method, StatusCode, header},
};

/// The answer to a browser's question whether a page may send a request. `None` for any other request.
///
/// It is empty: which pages may, API Gateway says in the headers that it adds. API Gateway answers by itself only where
/// no route takes `OPTIONS`, and every path has an `ANY` route.
pub(crate) fn answer(request: &Request) -> Option<Response<Body>> {
    let headers = request.headers();
    let asks = headers.contains_key(header::ORIGIN) && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    (request.method() == Method::OPTIONS && asks).then(|| {
        let mut response = Response::new(Body::Empty);
        *response.status_mut() = StatusCode::NO_CONTENT;
        response
    })
}
