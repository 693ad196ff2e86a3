//! `docs/API.md` names what is there, and all of it.

use std::path::Path;

use serde_json::Value;

use crate::support::World;

const PAGE: &str = include_str!("../docs/API.md");

#[test]
fn every_file_that_the_page_names_exists() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let targets: Vec<_> = PAGE.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(it, _)| it).collect();
    assert!(targets.len() > 40);
    for target in targets {
        assert!(docs.join(target).is_file(), "{target}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_of_the_template_is_on_the_page_with_a_file_of_its_function() {
    let world = World::new().await;
    let routes: Vec<Value> = world.get_raw("/_local/routes").await.json().await.unwrap();
    for route in &routes {
        let [method, path, function] = ["method", "path", "function"].map(|key| route[key].as_str().unwrap());
        let (cell, file) = (format!("| `{method} {path}` |"), format!("(../functions/{function}/src/"));
        assert!(PAGE.lines().any(|row| row.contains(&cell) && row.contains(&file)), "{method} {path} {function}");
    }
    let cells = PAGE.lines().filter(|row| row.starts_with('|')).flat_map(|row| row.split('|'));
    let named = cells.filter_map(|cell| cell.trim().trim_matches('`').split_once(" /"));
    for (method, path) in named {
        let is_there = |route: &Value| route["method"] == method && route["path"] == format!("/{path}");
        assert!(routes.iter().any(is_there), "{method} /{path}");
    }
}
