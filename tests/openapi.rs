//! The OpenAPI document: it names what is there and all of it, and each operation refuses what the document says that it refuses.
//! That every reply is what the document says is checked in `support/document.rs`, for every test.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::support::{DOCUMENT, Family, World, envelope, resolve};

/// The phone of the document's examples, here of an administrator.
const PHONE: &str = "13900000001";

/// One operation as the document describes it.
struct Described {
    path: &'static str,
    label: &'static str,
    /// A request's `data` that the document gives as an example.
    data: &'static Map<String, Value>,
    /// The schemas of the keys of `data`.
    keys: &'static Map<String, Value>,
    required: Vec<&'static str>,
}

/// Every route of the document: method, path and what is said of it.
fn routes() -> impl Iterator<Item = (&'static str, &'static str, &'static Value)> {
    let paths = DOCUMENT["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten();
        methods.map(move |(method, route)| (method.as_str(), path.as_str(), route))
    })
}

/// Every operation of the main API's envelope.
fn operations() -> impl Iterator<Item = Described> {
    routes().filter(|(_, path, _)| !path.starts_with("/api/v1.0/")).flat_map(|(_, path, route)| {
        let body = &route["requestBody"]["content"]["application/json"];
        let examples = body["examples"].as_object().into_iter().flatten();
        examples.filter(|(label, _)| label.contains('/')).map(move |(label, example)| {
            let schemas = body["schema"]["anyOf"].as_array().into_iter().flatten().map(resolve);
            let schema =
                schemas.into_iter().find(|schema| schema["title"] == **label).expect("each example has a schema");
            let data = &schema["properties"]["data"];
            let required = data["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
            Described {
                path,
                label,
                data: example["value"]["data"].as_object().expect("data is an object"),
                keys: data["properties"].as_object().expect("data has keys"),
                required: required.collect(),
            }
        })
    })
}

impl Described {
    /// The reply's status where `changes` are made to the example; `None` leaves a key out.
    async fn status(&self, admin: &Family<'_>, camera: &str, changes: &[(&str, Option<Value>)]) -> i64 {
        let mut data = self.data.clone();
        for (key, value) in changes {
            match value {
                Some(value) => drop(data.insert((*key).to_owned(), value.clone())),
                None => drop(data.remove(*key)),
            }
        }
        let token = if self.path == "/api/notice" { camera } else { &admin.token };
        let body = envelope(self.label, Value::Object(data));
        admin.world.post(&format!("{}?token={token}", self.path), &body).await.status()
    }

    /// The status for this fault of `key`, if there is one.
    fn refusal(&self, key: &str, fault: &str) -> Option<i64> {
        self.keys[key]["x-refusals"][fault].as_i64()
    }
}

/// A value of the right type that `schema` does not allow.
fn malformed(schema: &Value) -> Value {
    if schema.get("enum").is_some() {
        json!(99)
    } else if let Some(most) = schema["maximum"].as_i64() {
        json!(most + 1)
    } else if let Some(most) = schema["maxLength"].as_u64() {
        json!("x".repeat(usize::try_from(most).expect("a length") + 1))
    } else if schema.get("pattern").is_some() {
        json!("?")
    } else {
        assert_eq!(schema["contentEncoding"], "base64", "{schema}");
        json!("AAAA")
    }
}

/// An administrator with the phone of the document's examples, and a camera of theirs.
async fn admin(world: &World) -> (Family<'_>, String) {
    let admin = world.family_of(PHONE).await;
    let camera = admin.camera("bedroom").await.id;
    (admin, camera)
}

async fn world() -> World {
    World::with([("ADMIN_PHONES", PHONE)]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_document_is_served_and_a_page_of_our_own_shows_it() {
    let world = World::new().await;
    let response = world.get_raw("/openapi.json").await;
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.json::<Value>().await.unwrap(), *DOCUMENT);
    assert_eq!(DOCUMENT["openapi"], "3.1.0");

    let moved = world.get_raw("/docs").await;
    assert_eq!((moved.status().as_u16(), &moved.headers()["location"]), (308, &"/docs/".parse().unwrap()));
    let page = world.get_raw("/docs/").await;
    assert!(page.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'self'"));
    let page = page.text().await.unwrap();
    let files = page.split(['"', '\'']).filter(|text| text.starts_with("./"));
    let files: Vec<_> = files.map(|file| file.trim_start_matches("./")).collect();
    for kind in ["js", "css"] {
        let is_one = |file: &&str| file.rsplit_once('.').is_some_and(|(_, extension)| extension == kind);
        assert!(files.iter().any(is_one), "no {kind} in {page}");
    }
    for file in files {
        assert_eq!(world.get_raw(&format!("/docs/{file}")).await.status(), 200, "{file}");
    }
    assert!(!page.contains("://"), "nothing comes from elsewhere: {page}");
    assert!(world.get_raw("/").await.text().await.unwrap().contains(r#"href="/docs/""#));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_document_has_the_routes_of_the_template_and_no_others() {
    let world = World::new().await;
    let listed: Vec<Value> = world.get_raw("/_local/routes").await.json().await.unwrap();
    let listed = listed.iter().map(|route| {
        let [method, path, function] = ["method", "path", "function"].map(|key| route[key].as_str().unwrap());
        format!("{} {path} {function}", method.to_lowercase())
    });
    let described = routes().map(|(method, path, route)| {
        let function = match path {
            // The one path that two functions serve.
            "/register" if method == "get" => "captcha",
            _ => route["tags"][0].as_str().unwrap(),
        };
        format!("{method} {path} {function}")
    });
    assert_eq!(described.collect::<BTreeSet<_>>(), listed.collect::<BTreeSet<_>>());
}

#[test]
fn the_document_has_the_operations_that_the_page_of_requests_names() {
    const PAGE: &str = include_str!("../docs/API.md");
    let rows = PAGE.lines().filter(|row| row.contains("| `POST /api/"));
    let named = rows.filter_map(|row| {
        let cells: Vec<_> = row.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        let (path, label) = (cells.get(2)?.strip_prefix("POST ")?, cells.get(3)?);
        let is_label = label.split('/').count() == 2 && !label.contains(' ');
        is_label.then(|| format!("{path} {label}"))
    });
    let described = operations().map(|operation| format!("{} {}", operation.path, operation.label));
    let described: BTreeSet<_> = described.collect();
    assert!(described.len() > 20);
    assert_eq!(described, named.collect());
}

#[test]
fn every_operation_that_a_function_matches_is_described() {
    let described: BTreeSet<_> = operations().map(|operation| operation.label).collect();
    let sources = [
        include_str!("../functions/admin/src/lib.rs"),
        include_str!("../functions/captcha/src/lib.rs"),
        include_str!("../functions/device/src/lib.rs"),
        include_str!("../functions/notice/src/lib.rs"),
        include_str!("../functions/notice/src/upload.rs"),
        include_str!("../functions/user/src/lib.rs"),
    ];
    let mut matched = BTreeSet::new();
    for pattern in sources.iter().flat_map(|source| source.split("(\"").skip(1)) {
        let Some((r#type, rest)) = pattern.split_once("\", \"") else { continue };
        let Some((subtypes, _)) = rest.split_once("\", ") else { continue };
        let mut words = [r#type].into_iter().chain(subtypes.split("\" | \""));
        if words.all(|word| word.bytes().all(|byte| byte.is_ascii_lowercase())) {
            matched.extend(subtypes.split("\" | \"").map(|subtype| format!("{type}/{subtype}")));
        }
    }
    assert_eq!(matched.iter().map(String::as_str).collect::<BTreeSet<_>>(), described);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_takes_the_example_that_the_document_gives() {
    let world = world().await;
    let (admin, camera) = admin(&world).await;
    // Those that end what the others need come last.
    let (last, first): (Vec<_>, Vec<_>) = operations().partition(|operation| operation.path.ends_with("/password"));
    for operation in first.into_iter().chain(last) {
        let status = operation.status(&admin, &camera, &[]).await;
        assert!(![-1, -2, -3, -100, -101, -103, -104, -201, -203].contains(&status), "{} {status}", operation.label);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_key_is_refused_as_the_document_says() {
    let world = world().await;
    let (admin, camera) = admin(&world).await;
    for operation in operations() {
        for (key, schema) in operation.keys {
            let mut faults = vec![("missing", None), ("wrong type", Some(json!([""]))), ("empty", Some(Value::Null))];
            if schema["type"] == "string" {
                faults.push(("empty", Some(json!(""))));
            }
            if operation.refusal(key, "malformed").is_some() {
                faults.push(("malformed", Some(malformed(schema))));
            }
            for (fault, value) in faults {
                if let Some(expected) = operation.refusal(key, fault) {
                    let status = operation.status(&admin, &camera, &[(key.as_str(), value)]).await;
                    assert_eq!(status, expected, "{} {key} {fault}", operation.label);
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_several_required_keys_the_worst_fault_decides() {
    let world = world().await;
    let (admin, camera) = admin(&world).await;
    let mut judged = 0;
    for operation in operations() {
        for one in &operation.required {
            for other in operation.required.iter().filter(|other| *other != one) {
                let number = Some(json!(1));
                let status = operation.status(&admin, &camera, &[(*one, number.clone()), (*other, None)]).await;
                assert_eq!(status, -3, "{} {one} {other}", operation.label);
                let status = operation.status(&admin, &camera, &[(*one, Some(json!(""))), (*other, number)]).await;
                assert_eq!(status, -203, "{} {one} {other}", operation.label);
                judged += 1;
            }
        }
    }
    assert!(judged > 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_that_are_not_required_may_be_left_out() {
    let world = world().await;
    let (admin, camera) = admin(&world).await;
    for operation in operations() {
        for key in operation.keys.keys().filter(|key| !operation.required.contains(&key.as_str())) {
            let status = operation.status(&admin, &camera, &[(key.as_str(), None)]).await;
            assert!(![-3, -201, -203].contains(&status), "{} {key} {status}", operation.label);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_a_token_is_wanted_its_absence_is_told_as_the_document_says() {
    let world = World::new().await;
    let mut asked = 0;
    for (method, path, route) in routes() {
        let mut parameters = route["parameters"].as_array().into_iter().flatten();
        if parameters.any(|parameter| parameter["name"] == "token") {
            let reply = if method == "get" { world.get(path).await } else { world.post(path, &json!({})).await };
            reply.fails(-100, "Missing necessary args");
            asked += 1;
        }
    }
    assert_eq!(asked, 9);
}
