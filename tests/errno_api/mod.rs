//! The `errno` API (seed 003, contract section 4), from outside.

mod image_code;
mod sms_code;
mod users;

use crate::support::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_method_that_an_address_does_not_have_is_405() {
    let world = World::new().await;
    for (path, allow) in
        [("/api/v1.0/imagecode/1", "GET"), ("/api/v1.0/smscode/13900000000", "GET"), ("/api/v1.0/users", "POST")]
    {
        let response = world.http.put(world.url(path)).send().await.unwrap();
        assert_eq!(response.status(), 405, "{path}");
        assert_eq!(response.headers()["allow"], allow);
    }
    for path in ["/api/v1.0/imagecode", "/api/v1.0/smscode", "/api/v1.0"] {
        assert_eq!(world.get_raw(path).await.status(), 404, "{path}");
    }
}
